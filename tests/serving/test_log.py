"""What a running site writes to its log, and how it answers over TLS."""

import json
import logging
import re
import ssl
import subprocess
import sys
import urllib.request
from pathlib import Path
from urllib.parse import quote

import pytest
from servers import COMMAND, eventually, serve, write
from werkzeug.test import Client

from declweb import load
from declweb.serving.logs import AccessLog, CombinedFormatter, JsonFormatter, TextFormatter

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


def test_requests_are_logged_as_apache_does(tmp_path: Path) -> None:
    logging_ = '[logging]\naccess = true\naccess_format = "combined"\naccess_file = "logs/access.log"\n'
    site = write(tmp_path, site=SITE + logging_ + "[server]\nworkers = 1\n")
    log = tmp_path / "logs" / "access.log"
    with serve(site) as running:
        running.get("/?a=1", User_Agent='a "test"', Referer="https://example.org/")
        running.get("/missing")
        eventually(lambda: log.read_text("utf-8").count("\n") == 2)
        assert "GET" not in running.log
    first, second = log.read_text("utf-8").splitlines()
    moment = r"\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000\]"
    ends = re.escape(r'"https://example.org/" "a \x22test\x22"')
    assert re.fullmatch(rf'127\.0\.0\.1 - - {moment} "GET /\?a=1 HTTP/1\.1" 200 3 {ends}', first)
    assert re.fullmatch(rf'127\.0\.0\.1 - - {moment} "GET /missing HTTP/1\.1" 404 \d+ "-" ".*"', second)


SMUGGLED = '/x HTTP/1.1 200 5"\\\x1b[2J\x9b\u202e\n127.0.0.1'


def told(path: str, formatter: logging.Formatter, caplog: pytest.LogCaptureFixture) -> str:
    def answer(environ: object, start_response: object) -> list[bytes]:
        start_response("200 OK", [])  # type: ignore[operator] # it is what WSGI gives
        return []

    with caplog.at_level(logging.INFO, "declweb.access"):
        Client(AccessLog(answer)).get(path, headers={"User-Agent": 'b"\\ \x9b2J'})
    return formatter.format(caplog.records[-1])


def test_a_path_cannot_pass_for_another_line_or_request(caplog: pytest.LogCaptureFixture) -> None:
    path = quote(SMUGGLED)
    combined = told(path, CombinedFormatter(), caplog)
    assert combined.isprintable()
    assert '"GET /x%20HTTP/1.1%20200%205\\x22\\x5c\\x1b[2J\\x9b\\x202e\\x0a127.0.0.1 HTTP/1.1" 200' in combined
    assert combined.endswith('"b\\x22\\x5c \\x9b2J"')
    line = told(path, JsonFormatter(), caplog)
    assert line.isprintable()
    assert json.loads(line)["path"] == SMUGGLED
    assert json.loads(line)["agent"] == 'b"\\ \x9b2J'
    assert told(path, TextFormatter(), caplog).isprintable()


def test_nobody_else_begins_a_line_for_people() -> None:
    form = TextFormatter().format
    forged = "from a visitor\n2026-01-01 00:00:00 error: forged\r\x1b[2J\x9b\u202e end"
    first, second = form(record(forged)).split("\n")
    assert first.endswith("from a visitor")
    assert second == "  2026-01-01 00:00:00 error: forged\\x0d\\x1b[2J\\x9b\\x202e end"
    lines = form(record("oh", logging.ERROR, exception=True)).splitlines()
    assert all(line.startswith("  ") for line in lines[1:])


