"""Forms as HTML: whole ones in tests/forms/drawn/*.html, and what each part promises.

With DECLWEB_RENDER_ANEW set the files are written anew; look at the difference before you keep it.
"""

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from asking import form_of, html
from markupsafe import Markup

from declweb.forms import messages
from declweb.forms.drawing import DrawnForm
from declweb.forms.parts import HONEYPOT, Kept, is_for_browsers
from declweb.forms.script import script, style
from declweb.forms.values import Checker
from declweb.templating import Environment, render
from declweb.translations import LANGUAGES, translated

FOLDER = Path(__file__).parent / "drawn"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
EVERY_TYPE = """
name = { label = "Your name", required = true, max_length = 80, help = "As on <your> door." }
message = { label = "Your message", type = "textarea", min_length = 10, max_length = 500 }
email = { label = "Your e-mail address", type = "email", required_when = { answer = true } }
phone = { label = "Telephone", type = "tel" }
website = { label = "Website", type = "url" }
weight = { label = "Weight in kg", type = "number", min = 0.5 }
people = { label = "For how many people?", type = "integer", min = 2, max = 80, default = 8 }
day = { label = "Which day?", type = "date", required = true, min = "today + 2 days", max = 2026-12-24 }
clock = { label = "At what time?", type = "time", min = 08:00:00 }
moment = { label = "From when on?", type = "datetime", min = "today" }
topic = { label = "What is it about?", type = "select", choices = { q = "A question", p = "Praise & more" } }
cake = {
    label = "Which cake?", type = "radio", required = true,
    choices = { sacher = { label = "Sacher", places = 3 }, cheese = { label = "Cheese", places = 1 }, own = "My own" },
}
idea = { label = "Tell us your idea", type = "textarea", show_when = { cake = "own" }, required = true }
answer = { label = "I want an answer", type = "checkbox" }
allergies = { label = "Allergies", type = "checkboxes", choices = ["Nuts", "Milk"], help = "Any?", default = ["Milk"] }
photo = { label = "A picture", type = "file", accept = ["images", "documents"], max_size = "5 MB" }
more = { label = "More pictures", type = "file", multiple = true }
source = { type = "hidden", default = "web" }
word = { label = "The word of the week", type = "password" }
"""
ANSWERS = html(
    name='<script>alert("1")</script>', message="a\r\nb", email="", phone="12", people="x", day="2026-11-23",
    cake="cheese", topic="p", allergies=["Nuts", "x"], word="secret",
)  # fmt: skip


def drawn(language: str = "en", fields: str = EVERY_TYPE, **shown: Any) -> DrawnForm:
    form = form_of(fields)
    return DrawnForm(form, "ask", "/ask", language, translated(language), timezone="Europe/Berlin", now=NOW, **shown)


def failed(language: str = "en") -> DrawnForm:
    form = Checker(form_of(EVERY_TYPE), "ask", language, "Europe/Berlin", translated(language))
    checked = form.check(ANSWERS, NOW)
    kept = {
        "photo": [Kept("räuber.png", 1_234_567, "T1")],
        "more": [Kept("a.png", 900, "T2"), Kept("b.png", 2000, "T3")],
    }
    left = {("cake", "sacher"): 2, ("cake", "cheese"): 0}
    return drawn(language, echo=checked.echo, errors=checked.errors, tickets=kept, left=left)


CASES: dict[str, Callable[[], DrawnForm]] = {
    "empty": drawn,
    "with-errors": failed,
    "with-errors.de": lambda: failed("de"),
    "with-errors.fr": lambda: failed("fr"),
    "stored": lambda: drawn(fields="name = { label = 'Name' }", notice="Thank you, Ann."),
    "closed": lambda: drawn(closed="We bake again on 7 January."),
    "store-down": lambda: drawn(
        fields="name = { label = 'Name' }",
        echo={"name": ["Ann"]},
        alarm=Markup('Try again. <a href="mailto:a@b.example">Or by mail</a>'),
    ),
    "prefilled": lambda: drawn(fields="name = { label = 'Name', prefill = true }", prefilled={"name": ["Ann"]}),
}


@pytest.mark.parametrize("case", CASES)
def test_a_form_is_drawn_as_it_was(case: str) -> None:
    found = str(CASES[case]().__html__()).replace("><", ">\n<") + "\n"
    found = re.sub(r"(/declweb/form-)[0-9a-f]{16}", r"\1HASH", found)
    file = FOLDER / f"{case}.html"
    if os.environ.get("DECLWEB_RENDER_ANEW"):
        file.write_text(found, encoding="utf-8")
    assert found == file.read_text(encoding="utf-8")


def test_every_drawn_file_is_read() -> None:
    assert {file.stem for file in FOLDER.iterdir()} == set(CASES)


def test_files_that_forms_bring_along_have_their_hash_in_their_address() -> None:
    for served in (script(), style()):
        assert re.fullmatch(r"/declweb/form-[0-9a-f]{16}\.(js|css)", served.address)
        assert served.body
    found = str(drawn(prefix="/shop").__html__())
    assert f'href="/shop{style().address}"' in found
    assert f'src="/shop{script().address}"' in found


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_in_a_form_runs_or_styles_itself(language: str) -> None:
    for case in (drawn(language), failed(language)):
        found = str(case.__html__())
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", found)
        assert re.findall(r"<script[^>]*>", found) == [f'<script src="{script().address}" data-action="/ask" defer>']
        assert "secret" not in found
        assert "<script>alert" not in found


