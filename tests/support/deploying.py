"""Sites deployed as examples/deploy shows it: what its units say is what is started, in folders of a test's own.

Owns how a unit of systemd is read, and which of its words are others here: the folders, the ports, and the user.
"""

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

from beside import free_port
from outside import found, installed
from servers import DEADLINE, Running, eventually

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


class Deployed(Running):
    """A site on a server, as one of the examples has it."""

    def __init__(self, name: str, folder: Path, *, variables: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.unit = Unit(FOLDER / name / "declweb.service", folder)
        self._port = free_port()
        said = {**self.unit.variables(), "PORT": str(self._port), **(variables or {})}
        if name == "mod_wsgi":
            installed("mod_wsgi-express")
        for command in self.unit.commands("ExecStartPre", said):
            subprocess.run(command, cwd=folder, check=True, timeout=DEADLINE)
        (command,) = self.unit.commands("ExecStart", said)
        if name == "mod_wsgi":
            command = [*_other_than_root(), found("apache2"), *command[1:]]
        super().__init__(*command, variables=said, cwd=folder)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)  # not every server's workers end with their parent
        super().__exit__(kind, error, trace)

    @property
    def port(self) -> int:
        return self._port

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
        yield server


def _answers(server: Deployed) -> bool:
    assert server.process.poll() is None, server.log
    return server.answers() is not None


def _other_than_root() -> tuple[str, ...]:
    return NOT_ROOT if os.getuid() == 0 else ()
