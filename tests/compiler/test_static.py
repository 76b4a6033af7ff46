"""Files in memory and on their way there: what is looked at, what goes wrong, and who else may have the address."""

import errno
import logging
import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from cases import running, write

from declweb.app import App
from declweb.files import Folder
from declweb.loading import check_site

SITE = '[site]\nname = "Files"\n'
SECONDS = 0.15
"""After which a file is old enough to be kept in memory."""


def ask(app: App, path: str, method: str = "GET", **environ: str) -> tuple[int, dict[str, str], bytes]:
    said: list[tuple[str, list[tuple[str, str]]]] = []
    given: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost",
        "wsgi.url_scheme": "http",
        **environ,
    }

    def start(status: str, headers: list[tuple[str, str]], _info: object = None) -> Any:
        said.append((status, headers))

    body: Iterable[bytes] = app(given, start)
    content = b"".join(body)
    if hasattr(body, "close"):
        body.close()
    return int(said[0][0][:3]), dict(said[0][1]), content


def site(folder: Path, text: str = "", **files: str) -> App:
    """Return the app of a site whose files are old enough to be kept."""
    names: Mapping[str, str] = {name.replace("__", "/"): content for name, content in files.items()}
    write(
        folder, {"site.toml": SITE + text, "static/a.txt": "one", "static/ü.txt": "ü", "static/100%.txt": "%", **names}
    )
    app = running(folder)
    time.sleep(SECONDS)
    return app


def test_a_file_in_memory_is_answered_by_a_look_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = site(tmp_path)
    first = ask(app, "/static/a.txt")
    assert ask(app, "/static/\xc3\xbc.txt")[0] == 200
    assert ask(app, "/static/100%.txt")[0] == 200
    assert set(app.files) == {"/static/a.txt", "/static/\xc3\xbc.txt"}
    monkeypatch.setattr(Folder, "look_up", lambda *_: pytest.fail("it was looked up"))
    assert ask(app, "/static/a.txt") == first
    assert ask(app, "/static/a.txt", RAW_URI="/static/a.txt?x=1") == first
    assert ask(app, "/static/a.txt", "HEAD") == (200, first[1], b"")
    assert ask(app, "/static/a.txt", HTTP_IF_NONE_MATCH=first[1]["ETag"])[0] == 304


@pytest.mark.parametrize(
    ("method", "environ", "status"),
    [
        ("POST", {}, 405),
        ("OPTIONS", {}, 200),
        ("GET", {"HTTP_RANGE": "bytes=0-0"}, 206),
        ("GET", {"HTTP_IF_MATCH": '"x"'}, 412),
        ("GET", {"HTTP_HOST": "a,b"}, 400),
        ("GET", {"RAW_URI": "/static/%61.txt"}, 308),
        ("GET", {"REQUEST_URI": "http://localhost/static/%61.txt?a"}, 308),
        ("GET", {"RAW_URI": "http://localhost/static/a.txt"}, 200),
        ("GET", {"RAW_URI": "/rewritten/by/a/proxy"}, 200),
        ("GET", {"RAW_URI": "/static/%ff.txt"}, 200),
        ("GET", {"RAW_URI": "/static/a.txt%"}, 400),
        ("GET", {"SCRIPT_NAME": "/below"}, 200),
    ],
)
def test_what_is_more_than_a_look_up(tmp_path: Path, method: str, environ: dict[str, str], status: int) -> None:
    app = site(tmp_path)
    assert ask(app, "/static/a.txt")[0] == 200
    assert "/static/a.txt" in app.files
    assert ask(app, "/static/a.txt", method, **environ)[0] == status


