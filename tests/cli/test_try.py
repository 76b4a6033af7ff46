"""`declweb try`: it tells a form that holds from one that does not, and leaves nothing behind."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cases import write
from click.testing import CliRunner, Result

from declweb.cli import main
from declweb.forms.samples import Sample, Samples

SITE = """
[site]
name = "Tried"

[forms.visit]
path = "/visit"
success = { redirect = "/thanks", message = "See you, {{ entry.name }}!" }
keep = "1 year"
FORM

[forms.visit.fields]
name = { label = "Name", required = true, min_length = 2, max_length = 30 }
nick = { label = "Nickname", unique = true }
plate = { label = "Number plate", pattern = "[A-Z]{1,3}-[0-9]{1,4}" }
mail = { label = "Mail", type = "email", required_when = { how = "mail" } }
page = { label = "Page", type = "url" }
phone = { label = "Phone", type = "tel", max_length = 20 }
how = { label = "How?", type = "select", choices = ["mail", "phone"] }
size = { label = "Size", type = "number", min = 0.5, max = 2.5 }
count = { label = "How many?", type = "integer", min = 1, max = 9 }
day = { label = "Day", type = "date", required = true, min = "today", max = "today + 1 month" }
hour = { label = "Hour", type = "time", min = 08:00:00, max = 18:30:00 }
at = { label = "At", type = "datetime", min = 2020-01-01T00:00:00 }
seat = { label = "Seat", type = "radio", choices = { a = { label = "A", places = 1 }, b = "B" } }
extras = { label = "Extras", type = "checkboxes", choices = ["milk", "sugar"] }
why = { label = "Why sugar?", type = "textarea", show_when = { extras = "sugar" }, required = true }
paper = { label = "Paper", type = "file", accept = ["documents", "images"], max_size = "1 MB" }
word = { label = "Word", type = "password", min_length = 8 }
from = { type = "hidden", default = "flyer" }
yes = { label = "Yes", type = "checkbox", required = true }

[[forms.visit.send]]
email = "hello@tried.example"
subject = "{{ entry.name }} comes"

[[forms.visit.send]]
webhook = "${TILL}"
optional = true

[mail]
from = "site@tried.example"

[routes.thanks]
path = "/thanks"
html = "{% for each in get_flashed_messages() %}<p>{{ each }}</p>{% endfor %}"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    write(tmp_path, {"site.toml": SITE.replace("FORM", "")})
    before = sorted(tmp_path.rglob("*"))
    yield tmp_path
    assert sorted(tmp_path.rglob("*")) == before, "nothing is left behind"


def tried(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["try", *arguments, str(folder)])


def test_a_form_that_holds(folder: Path) -> None:
    result = tried(folder, "visit")
    assert result.exit_code == 0, result.output
    assert "303  everything filled in" in result.output
    assert "/thanks" in result.output
    assert "See you, Anna Amsel" in result.output
    assert "to hello@tried.example: Anna Amsel" in result.output
    for what in (
        "`name` left empty",
        "`name` too short",
        "`name` too long",
        "`name` with a NUL character",
        "`nick` that somebody else has sent",
        "`plate` that does not match the pattern",
        "`mail` of the wrong kind",
        "`mail` left empty when it is needed",
        "`size` too small",
        "`count` with a fraction",
        "`day` too late",
        "`hour` too early",
        "`seat` with a choice that there is not",
        "`why` left empty",
        "`paper` with a file of another kind under the right name",
        "`paper` with a file that is too large",
        "`yes` not ticked",
    ):
        assert f"422  {what}" in result.output
    assert "are as they must be" in result.output.splitlines()[-1]


def test_messages_are_shown_that_are_declared_here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message whose variable is missing is left out, and nothing else of its form."""
    assert "webhook" not in tried(folder, "visit").output
    monkeypatch.setenv("TILL", "https://till.example/orders")
    result = tried(folder, "visit")
    assert result.exit_code == 0, result.output
    assert "to https://till.example/orders" in result.output
    assert "to hello@tried.example" in result.output


def test_a_closed_form_is_tried_all_the_same(folder: Path) -> None:
    (folder / "site.toml").write_text(SITE.replace("FORM", 'ends = 2020-01-01\nclosed_text = "Too late."'), "utf-8")
    result = tried(folder, "visit")
    assert result.exit_code == 0, result.output
    assert "closed today" in result.output


def test_what_is_sold_out_is_tried_all_the_same(folder: Path) -> None:
    seats = "".join(f'{letter} = {{ label = "{letter}", places = 0 }}, ' for letter in "abcdefghijklmnopqrstuvwxyz")
    field = f'seat = {{ label = "Seat", type = "radio", required = true, choices = {{ {seats} }} }}'
    site = re.sub(r"^seat = .*$", field, SITE.replace("FORM", ""), flags=re.MULTILINE)
    (folder / "site.toml").write_text(site, "utf-8")
    result = tried(folder, "visit")
    assert result.exit_code == 0, result.output
    assert "303  `seat` is 'b'" in result.output
    assert "`seat` is 'z'" not in result.output


def test_a_right_value_that_is_refused_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Samples, "right", lambda self: iter([Sample("nothing at all", {"name": ["x"]})]))
    result = tried(folder, "visit")
    assert result.exit_code == 1
    assert "422  nothing at all" in result.output
    assert "it was refused" in result.output
    assert "1 of " in result.output.splitlines()[-1]


def test_a_wrong_value_that_is_taken_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = Samples.right

    def wrong(self: Samples) -> Iterator[Sample]:
        yield Sample("all is well", next(right(self)).answers, "name")

    monkeypatch.setattr(Samples, "wrong", wrong)
    result = tried(folder, "visit")
    assert result.exit_code == 1
    assert "303  all is well" in result.output
    assert "it was taken" in result.output


def test_what_there_is_not(folder: Path) -> None:
    result = tried(folder, "vist")
    assert result.exit_code == 2
    assert "there is no form `vist`; did you mean `visit`?" in result.output
    (folder / "site.toml").write_text(SITE.replace("FORM", "off = true"), "utf-8")
    assert "is switched off" in tried(folder, "visit").output
    (folder / "site.toml").write_text('[site]\nname = "x"\n', "utf-8")
    assert "declares no form" in tried(folder, "visit").output
    (folder / "site.toml").write_text("[site]\n", "utf-8")
    assert tried(folder, "visit").exit_code == 1


def test_every_sample_is_different() -> None:
    """Two right ones have nothing unique in common."""
    samples = Samples([], datetime.now(UTC))
    assert [sample.title for sample in samples.right()] == ["everything filled in"]
    assert list(samples.wrong()) == []
