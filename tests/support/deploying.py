"""Sites deployed as examples/deploy shows it: what its units say is what is started, in folders of a test's own.

Owns how a unit of systemd is read, and which of its words are others here: the folders, the ports, and the user.
"""

import http.client
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType

from outside import found, installed
from servers import DEADLINE, Answer, Running, eventually, free_port

FOLDER = Path(__file__).parents[2] / "examples" / "deploy"
SITE, ENVIRONMENT = "/srv/site", "/srv/venv/bin"
"""Where the units say that the site is, and the programs of its virtual environment."""

NOT_ROOT = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
"""Before a server that will not answer as root: the same user, who goes by another number."""


class Unit:
    """A unit of systemd, for a site in another folder."""

    def __init__(self, file: Path, folder: Path) -> None:
        self._said: dict[str, list[str]] = {}
        for line in filter(lambda line: "=" in line, file.read_text("utf-8").splitlines()):
            name, _, value = line.partition("=")
            here = value.replace(ENVIRONMENT, str(Path(sys.executable).parent)).replace(SITE, str(folder))
            self._said.setdefault(name, []).append(here)
        assert self._said["WorkingDirectory"] == [str(folder)]

    def variables(self) -> dict[str, str]:
        """Return what it puts into the environment."""
        return {name: value for name, _, value in (line.partition("=") for line in self._said["Environment"])}

    def commands(self, key: str, variables: Mapping[str, str]) -> list[list[str]]:
        """Return the commands that it has under a key, with the values of the variables in them."""
        return [
            [re.sub(r"\$\{?(\w+)\}?", lambda match: variables[match[1]], word) for word in shlex.split(line)]
            for line in self._said.get(key, ())
        ]


class Listening(Running):
    """A server that answers for the site in a folder, at a port that it was told."""

    def __init__(self, site: Path, folder: Path, port: int, *command: str | Path, variables: Mapping[str, str]) -> None:
        self.site = site
        self._port = port
        # Coverage is measured where servers are declweb's own: in Apache it keeps threads from their work.
        super().__init__(*command, variables=variables, cwd=folder, is_measured=False)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _kill_all(self)
        super().__exit__(kind, error, trace)

    @property
    def port(self) -> int:
        return self._port


class Deployed(Listening):
    """A site on a server, as one of the examples has it."""

    def __init__(self, name: str, folder: Path, *, variables: Mapping[str, str] | None = None) -> None:
        self.unit, port = Unit(FOLDER / name / "declweb.service", folder), free_port()
        said = {**self.unit.variables(), "PORT": str(port), **(variables or {})}
        if name == "mod_wsgi":
            installed("mod_wsgi-express")
        for command in self.unit.commands("ExecStartPre", said):
            subprocess.run(command, cwd=folder, check=True, timeout=DEADLINE)
        (command,) = self.unit.commands("ExecStart", said)
        if name == "mod_wsgi":
            command = [*_other_than_root(), found("apache2"), *command[1:]]
        super().__init__(folder, folder, port, *command, variables=said)

    def reload(self) -> None:
        """Do what `systemctl reload` does."""
        (command,) = self.unit.commands("ExecReload", {"MAINPID": str(self.process.pid)})
        subprocess.run(command, check=True, timeout=DEADLINE)


def copied(name: str, folder: Path) -> Path:
    """Return a folder with the site and what an example adds to it."""
    for part in ("site", name):
        shutil.copytree(FOLDER / part, folder, dirs_exist_ok=True)
    return folder


@contextmanager
def deployed(name: str, folder: Path, *, variables: Mapping[str, str] | None = None) -> Iterator[Deployed]:
    """Run the site of a folder, or of a copy of an example's, until the context ends."""
    with Deployed(name, folder if folder.exists() else copied(name, folder), variables=variables) as server:
        eventually(lambda: _answers(server))
        if name == "granian":  # its processes know no signal before they say that they have started
            eventually(lambda: server.log.count("Started worker-") == 2)
        yield server


def _answers(server: Running) -> bool:
    assert server.process.poll() is None, server.log
    return server.answers() is not None


def _kill_all(server: Running) -> None:
    """End what is left of a server: not every one's workers end with their parent."""
    with suppress(ProcessLookupError):
        os.killpg(server.process.pid, signal.SIGKILL)


def _other_than_root() -> tuple[str, ...]:
    return NOT_ROOT if os.getuid() == 0 else ()


TLS = Path(__file__).parents[1] / "serving" / "tls"
"""A certificate, and its key."""


class Front(Listening):
    """nginx or Apache in front of a deployed site."""

    def __init__(self, name: str, folder: Path, behind: Deployed) -> None:
        port, self.secure_port = free_port(), free_port()
        shutil.copytree(FOLDER / name, folder)
        command = _nginx(folder, port, self.secure_port, behind.port) if name == "nginx" else _apache(folder)
        ports = {"HTTP": f"127.0.0.1:{port}", "HTTPS": f"127.0.0.1:{self.secure_port}"}
        said = {**ports, "UPSTREAM": f"127.0.0.1:{behind.port}", "TLS": str(TLS)}
        super().__init__(behind.site, folder, port, *command, variables=said)


def _nginx(folder: Path, port: int, secure_port: int, behind: int) -> list[str | Path]:
    """Write the two files that say where nginx listens and what is behind it; return the command."""
    (folder / "listen.conf").write_text(
        f"listen 127.0.0.1:{port};\nlisten 127.0.0.1:{secure_port} ssl;\n"
        f"ssl_certificate {TLS}/certificate.pem;\nssl_certificate_key {TLS}/key.pem;\n"
    )
    (folder / "upstream.conf").write_text(f"server 127.0.0.1:{behind};\n")
    user = ("-g", "user root;") if os.getuid() == 0 else ()  # else its workers may not enter the folder
    return [found("nginx"), "-p", folder, "-c", "nginx.conf", "-e", "stderr", *user]


def _apache(folder: Path) -> list[str | Path]:
    return [found("apache2"), "-d", folder, "-f", "httpd.conf", "-DFOREGROUND"]


@contextmanager
def in_front(name: str, folder: Path, behind: Deployed) -> Iterator[Front]:
    """Run nginx or Apache in front of a deployed site until the context ends."""
    with Front(name, folder, behind) as front:
        eventually(lambda: _answers(front))
        yield front


def proxies(name: str) -> dict[str, str]:
    """Return what the unit of a site behind a proxy adds to its environment."""
    text = (FOLDER / name / "declweb.service.d" / "proxies.conf").read_text("utf-8")
    return dict(re.findall(r"^Environment=(\w+)=(.*)$", text, re.MULTILINE))


def ask(server: Listening, method: str, path: str, body: object = None, **headers: str) -> Answer:
    """Return the answer to one request; a body that is iterable is sent in chunks."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=DEADLINE)
    try:
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, fields)  # type: ignore[arg-type] # what it takes is more than it says
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        connection.close()
