"""docs/users.md: its site works, and its numbers are the program's."""

import re
from pathlib import Path

import pytest
from cases import running, write
from visiting import PASSWORD, asked, browser, quick_hash, said, signed_in

from declweb.cli.hash import SHORT
from declweb.compiler.signing_in import LATER
from declweb.http import passwords
from declweb.loading import check_site
from declweb.storage.sign_ins import PER_ACCOUNT, PER_ADDRESS, PER_CROWD, REMEMBERED

TEXT = (Path(__file__).parents[2] / "docs" / "users.md").read_text("utf-8")
(BLOCK,) = re.findall(r"^```toml\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
TEMPLATE = next(line for line in TEXT.splitlines() if line.startswith("    {% if user %}"))
SITE = f"""
[site]
name = "Bakery"
{BLOCK}
[routes.staff]
path = "/staff/"
html = '''{TEMPLATE.strip()}'''
"""


def test_its_site_works(tmp_path: Path) -> None:
    write(tmp_path, {"site.toml": SITE})
    assert [problem.code for problem in check_site(tmp_path, {})] == ["closed-to-all"]
    assert check_site(tmp_path, {"ANNA_PASSWORD_HASH": quick_hash()}) == ()
    app = running(tmp_path, ANNA_PASSWORD_HASH=quick_hash())
    page = said(asked(browser(app), "/staff/", headers={"Cookie": signed_in(app, password=PASSWORD)}))
    assert 'Signed in as anna · <a href="/login/out">Sign out</a>' in page


def test_nobody_can_get_in_without_a_hash(tmp_path: Path) -> None:
    app = running(write(tmp_path, {"site.toml": SITE}))
    with browser(app).post("/login", data={"user": "anna", "password": PASSWORD}) as answer:
        assert answer.status_code == 401


@pytest.mark.parametrize(
    "words",
    [
        f"| from one address (IPv6: its /64) | {PER_ADDRESS.count}, for whatever names |",
        f"| for one name, from addresses where it never signed in | {PER_ACCOUNT.count} |",
        f"| wrong passwords | within {PER_ACCOUNT.seconds // 60} minutes |",
        f"{PER_CROWD.count} wrong passwords for all of them within {PER_CROWD.seconds // 60} minutes",
        f"signed in within {REMEMBERED / 86_400:g} days",
        f"who gets no turn within {passwords.PATIENCE:g} seconds",
        "hashes at a time (32 MB each)",
        f"`scrypt:{':'.join(map(str, passwords.COST))}$salt$hash`",
    ],
)
def test_its_numbers_are_the_programs(words: str) -> None:
    assert words in re.sub(r"\n(?=\S)", " ", TEXT) or words in TEXT
    assert (PER_ACCOUNT.seconds, passwords.AT_ONCE, LATER, SHORT) == (PER_ADDRESS.seconds, 2, 30, 12)