def test_every_label_and_description_leads_somewhere() -> None:
    found = str(failed().__html__())
    ids = re.findall(r'\sid="([^"]+)"', found)
    assert len(ids) == len(set(ids))
    targets = re.findall(r'\sfor="([^"]+)"', found) + re.findall(r'href="#([^"]+)"', found)
    targets += [
        each for many in re.findall(r'aria-(?:describedby|labelledby)="([^"]+)"', found) for each in many.split()
    ]
    assert set(targets) <= set(ids)
    assert re.search(r'id="ask-name"[^>]*aria-describedby="ask-name-help"', found)


def test_help_comes_before_the_error() -> None:
    form = drawn(errors={"name": "Wrong", "allergies": "Wrong"})
    assert 'aria-describedby="ask-name-help ask-name-error"' in form["name"].input
    assert '<fieldset class="dw-field dw-wrong" aria-describedby="ask-allergies-help ask-allergies-error"' in (
        form["allergies"].__html__()
    )


def test_the_trap_is_hidden_without_any_style() -> None:
    found = drawn().honeypot
    assert found.startswith("<div hidden>")
    for part in (f'name="{HONEYPOT}"', 'tabindex="-1"', 'autocomplete="off"'):
        assert part in found


def test_only_forms_with_files_are_multipart() -> None:
    assert 'enctype="multipart/form-data"' in drawn().start_tag
    assert "enctype" not in drawn(fields="name = { label = 'Name' }").start_tag


def test_a_cleared_field_stays_clear() -> None:
    assert drawn()["people"].value == "8"
    assert drawn(echo={"people": [""]})["people"].value == ""
    assert drawn(echo={})["people"].value == ""


TEMPLATE = """
{{ form.summary }}{{ form.start }}
{{ form.name }}|{{ form.name.label }}|{{ form.name.input }}|{{ form.name.help }}|{{ form.name.error }}|
{{ form.name.id }}
{{ form["name"].value }}|{{ form.name.label_text }}|{{ form.name.help_text }}|{{ form.name.error_text }}
{% for field in form.fields %}{{ field.name }} {{ field.type }},{% endfor %}
{% for each in form.cake.options %}{{ each.value }}={{ each.label }}{{ " *" if each.checked }},{% endfor %}
{{ form.errors.name }} {{ form.action }} {{ form.method }} {{ form.button }}{{ form.end }}
"""


def test_templates_reach_every_part() -> None:
    template = Environment().text(TEMPLATE, "site.toml:1")
    echo = {"name": ["A<b>"], "cake": ["own"]}
    found = render(template, {"form": drawn(errors={"name": "Too <short>"}, echo=echo)})
    field = drawn(errors={"name": "Too <short>"}, echo=echo)["name"]
    assert f"{field.__html__()}|{field.label}|{field.input}|{field.help}|{field.error}|\n{field.id}" in found
    assert "A&lt;b&gt;|Your name|As on &lt;your&gt; door.|Too &lt;short&gt;" in found
    assert "name text,message textarea," in found
    assert "sacher=Sacher,cheese=Cheese,own=My own *," in found
    assert "Too &lt;short&gt; /ask post <button" in found
    assert found.count("There is a problem") == 1
    assert found.rstrip().endswith("</form>")


def test_a_field_beats_a_part_of_the_same_name() -> None:
    form = drawn(fields="start = { label = 'Start', type = 'date' }\naction = { label = 'Action' }")
    template = Environment().text("{{ form.start.name }} {{ form.action.name }} {{ form.start_tag }}", "site.toml:1")
    found = render(template, {"form": form})
    assert found.startswith("start action <link")
    assert 'action="/ask"' in found


def test_the_whole_is_drawn_where_it_stands() -> None:
    template = Environment().text("<main>{{ form }}</main>", "site.toml:1")
    assert render(template, {"form": drawn()}) == f"<main>{drawn().__html__()}</main>"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("[0-9]{5}", True),
        (r"\d{3}-\d{4}", True),
        ("(?:a|b)+", True),
        ("[a-z]", True),
        ("(?P<x>a)", False),
        (r"\Aa\Z", False),
        ("a++", False),
        ("[a&&b]", False),
        ("[(]", False),
    ],
)
def test_only_patterns_that_mean_the_same_reach_browsers(pattern: str, expected: bool) -> None:
    assert is_for_browsers(pattern) is expected


def test_when_a_field_is_asked_for_is_said_in_words() -> None:
    """For those who have no script that shows it then; the script takes it away."""
    fields = """
        cake = { label = 'Which cake?', type = 'radio', choices = { own = 'My own idea', big = 'Big' } }
        news = { label = 'Newsletter', type = 'checkbox' }
        idea = { label = 'Idea', show_when = { cake = ['own', 'big'], news = true } }
        email = { label = 'E-mail', type = 'email', required_when = { news = false } }
    """
    form = drawn(fields=fields)
    words = "Only if “Which cake?” is “My own idea” or “Which cake?” is “Big” and “Newsletter” is ticked."
    assert f'class="dw-help dw-when">{words}</div>' in str(form["idea"])
    assert "Needed if “Newsletter” is not ticked." in str(form["email"])
    assert "data-waits" in str(form["idea"])
    assert "data-waits" not in str(form["email"])
    assert "data-waits" not in str(drawn(fields=fields, echo={"cake": ["own"], "news": ["yes"]})["idea"])


@pytest.mark.parametrize(
    ("label", "text", "said"),
    [
        ("Your name", "Your name: please fill this in", "Please fill this in"),
        ("Which cake?", "Which cake? Choose one of the answers", "Choose one of the answers"),
        ("Name:", "Name: please fill this in", "Please fill this in"),
        ("Your name", "Please tell us who you are.", "Please tell us who you are."),
        ("Your name", "Your names: all of them", "Your names: all of them"),
        ("Your name", "Your name is needed", "Your name is needed"),
    ],
)
def test_beside_its_label_a_message_does_not_repeat_it(label: str, text: str, said: str) -> None:
    assert messages.beside(label, text) == said
