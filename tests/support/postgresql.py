"""A PostgreSQL server of the tests' own: made in a temporary folder, on a loopback port, gone afterwards.

Debian's package `postgresql` brings the programs. They refuse to run as root; then the package's own user runs them.
"""

import os
import pwd
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from outside import found
from servers import free_port

HOST = "127.0.0.1"
USER = "postgres"
DEADLINE = 60.0


def programs() -> Path:
    """Return the folder with PostgreSQL's programs, those of the latest version."""
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return packaged[-1].parent if packaged else Path(found("initdb")).parent


@contextmanager
def postgresql() -> Iterator[str]:
    """Start a server; yield the URL of its database."""
    bin_folder = programs()
    with tempfile.TemporaryDirectory(prefix="declweb-postgresql-") as temporary:
        folder = Path(temporary)
        shared = {"cwd": folder, "stdin": subprocess.DEVNULL, "env": {"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]}}
        if os.geteuid() == 0:
            user = pwd.getpwnam(USER)
            os.chown(folder, user.pw_uid, user.pw_gid)
            shared |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        data = folder / "data"
        arguments = ("--auth=trust", f"--username={USER}", "--encoding=UTF8", "--no-sync", "-D", str(data))
        made = subprocess.run(  # type: ignore[call-overload] # the options are chosen at run time
            (bin_folder / "initdb", *arguments), capture_output=True, text=True, check=False, **shared
        )
        assert made.returncode == 0, made.stderr
        port = free_port()
        settings = (f"listen_addresses={HOST}", f"port={port}", f"unix_socket_directories={folder}", "fsync=off")
        command = [bin_folder / "postgres", "-D", data, *(word for one in settings for word in ("-c", one))]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(command, stdout=log, stderr=log, **shared)  # type: ignore[call-overload] # the options are chosen at run time
        try:
            _wait(port, server, folder / "log")
            yield f"postgresql://{USER}@{HOST}:{port}/postgres"
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _wait(port: int, server: "subprocess.Popen[bytes]", log: Path) -> None:
    import psycopg  # noqa: PLC0415 # for those who test with it

    end = time.monotonic() + DEADLINE
    while True:
        assert server.poll() is None, log.read_text()
        try:
            psycopg.connect(host=HOST, port=port, user=USER, dbname="postgres", connect_timeout=2).close()
        except psycopg.OperationalError:
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.02)
        else:
            return


def fresh_database(url: str, name: str) -> str:
    """Make an empty database on a server; return its URL."""
    import psycopg  # noqa: PLC0415 # as above

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return url.rsplit("/", 1)[0] + f"/{name}"
