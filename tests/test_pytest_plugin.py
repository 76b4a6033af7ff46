"""The fixtures with which a site tests itself: pytest is run on sites of all kinds, as their authors run it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cases import write

SITE = """[site]
name = "{{NAME}}"

[config]
mood = "calm"

[env.testing.config]
mood = "curious"

[hooks]
module = "hooks"

[routes.mood]
path = "/"
handler = "mood"

[routes.broken]
path = "/broken"
handler = "broken"
""".replace("{{NAME}}", "Moods")

HOOKS = """from declweb import current_app, flash


def mood():
    flash("seen")
    return current_app.config["MOOD"]


def broken():
    return 1 // 0
"""

TESTS = """import pytest
from declweb import get_flashed_messages
from declweb.hooks import current_app


def test_client_asks_the_environment_for_tests(client):
    assert client.get("/").get_data(as_text=True) == "curious"


def test_exception_reaches_the_test(client):
    with pytest.raises(ZeroDivisionError):
        client.get("/broken")


def test_site_stores_elsewhere(site, tmp_path):
    with site.app_context():
        assert current_app.instance_path == str(tmp_path / "storage")


def test_cookies_are_kept(client):
    client.get("/")
    with client.session_transaction() as session:
        assert session["_flashes"] == [("message", "seen")]
"""


def run(folder: Path, *arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", *arguments]
    environment = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=environment)
    return done.returncode, done.stdout + done.stderr


def test_fixtures_test_a_site(tmp_path: Path) -> None:
    write(tmp_path, {"site.toml": SITE, "hooks.py": HOOKS, "tests/test_site.py": TESTS})
    code, said = run(tmp_path)
    assert code == 0, said
    assert "4 passed" in said
    assert not (tmp_path / "storage").exists()


def test_setting_names_the_site(tmp_path: Path) -> None:
    write(tmp_path, {"shop/site.toml": SITE, "shop/hooks.py": HOOKS, "test_site.py": TESTS})
    write(tmp_path, {"pytest.ini": "[pytest]\ndeclweb_site = shop/site.toml\n"})
    code, said = run(tmp_path)
    assert code == 0, said


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "there is no site.toml above test_site.py: name it with `declweb_site`"),
        ({"site.toml": '[site]\nname = "X"\ncolour = 1\n'}, "site.toml:3:1: error[unknown-key]"),
    ],
)
def test_site_that_cannot_be_tested_says_why(files: dict[str, str], words: str, tmp_path: Path) -> None:
    write(tmp_path, {**files, "test_site.py": "def test_it(client):\n    pass\n"})
    code, said = run(tmp_path)
    assert code == 1
    assert words in said
    assert "Traceback" not in said
