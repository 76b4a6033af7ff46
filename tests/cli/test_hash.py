"""`declweb hash`: a password becomes what may stand in a site file."""

import os
import pty
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from servers import COMMAND, eventually

from declweb.cli import main
from declweb.http.passwords import is_right
from declweb.model.users import Scrypt


def made(text: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["hash"], input=text)
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
@pytest.mark.parametrize("password", ["correct horse battery", "Größe ist nicht alles", " spaces count "])
def test_what_comes_by_standard_input(password: str, ending: str) -> None:
    code, out, errors = made(password + ending)
    assert (code, errors) == (0, "")
    (line,) = out.splitlines()
    found = Scrypt.find(line)
    assert found is not None
    assert (found.n, found.r, found.p) == (32768, 8, 1)
    assert is_right(password, found)
    assert not is_right(password + "x", found)


def test_werkzeug_reads_it() -> None:
    from werkzeug.security import check_password_hash, generate_password_hash  # noqa: PLC0415 # for comparison

    assert check_password_hash(made("correct horse battery")[1].strip(), "correct horse battery")
    theirs = Scrypt.find(generate_password_hash("correct horse battery"))
    assert theirs is not None
    assert is_right("correct horse battery", theirs)


def test_an_accent_is_one_however_it_is_put_together() -> None:
    found = Scrypt.find(made("caf\u00e9 au lait, s'il vous pla\u00eet")[1].strip())
    assert found is not None
    assert is_right("cafe\u0301 au lait, s'il vous plai\u0302t", found)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty password"),
        ("\n", "empty password"),
        ("   \n", "empty password"),
        ("one\ntwo\n", "one line"),
        ("a\0b", "one line"),
        ("x" * 1001, "no password has more than 1,000"),
    ],
)
def test_what_is_no_password(text: str, words: str) -> None:
    code, out, errors = made(text)
    assert (code, out) == (2, "")
    assert words in errors
    assert not text.strip() or text not in errors


def test_a_short_one_is_warned_of_beside_the_hash() -> None:
    code, out, errors = made("geheim")
    assert code == 0
    assert len(out.splitlines()) == 1
    assert "warning: a password of fewer than 12 characters can be guessed" in errors
    assert "geheim" not in errors + out


def test_no_utf8(tmp_path: Path) -> None:
    done = subprocess.run([COMMAND, "hash"], input=b"\xff\xfe", capture_output=True, check=False)
    assert done.returncode == 2
    assert b"not UTF-8" in done.stderr


@pytest.mark.parametrize(
    ("typed", "again", "code"),
    [
        ("correct horse battery", "correct horse battery", 0),
        ("correct horse battery", "another horse battery", 2),
        ("correct\thorse battery", "correct\thorse battery", 2),
    ],
)
def test_at_a_terminal_it_is_asked_for_twice_and_not_shown(typed: str, again: str, code: int) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [COMMAND, "hash"], stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, start_new_session=True
    ) as process:
        os.close(theirs)
        shown = b""
        for prompt, line in ((b"Password: ", typed), (b"The same again: ", again)):

            def look(prompt: bytes = prompt) -> bool:
                nonlocal shown
                shown += os.read(ours, 1000)
                return prompt in shown

            eventually(look)
            os.write(ours, f"{line}\n".encode())
        assert process.stdout is not None
        out = process.stdout.read().decode()
        assert process.wait(20) == code
    os.close(ours)
    assert b"horse" not in shown
    assert (Scrypt.find(out.strip()) is not None) == (code == 0)
