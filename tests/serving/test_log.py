"""What a running site writes to its log, and how it answers over TLS."""

import json
import logging
import re
import ssl
import urllib.request
from pathlib import Path

import pytest
from servers import eventually, serve, write
from werkzeug.test import Client

from declweb.serving.logs import AccessLog, JsonFormatter, TextFormatter

SITE = '[site]\nname = "Harbour"\n\n[routes.home]\npath = "/"\ntext = "one"\n'
TLS = Path(__file__).with_name("tls")


@pytest.mark.parametrize("server", ["granian", "gunicorn"])
def test_requests_are_logged_for_people(tmp_path: Path, server: str) -> None:
    site = write(tmp_path, site=SITE + "[logging]\naccess = true\n[server]\nworkers = 1\n")
    with serve(site, "--server", server) as running:
        running.get("/?a=1")
        running.get("/b%C3%A4r%0A")
        eventually(lambda: running.log.count("127.0.0.1 GET") == 2)
        lines = running.log.splitlines()[-2:]
    assert re.fullmatch(r"[\d-]{10} [\d:]{8} 127\.0\.0\.1 GET /\?a=1 200 \d+\.\d\d ms", lines[0])
    assert re.fullmatch(r".* 127\.0\.0\.1 GET /bär\\x0a 40\d \d+\.\d\d ms", lines[1])


def test_requests_are_logged_for_programs(tmp_path: Path) -> None:
    site = write(tmp_path, site=SITE + '[logging]\naccess = true\nformat = "json"\nlevel = "error"\n')
    with serve(site) as running:
        running.get("/?a=1", User_Agent="test")
        line = json.loads(eventually(lambda: running.log.rpartition("Ctrl-C stops it\n")[2]).splitlines()[0])
    assert line["time"].endswith("+00:00")
    expected = {"level": "info", "method": "GET", "path": "/", "query": "a=1", "status": 200, "agent": "test"}
    assert line.items() >= expected.items()
    assert line["milliseconds"] < 20_000


def test_servers_are_quiet(tmp_path: Path) -> None:
    with serve(write(tmp_path, site=SITE)) as running:
        running.get("/")
        assert running.stop() == 0
        said = running.log.partition("  Ctrl-C stops it\n")[2].lower()
    assert "granian" not in said
    assert "worker" not in said


def record(message: str, level: int = logging.INFO, exception: bool = False) -> logging.LogRecord:
    error = ValueError("no")
    info = (ValueError, error, None) if exception else None
    return logging.LogRecord("declweb", level, "", 1, message, (), info)


def test_a_line_for_people_names_what_is_unusual() -> None:
    form = TextFormatter().format
    assert form(record("all is well")).endswith(":" + form(record("all is well"))[-14:])
    assert form(record("hm", logging.WARNING)).endswith(" warning: hm")
    assert "ValueError: no" in form(record("oh", logging.ERROR, exception=True))


def test_a_line_for_programs_has_its_exception() -> None:
    line = json.loads(JsonFormatter().format(record("oh\nno", logging.ERROR, exception=True)))
    assert (line["level"], line["message"], line["logger"]) == ("error", "oh\nno", "declweb")
    assert "ValueError: no" in line["exception"]
    assert "exception" not in json.loads(JsonFormatter().format(record("well")))


def test_a_request_that_fails_is_logged_too(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    def failing(environ: object, start_response: object) -> list[bytes]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Client(AccessLog(failing)).get("/")
    assert " GET / 500 " in caplog.text


def test_the_error_of_an_answer_is_passed_on() -> None:
    seen = []

    def application(environ: object, start_response: object) -> list[bytes]:
        start_response("500 No", [], (ValueError, ValueError(), None))  # type: ignore[operator] # what a server gives, and a test need not declare
        return []

    def start_response(*arguments: object) -> None:
        seen.append(arguments)

    AccessLog(application)({"REQUEST_METHOD": "GET"}, start_response)  # type: ignore[arg-type] # as above
    assert len(seen[0]) == 3


@pytest.mark.parametrize("server", ["granian", "gunicorn"])
def test_https(tmp_path: Path, server: str) -> None:
    for name in ("certificate.pem", "key.pem"):
        (tmp_path / name).write_bytes((TLS / name).read_bytes())
    site = write(tmp_path, site=SITE + '[server]\ntls_certificate = "certificate.pem"\ntls_key = "key.pem"\n')
    trusting = ssl.create_default_context(cafile=str(TLS / "certificate.pem"))
    with serve(site, "--server", server) as running:
        assert running.url.startswith("https://127.0.0.1:")
        with urllib.request.urlopen(running.url, context=trusting, timeout=20) as answer:
            assert answer.read() == b"one"
        assert running.stop() == 0