def test_a_file_that_something_may_come_before_is_never_looked_up(tmp_path: Path) -> None:
    app = site(
        tmp_path,
        '[redirects]\n"/static/a.txt" = { to = "/b", force = true, cookie = "beta" }\n'
        '[routes.b]\npath = "/b"\ntext = "B"\n',
    )
    for _ in range(3):
        status, headers, body = ask(app, "/static/a.txt")
        assert (status, body) == (200, b"one")
        assert "Cookie" in headers["Vary"]
        assert ask(app, "/static/a.txt", HTTP_COOKIE="beta=1")[0] == 302
    assert not app.files


def test_an_edit_shows_at_once(tmp_path: Path) -> None:
    app = site(tmp_path)
    file = tmp_path / "static" / "a.txt"
    assert [ask(app, "/static/a.txt")[2] for _ in range(3)] == [b"one"] * 3
    file.write_text("two")
    assert ask(app, "/static/a.txt")[2] == b"two"
    (tmp_path / "elsewhere.txt").write_text("six")
    (tmp_path / "elsewhere.txt").replace(file)
    assert ask(app, "/static/a.txt")[2] == b"six"
    file.unlink()
    assert ask(app, "/static/a.txt")[0] == 404
    file.symlink_to("/etc/passwd")
    assert ask(app, "/static/a.txt")[0] == 404


def test_a_link_that_leads_elsewhere_shows_at_once(tmp_path: Path) -> None:
    app = site(tmp_path, static__old__x="old")
    static = tmp_path / "static"
    (static / "v1.txt").write_text("first")
    (static / "v2.txt").write_text("second")
    time.sleep(SECONDS)
    (static / "now.txt").symlink_to("v1.txt")
    (static / "now").symlink_to("old")
    assert [ask(app, "/static/now.txt")[2], ask(app, "/static/now/x")[2]] * 2 == [b"first", b"old"] * 2
    (static / "new.txt").symlink_to("v2.txt")
    (static / "new.txt").replace(static / "now.txt")
    assert ask(app, "/static/now.txt")[2] == b"second"
    (static / "now.txt").unlink()
    (static / "now").unlink()
    assert [ask(app, "/static/now.txt")[0], ask(app, "/static/now/x")[0]] == [404, 404]
    assert ask(app, "/static/v1.txt")[2] == b"first"


def test_a_compressed_file_that_is_a_link_may_come_to_lead_elsewhere(tmp_path: Path) -> None:
    folder = '[[static]]\npath = "/static"\nfolder = "static"\nprecompressed = true\n'
    app = site(tmp_path, folder, static__first="first", static__second="second")
    static = tmp_path / "static"
    (static / "b.txt").write_text("b" * 1000)
    os.utime(static / "b.txt", (1000, 1000))
    (static / "b.txt.gz").symlink_to("first")
    time.sleep(SECONDS)
    assert [ask(app, "/static/b.txt", HTTP_ACCEPT_ENCODING="gzip")[2] for _ in range(2)] == [b"first"] * 2
    (static / "new").symlink_to("second")
    (static / "new").replace(static / "b.txt.gz")
    assert ask(app, "/static/b.txt", HTTP_ACCEPT_ENCODING="gzip")[2] == b"second"
    (static / "second").write_text("second, changed")
    assert ask(app, "/static/b.txt", HTTP_ACCEPT_ENCODING="gzip")[2] == b"second, changed"


@pytest.mark.parametrize("name", ["static", "pages", "templates"])
def test_a_folder_that_is_a_link_to_outside_is_a_problem(tmp_path: Path, name: str) -> None:
    write(tmp_path, {"site/site.toml": SITE, "outside/a.md": "a"})
    (tmp_path / "site" / name).symlink_to(tmp_path / "outside")
    (problem,) = check_site(tmp_path / "site", {})
    assert problem.code == "outside-folder"
    assert problem.place.file.endswith(f"site/{name}")


