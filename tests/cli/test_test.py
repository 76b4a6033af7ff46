"""`declweb test`: what held, what was missed and where, and nothing left behind."""

from pathlib import Path

from cases import write
from click.testing import CliRunner, Result

from declweb.cli import main

SITE = """
[site]
name = "Tested"
timezone = "Europe/Berlin"

[routes.home]
path = "/"
html = "<h1>Anna &amp; <b>Ben</b></h1>"

[redirects]
"/xmas" = { to = "/", starts = 2026-12-20, ends = 2026-12-24 }

[json.plan]
path = "/plan"
value = { days = [1, { free = true }] }

[users.anna]

[[protect]]
path = "/plan"
allow = "anna"

[forms.contact]
path = "/contact"
keep = "1 year"
limit = "1 per hour"
closed = ["2026-12-20 to 2027-01-06"]

[forms.contact.fields]
name = { label = "Name", required = true }
letter = { label = "Letter", type = "file", accept = "documents" }
"""


def outcome(folder: Path, tests: str) -> Result:
    write(folder, {"site.toml": SITE + tests, "letter.txt": "Hello\n"})
    return CliRunner().invoke(main, ["test", str(folder)])


def test_what_holds_is_told(tmp_path: Path) -> None:
    result = outcome(
        tmp_path,
        """
[[tests]]
get = "/"
status = 200
contains = "Anna & Ben"
lacks = "Cid"
header = { "X-Nothing" = false }

[[tests]]
get = "/plan"
as = "anna"
json = { "days.1.free" = true, "days.0" = 1.0 }

[[tests]]
get = "/plan"
status = 401
""",
    )
    assert (result.exit_code, result.output.splitlines()[-1]) == (0, "3 tests, 3 held, 0 missed")


def test_the_clock_is_what_the_test_says(tmp_path: Path) -> None:
    result = outcome(
        tmp_path,
        """
[[tests]]
get = "/xmas"
now = 2026-12-22
location = "/"

[[tests]]
get = "/xmas"
now = 2026-12-26T10:00:00
status = 404

[[tests]]
post = "/contact"
form = { name = "Ann" }
now = 2026-12-22
status = 503
""",
    )
    assert result.exit_code == 0, result.output


def test_forms_are_sent_without_limits_and_nothing_is_left(tmp_path: Path) -> None:
    sent = '[[tests]]\npost = "/contact"\nform = { name = "Ann" }\nfiles = { letter = "letter.txt" }\n'
    result = outcome(tmp_path, f"{sent}now = 2026-11-02\nstatus = 303\n" * 3)
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["letter.txt", "site.toml"]


def test_a_miss_shows_the_place_and_what_came(tmp_path: Path) -> None:
    result = outcome(tmp_path, '[[tests]]\nname = "Who"\nget = "/"\nstatus = 201\ncontains = "Cid"\n')
    line = SITE.count("\n") + 4
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "✗ Who",
        f"    {tmp_path}/site.toml:{line}:10",
        "      status = 201",
        "      expected: 201",
        '      came:     200, "Anna & Ben"',
        f"    {tmp_path}/site.toml:{line + 1}:12",
        '      contains = "Cid"',
        '      expected: "Cid"',
        '      came:     200, "Anna & Ben": Anna & Ben',
        "",
        "1 test, 0 held, 1 missed",
    ]


def test_a_site_without_tests_says_how_one_is_written(tmp_path: Path) -> None:
    result = outcome(tmp_path, "")
    assert result.exit_code == 0
    assert "declares no tests" in result.output
    assert "[[tests]]" in result.output


def test_a_broken_site_cannot_be_tested(tmp_path: Path) -> None:
    result = outcome(tmp_path, '[[tests]]\nget = "/"\n')
    assert result.exit_code == 2
    assert "[no-answer]" in result.stderr