def test_the_path_of_what_failed_is_one_word(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    site = write(
        tmp_path,
        site=SITE + '[hooks]\nmodule = "fails"\n[routes.fails]\npath = "/<path:rest>"\nhandler = "fails"\n',
        fails_py="def fails(rest):\n    raise ValueError\n",
    )
    assert Client(load(site, reload=False)).get("/a%20b%0D%1Bforged").status_code == 500
    assert caplog.messages[-1].startswith("GET /a\\x20b\\x0d\\x1bforged failed (site.toml:")


def test_the_access_log_alone_is_written_in_programs_of_others(tmp_path: Path) -> None:
    site = write(tmp_path, site=SITE + "[logging]\naccess = true\n")
    code = (
        "import logging, sys, declweb; from werkzeug.test import Client\n"
        "site = declweb.load(sys.argv[1], reload=False)\n"
        "Client(site).get('/?a=1')\n"
        "assert not logging.getLogger('declweb').handlers\n"
    )
    done = subprocess.run([sys.executable, "-c", code, site], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r".* GET /\?a=1 200 .* ms\n", done.stderr)


def test_a_log_file_that_is_renamed_is_opened_anew(tmp_path: Path) -> None:
    site = write(tmp_path, site=SITE + '[logging]\naccess = true\nfile = "logs/site.log"\n[server]\nworkers = 2\n')
    log, old = tmp_path / "logs" / "site.log", tmp_path / "logs" / "site.log.1"
    with serve(site) as running:
        running.get("/before")
        eventually(lambda: "/before" in log.read_text("utf-8"))
        log.rename(old)
        running.get("/after")
        eventually(lambda: log.exists() and "/after" in log.read_text("utf-8"))
        assert "/after" not in old.read_text("utf-8")
        assert "is live" not in old.read_text("utf-8") + log.read_text("utf-8") + running.log


def test_a_log_that_cannot_be_written_is_told_at_the_start(tmp_path: Path) -> None:
    site = write(tmp_path, site=SITE + '[logging]\nfile = "logs/site.log"\n', logs="")
    assert (tmp_path / "logs").is_file()
    done = subprocess.run([COMMAND, "serve", site], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "[logging] file: `logs/site.log` cannot be written: " in done.stderr


def test_what_fails_is_logged_by_the_name_that_the_visitor_sees(tmp_path: Path) -> None:
    table = '[hooks]\nmodule = "hooks"\n[routes.fail]\npath = "/fail"\nhandler = "fail"\n'
    code = (
        "from declweb import current_app\ndef fail():\n"
        "    current_app.logger.warning('so far')\n    raise KeyError('x')\n"
    )
    site = write(tmp_path, site=SITE + table + '[logging]\naccess = true\nformat = "json"\n', hooks_py=code)
    with serve(site) as running:
        answer = running.get("/fail", Accept="application/json")
        eventually(lambda: running.log.count("\n{") >= 3 or running.log.count('"level"') == 3)
        lines = [json.loads(line) for line in running.log.splitlines() if line.startswith("{")]
    name = json.loads(answer.text)["request_id"]
    assert {line["request_id"] for line in lines} == {name}
    failed = next(line for line in lines if line["level"] == "error")
    assert failed["place"] == "site.toml:9"
    assert 'hooks.py", line 4' in failed["exception"]
    assert next(line for line in lines if line["level"] == "warning")["message"] == "so far"


def test_programs_of_others_write_the_log_that_is_declared(tmp_path: Path) -> None:
    site = write(tmp_path, site=SITE + '[logging]\naccess = true\nfile = "site.log"\nlevel = "warning"\n')
    code = (
        "import logging, sys, declweb; from werkzeug.test import Client\n"
        "site = declweb.load(sys.argv[1], reload=False)\n"
        "Client(site).get('/?a=1')\n"
        "logging.getLogger('declweb.hooks').warning('hm'); logging.getLogger('declweb.hooks').info('not this')\n"
    )
    done = subprocess.run([sys.executable, "-c", code, site], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    lines = (tmp_path / "site.log").read_text("utf-8").splitlines()
    assert re.fullmatch(r".* GET /\?a=1 200 .* ms", lines[0])
    assert lines[1].endswith(" warning: hm")
    assert len(lines) == 2


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