@pytest.mark.parametrize("moved", ["public", "public/files"])
def test_a_folder_whose_place_is_taken_by_a_link_is_not_read_any_more(tmp_path: Path, moved: str) -> None:
    folder = '[[static]]\npath = "/files"\nfolder = "public/files"\nlisting = true\n'
    app = site(tmp_path / "site", folder, public__files__b="b", public__files__c="c")
    assert ask(app, "/files/b")[2] == b"b"
    outside = tmp_path / "outside"
    (tmp_path / "site" / moved).rename(outside)
    (tmp_path / "site" / moved).symlink_to(outside)
    assert ask(app, "/files/c")[0] == 404
    assert b">c<" not in ask(app, "/files/")[2]
    app.forget()
    assert ask(app, "/files/b")[0] == 404


def test_a_file_beside_it_counts_as_long_as_it_is_there_and_fresh(tmp_path: Path) -> None:
    folder = '[[static]]\npath = "/static"\nfolder = "static"\nprecompressed = true\n'
    app = site(tmp_path, folder, static__b__txt="")
    plain, packed = tmp_path / "static" / "b.txt", tmp_path / "static" / "b.txt.gz"
    plain.write_text("b" * 1000)
    os.utime(plain, (1000, 1000))
    time.sleep(SECONDS)

    def got() -> tuple[str | None, bytes]:
        _, headers, body = ask(app, "/static/b.txt", HTTP_ACCEPT_ENCODING="gzip")
        return headers.get("Content-Encoding"), body

    made = got()
    assert made == got()
    packed.write_bytes(b"packed")
    time.sleep(SECONDS)
    assert [got(), got()] == [("gzip", b"packed")] * 2
    packed.write_bytes(b"packed anew")
    assert got() == ("gzip", b"packed anew")
    os.utime(packed, (999, 999))
    assert got() == made
    packed.unlink()
    assert got() == made


def test_a_large_file_beside_it_is_sent_as_it_is_read(tmp_path: Path) -> None:
    folder = '[[static]]\npath = "/static"\nfolder = "static"\nprecompressed = true\n'
    app = site(tmp_path, folder)
    (tmp_path / "static" / "b.csv").write_bytes(b"x" * 5_000_000)
    (tmp_path / "static" / "b.csv.br").write_bytes(b"packed")
    _, headers, body = ask(app, "/static/b.csv", HTTP_ACCEPT_ENCODING="br")
    assert (headers["Content-Encoding"], headers["Vary"], body) == ("br", "Accept-Encoding", b"packed")
    _, plain, body = ask(app, "/static/b.csv")
    assert ("Content-Encoding" in plain, plain["Vary"], len(body)) == (False, "Accept-Encoding", 5_000_000)
    assert plain["ETag"] != headers["ETag"]
    pinned = ask(app, "/static/b.csv", QUERY_STRING=f"v={plain['ETag'].strip(chr(34))}")[1]
    assert pinned["Cache-Control"] == "public, max-age=31536000, immutable"
    assert ask(app, "/static/b.csv", QUERY_STRING="v=1")[1]["Cache-Control"] == "no-cache"
    os.utime(tmp_path / "static" / "b.csv.br", (1, 1))
    assert "Content-Encoding" not in ask(app, "/static/b.csv", HTTP_ACCEPT_ENCODING="br")[1]


