"""How problems are drawn: for people, for programs, beside the lines of a pull request, in the browser."""

import json
import re

import pytest

from declweb.problems import (
    CODES,
    Also,
    Place,
    Problem,
    SiteError,
    count,
    did_you_mean,
    draw_text,
    in_order,
    suggestion,
)
from declweb.problems_data import draw_github, draw_json
from declweb.problems_html import draw_page, fingerprint

LINE = 'tempalte = "a.html"'
PROBLEM = Problem(
    "unknown-key",
    "[routes.home] has no key `tempalte`",
    Place("site.toml", 7, 1, 9, LINE),
    (Also(Place("more.toml", 2, 3), "in [routes.home]"), Also(Place("site.toml"))),
    "did you mean `template`?",
)
WARNING = Problem("dead-link", "nothing answers /a", Place("site.toml", 3))


def test_problems_for_people() -> None:
    assert draw_text([PROBLEM, WARNING]) == (
        "site.toml:7:1: error[unknown-key]: [routes.home] has no key `tempalte`\n"
        '    7 | tempalte = "a.html"\n'
        "      | ^^^^^^^^\n"
        "  also: more.toml:2:3 in [routes.home]\n"
        "  also: site.toml\n"
        "  help: did you mean `template`?\n"
        "\n"
        "site.toml:3: warning[dead-link]: nothing answers /a"
    )


def test_colours_change_no_letter() -> None:
    coloured = draw_text([PROBLEM, WARNING], colours=True)
    assert "\x1b[1;31merror[unknown-key]\x1b[0m" in coloured
    assert "\x1b[1;33mwarning[dead-link]\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == draw_text([PROBLEM, WARNING])


@pytest.mark.parametrize(
    ("line", "column", "end", "drawn"),
    [
        ("\tab = 1", 2, 4, "\t^^"),
        ("日本 = 1", 6, 7, "       ^"),
        ("日本 = 1", 1, 3, "^^^^"),
        ("e\u0301x = 1", 3, 4, " ^"),
        ("ab", 3, 3, "  ^"),
        ("ab", 1, None, "^"),
    ],
)
def test_marks_stand_below_what_they_mark(line: str, column: int, end: int | None, drawn: str) -> None:
    problem = Problem("unknown-key", "no", Place("a", 1, column, end, line))
    assert draw_text([problem]).splitlines()[2] == f"      | {drawn}"


def test_a_site_file_cannot_steer_a_terminal() -> None:
    hostile = "\x1b]0;owned\x07\x9b31m\u202ex"
    drawn = draw_text([Problem("unknown-key", hostile, Place(hostile, 1, 1, 2, hostile), (), hostile)])
    assert drawn.isprintable() or set(filter(lambda sign: not sign.isprintable(), drawn)) == {"\n"}
    assert "␛]0;owned␇�31m�x" in drawn


def test_problems_for_programs() -> None:
    first, second = json.loads(draw_json([PROBLEM, WARNING]))
    assert first == {
        "severity": "error",
        "code": "unknown-key",
        "message": PROBLEM.message,
        "why": CODES["unknown-key"].why,
        "file": "site.toml",
        "line": 7,
        "column": 1,
        "end_column": 9,
        "text": LINE,
        "also": [
            {"file": "more.toml", "line": 2, "column": 3, "end_column": None, "text": None, "note": "in [routes.home]"},
            {"file": "site.toml", "line": None, "column": None, "end_column": None, "text": None, "note": ""},
        ],
        "help": "did you mean `template`?",
    }
    assert (second["severity"], second["column"]) == ("warning", None)
    assert json.loads(draw_json([])) == []


def test_problems_beside_the_lines_of_a_pull_request() -> None:
    first, second = draw_github([PROBLEM, WARNING]).splitlines()
    assert first == (
        "::error file=site.toml,line=7,col=1,endColumn=9,title=unknown-key::[routes.home] has no key `tempalte`%0A"
        f"{CODES['unknown-key'].why}%0Aalso: more.toml:2:3 in [routes.home]%0Aalso: site.toml%0A"
        "help: did you mean `template`?"
    )
    assert second.startswith("::warning file=site.toml,line=3,title=dead-link::nothing answers /a%0A")


def test_workflow_commands_are_escaped() -> None:
    (line,) = draw_github([Problem("dead-link", "100%\r\n::error::", Place("a:b,c%.toml"))]).splitlines()
    assert line.startswith("::warning file=a%3Ab%2Cc%25.toml,title=dead-link::100%25%0D%0A::error::%0A")


def test_problems_in_the_browser() -> None:
    page = draw_page([PROBLEM, WARNING])
    assert "<title>1 error, 1 warning</title>" in page
    assert '<span class="number">   7  </span><mark>tempalte</mark> = &quot;a.html&quot;' in page
    assert "did you mean <code>template</code>?" in page
    assert "also: more.toml:2:3 in [routes.home]" in page
    assert CODES["dead-link"].why in page
    assert f'data-problems="{fingerprint([PROBLEM, WARNING])}"' in page
    assert fingerprint([PROBLEM]) != fingerprint([WARNING])


def test_a_site_file_cannot_write_the_page() -> None:
    hostile = "<script>`&\x00"
    page = draw_page([Problem("dead-link", hostile, Place(hostile, 1, 9, 9, hostile), (), hostile)])
    assert page.count("<script>") == 1
    assert "&lt;script&gt;`&amp;␀" in page


def test_problems_are_counted() -> None:
    assert count([]) == "no problems"
    assert count([PROBLEM, PROBLEM, WARNING]) == "2 errors, 1 warning"
    assert count([WARNING, WARNING]) == "2 warnings"


def test_problems_stand_in_order_once() -> None:
    assert in_order([PROBLEM, WARNING, PROBLEM]) == (WARNING, PROBLEM)
    error = SiteError([PROBLEM, WARNING])
    assert error.problems == (WARNING, PROBLEM)
    assert str(error) == "\n\n" + draw_text([WARNING, PROBLEM])


def test_a_misspelt_word_gets_a_suggestion() -> None:
    assert did_you_mean("Tempalte", ["template", "text"]) == "template"
    assert suggestion("tetx", ["template", "text"]) == "did you mean `text`?"
    assert suggestion("xyz", ["template", "text"]) is None


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (Place.of("a", "x = 1\r\ny = 2", 7, 8), Place("a", 2, 1, 2, "y = 2")),
        (Place.of("a", 'x = """\na"""', 4, 12), Place("a", 1, 5, 8, 'x = """')),
        (Place.of_line("a", "x = 1\n  y = 2", 2, "2"), Place("a", 2, 7, 8, "  y = 2")),
        (Place.of_line("a", "x = 1\n  y = 2", 2), Place("a", 2, 3, 8, "  y = 2")),
        (Place.of_line("a", "x = 1", 9), Place("a")),
    ],
)
def test_places(place: Place, text: Place) -> None:
    assert place == text
    assert place.text == text.text
