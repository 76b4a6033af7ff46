"""A log file whose folder is moved away, and one that is full."""

import logging
from pathlib import Path

import pytest
from servers import eventually, serve, write

from declweb.serving.log_files import LogFile

SITE = '[site]\nname = "Harbour"\n\n[routes.home]\npath = "/"\ntext = "one"\n[server]\nworkers = 2\n'
LOGGING = '[logging]\naccess = true\naccess_file = "logs/access.log"\nfile = "logs/site.log"\n'


@pytest.mark.parametrize("server", ["granian", "gunicorn"])
def test_a_log_that_cannot_be_written_keeps_nobody_from_a_page(tmp_path: Path, server: str) -> None:
    site = write(tmp_path, site=SITE + LOGGING)
    logs = tmp_path / "logs"
    with serve(site, "--server", server) as running:
        assert running.get("/").status == 200
        logs.rename(tmp_path / "old")
        assert [running.get(f"/away-{number}").status for number in range(4)] == [404] * 4
        eventually(lambda: (logs / "access.log").read_text("utf-8").count("/away-") == 4)
        logs.rename(tmp_path / "older")
        logs.write_text("in the way")
        assert [running.get(path).status for path in ("/", "/lost", "/", "/")] == [200, 404, 200, 200]
        eventually(lambda: "/lost" in running.log)
        assert "access.log cannot be written: " in running.log
        assert "Traceback" not in running.log
        logs.unlink()
        assert [running.get(f"/back-{number}").status for number in range(4)] == [404] * 4
        eventually(lambda: (logs / "access.log").read_text("utf-8").count("/back-") == 4)


def record(message: str) -> logging.LogRecord:
    return logging.LogRecord("test", logging.INFO, __file__, 1, message, None, None)


def test_a_full_disk_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    file = LogFile("/dev/full", encoding="utf-8")
    file.emit(record("one"))
    file.emit(record("two"))
    file.close()
    told, *lines = capsys.readouterr().err.splitlines()
    assert told == "/dev/full cannot be written: no space left on device; its lines now stand here"
    assert lines == ["one", "two"]


def test_a_line_that_cannot_be_made_is_told_as_python_does(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = LogFile(str(tmp_path / "site.log"), encoding="utf-8")
    file.emit(logging.LogRecord("test", logging.INFO, __file__, 1, "%d", ("none",), None))
    file.close()
    assert "Logging error" in capsys.readouterr().err