@pytest.mark.parametrize(
    ("code", "status", "level"),
    [
        (errno.ENOENT, 404, logging.WARNING),
        (errno.EACCES, 404, logging.WARNING),
        (errno.ESTALE, 404, logging.WARNING),
        (errno.EMFILE, 503, logging.ERROR),
        (errno.ENFILE, 503, logging.ERROR),
        (errno.EIO, 503, logging.ERROR),
    ],
)
def test_a_file_that_cannot_be_opened(  # noqa: PLR0913 # three columns of a table, and what they need
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    code: int,
    status: int,
    level: int,
) -> None:
    app = site(tmp_path)

    def fail(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(Folder, "open", fail)
    assert ask(app, "/static/a.txt")[0] == status
    assert [(record.levelno, record.exc_info) for record in caplog.records] == [(level, None)]
    assert os.strerror(code) in caplog.text


def test_descriptors_that_have_run_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = site(tmp_path)

    def fail(*_: object, **__: object) -> int:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", fail)
        assert ask(app, "/static/a.txt")[0] == 503
    assert ask(app, "/static/a.txt")[0] == 200


def test_a_listing_of_very_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("declweb.compiler.folder_listing.MOST", 2)
    app = site(tmp_path, '[[static]]\npath = "/files"\nfolder = "files"\nlisting = true\n', files__x__txt="")
    for number, size in enumerate((0, 999, 1500, 25_000_000)):
        (tmp_path / "files" / f"{number}.bin").write_bytes(b"")
        os.truncate(tmp_path / "files" / f"{number}.bin", size)
    os.utime(tmp_path / "files" / "0.bin", (-1, -(10**12)))
    (tmp_path / "files" / "pipe").symlink_to("/dev/null")
    (tmp_path / "empty").mkdir()
    (tmp_path / "files" / "sub").symlink_to(tmp_path / "empty")
    text = ask(app, "/files/")[2].decode()
    assert text.count("<tr>") == 3
    assert "There are more" in text
    names = ask(app, "/files/", HTTP_ACCEPT="application/json")[2].decode()
    assert "pipe" not in names
    assert "sub" not in names
    (tmp_path / "files" / "new").mkdir()
    assert "This folder is empty." in ask(app, "/files/new/")[2].decode()


def test_an_asset_that_is_gone_or_cannot_be_read_prints_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    app = site(tmp_path, """[routes.any]\npath = "/<name>"\nhtml = '[{{ "a.txt"|asset }}]'\n""")
    assert ask(app, "/x")[2].startswith(b"[/static/a.txt?v=")
    (tmp_path / "static" / "a.txt").write_text("other")

    def fail(*_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    with monkeypatch.context() as patch:
        patch.setattr(Folder, "open", fail)
        assert ask(app, "/x")[2] == b"[]"
    (tmp_path / "static" / "a.txt").unlink()
    assert ask(app, "/x")[2] == b"[]"
    assert caplog.text.count("there is no file `a.txt`") == 2


def test_a_prefix_without_its_slash_is_one_redirect_away(tmp_path: Path) -> None:
    app = site(tmp_path, '[server]\nprefix = "/shop"\n[[static]]\npath = "/"\nfolder = "static"\nlisting = true\n')
    for environ in ({"PATH_INFO": "/shop"}, {"SCRIPT_NAME": "/shop", "PATH_INFO": ""}):
        status, headers, _ = ask(app, "/shop", **environ)
        assert (status, headers["Location"]) == (308, "/shop/")
    assert ask(app, "/shop/")[0] == 200


def test_a_file_that_comes_before_another_takes_its_address_at_once(tmp_path: Path) -> None:
    mounts = '[[static]]\npath = "/deep"\nfolder = "deep"\n[[static]]\npath = "/"\nfolder = "root"\n'
    app = site(tmp_path, mounts, root__x="", deep__other="x", root__deep__file="from root")
    root = tmp_path / "root"
    (root / "claim.html").write_text("page")
    time.sleep(SECONDS)
    assert [ask(app, "/claim")[2] for _ in range(3)] == [b"page"] * 3
    assert "/claim" in app.files
    (root / "claim").write_text("file")
    assert ask(app, "/claim")[2] == b"file"
    assert ask(app, "/claim.html")[2] == b"page"
    time.sleep(SECONDS)
    assert [ask(app, "/claim.html")[2] for _ in range(2)] == [b"page"] * 2
    (root / "claim").unlink()
    assert [ask(app, path)[0] for path in ("/claim.html", "/claim")] == [308, 200]
    assert [ask(app, "/deep/file")[2] for _ in range(2)] == [b"from root"] * 2
    (tmp_path / "deep" / "file").write_text("from deep")
    assert ask(app, "/deep/file")[2] == b"from deep"
