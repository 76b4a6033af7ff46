"""What keeps a site from being served: a clear sentence, and exit code 2."""

import errno
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers import run, write

from declweb.serving import CannotStart
from declweb.serving.addresses import listen, url
from declweb.serving.serve import SERVERS, _prepared
from declweb.serving.settings import Settings

SITE = '[site]\nname = "Harbour"\n\n[routes.home]\npath = "/"\ntext = "one"\n'


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return write(tmp_path / "site", site=SITE)


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def refused(*arguments: str | Path) -> str:
    result = run("serve", *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    return result.stderr


def test_a_taken_port(site: Path, taken: int) -> None:
    said = refused(site, "--port", str(taken))
    assert said.startswith(f"error: port {taken} is taken by another program; choose another one: --port ")
    assert taken < int(said.split()[-1]) < taken + 50


def test_a_host_that_is_elsewhere(site: Path) -> None:
    said = refused(site, "--host", "192.0.2.1")
    assert said == (
        "error: `192.0.2.1` is no address of this machine; "
        "--host 127.0.0.1 is this machine alone, --host 0.0.0.0 all its addresses\n"
    )


@pytest.mark.parametrize("host", ["no host", "nowhere.invalid", "a" * 300])
def test_a_host_that_is_none(host: str) -> None:
    with pytest.raises(CannotStart, match=r"^there is no host `"):
        listen(host, 0, 1)


def failing(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def bind(_socket: socket.socket, _address: object) -> None:
        raise OSError(number, "Told so")

    monkeypatch.setattr(socket, "socket", type("Socket", (socket.socket,), {"bind": bind}))


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM])
def test_a_port_that_needs_rights(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    failing(monkeypatch, number)
    with pytest.raises(CannotStart, match=r"^port 80 needs rights that you do not have; choose one from 1024 on"):
        listen("127.0.0.1", 80, 1)


def test_what_nobody_thought_of(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, errno.ENOBUFS)
    with pytest.raises(CannotStart, match=r"^it cannot listen at 127.0.0.1, port 80: Told so$"):
        listen("127.0.0.1", 80, 1)


def test_no_port_is_proposed_where_none_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, errno.EADDRINUSE)
    with pytest.raises(CannotStart, match=r"--port 0$"):
        listen("127.0.0.1", 80, 1)


def test_each_process_has_a_queue_of_its_own_at_the_same_port() -> None:
    for host in ("127.0.0.1", "::1"):
        listeners = listen(host, 0, 3)
        assert len({listener.getsockname()[1] for listener in listeners}) == 1
        with pytest.raises(CannotStart, match="is taken by another program"):
            listen(host, listeners[0].getsockname()[1], 3)
        for listener in listeners:
            listener.close()


@pytest.mark.parametrize(
    ("host", "port", "prefix", "shown"),
    [
        ("127.0.0.1", 8000, "", "http://127.0.0.1:8000/"),
        ("0.0.0.0", 80, "", "http://127.0.0.1/"),
        ("::", 443, "/shop", "https://127.0.0.1/shop/"),
        ("::1", 8000, "", "http://[::1]:8000/"),
        ("localhost", 8000, "", "http://localhost:8000/"),
    ],
)
def test_the_address_can_be_clicked(host: str, port: int, prefix: str, shown: str) -> None:
    assert url(host, port, is_secure=shown.startswith("https"), prefix=prefix) == shown


def test_a_missing_file_and_folder(tmp_path: Path) -> None:
    assert f"there is no file or folder {tmp_path}/nothing" in refused(tmp_path / "nothing")
    assert f"there is no site.toml in the folder {tmp_path}" in refused(tmp_path)


def test_a_broken_site(tmp_path: Path) -> None:
    site = write(tmp_path, site=SITE.replace("text", "txet"))
    said = refused(site)
    assert "site.toml:6:1: error[unknown-key]" in said
    assert said.endswith("site.toml; it cannot be served\n")


def test_an_unknown_environment(site: Path) -> None:
    write(site, site=SITE + '[env.staging.site]\nname = "Stage"\n')
    said = refused(site, "--env", "stagin")
    assert "there is no environment `stagin`" in said
    assert "help: did you mean `staging`?" in said


def test_a_certificate_that_is_none(site: Path) -> None:
    write(site, site=SITE + '[server]\ntls_certificate = "a.pem"\ntls_key = "b.pem"\n', a_pem="not", b_pem="one")
    assert "[server] `a.pem` and `b.pem` are no certificate and its key (PEM, without a password)" in refused(site)


def test_a_server_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if "gunicorn" in name]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "gunicorn", None)
    with pytest.raises(CannotStart, match=r"^gunicorn is not installed; add it: pip install gunicorn$"):
        _prepared("gunicorn", Settings(1, 1.0, 1, 1), {})
    monkeypatch.setitem(SERVERS, "gunicorn", "declweb.serving.on_nothing")
    with pytest.raises(ModuleNotFoundError, match="on_nothing"):
        _prepared("gunicorn", Settings(1, 1.0, 1, 1), {})
