"""Pages whose form was written by hand: after an error nothing is lost and everything is told."""

import re

import pytest
from asking import form_of

from declweb.forms.drawing import DrawnForm
from declweb.forms.parts import Kept
from declweb.forms.restoring import restored_html, with_error_in_title
from declweb.translations import translated

FIELDS = """
name = { label = "Your name" }
message = { label = "Your message", type = "textarea" }
topic = { label = "Topic", type = "select", choices = ["A", "B"] }
cake = { label = "Cake", type = "radio", choices = ["x", "y"] }
extras = { label = "Extras", type = "checkboxes", choices = ["n", "m"] }
terms = { label = "Terms", type = "checkbox" }
word = { label = "Word", type = "password" }
photo = { label = "Photo", type = "file" }
"""
PAGE = """<!DOCTYPE html><title>Ask</title>
<form action="/search"><input name="name" value="other"></form>
<form method="post" action="/ask" enctype="multipart/form-data">
<!-- <input name="name"> -->
<label>Name <input name="name" value="before"></label>
<label>Mail <input name=name2 /></label>
<textarea name="message">
old &amp; grey</textarea>
<select name="topic"><option selected>A<option value="B">Bee</option></select>
<input type="radio" name="cake" value="x" checked><input type="radio" name="cake" value="y">
<input type=checkbox name=extras value=n><input type=checkbox name=extras value=m checked>
<input type="checkbox" name="terms" checked/>
<input type="password" name="word"><input type="file" name="photo">
<button name="name" value="go">Go</button>
</form>"""
ECHO = {
    "name": ['"><b>Ann'], "message": ["\n</textarea>x"], "topic": ["B"], "cake": ["y"], "extras": ["n"], "word": ["no"],
}  # fmt: skip


def drawn(**shown: object) -> DrawnForm:
    return DrawnForm(form_of(FIELDS), "ask", "/ask", "en", translated("en"), **shown)  # type: ignore[arg-type] # any


def test_what_was_written_is_back() -> None:
    found = restored_html(PAGE, drawn(echo=ECHO, tickets={"photo": [Kept("a.png", 900, "T")]}))
    assert '<input name="name" value="other">' in found
    assert '<input name="name" value="&#34;&gt;&lt;b&gt;Ann" id="ask-name">' in found
    assert ">\n\n&lt;/textarea&gt;x</textarea>" in found
    assert '<option >A<option value="B" selected>Bee</option>' in found
    assert 'value="x"  id="ask-cake"><input type="radio" name="cake" value="y" checked>' in found
    assert re.search(r'value=n checked id="ask-extras"|value=n id="ask-extras" checked', found)
    assert "value=m >" in found
    assert '<input type="checkbox" name="terms"  id="ask-terms"/>' in found
    assert '<input type="password" name="word">' in found
    assert 'name="_ticket.photo" value="T" checked' in found
    assert '<button name="name" value="go">' in found
    assert '<!-- <input name="name"> -->' in found
    assert "There is a problem" not in found


def test_errors_are_told_beside_the_fields_and_above_them() -> None:
    found = restored_html(PAGE, drawn(echo=ECHO, errors={"name": "Name: <no>", "terms": "Terms: no"}))
    assert found.index("There is a problem") > found.index('<form method="post"')
    assert '<a href="#ask-name">Name: &lt;no&gt;</a>' in found
    assert (
        '<span class="dw-error" id="ask-name-error"><span class="dw-unseen">Error:</span> Name: &lt;no&gt;</span>'
        in found
    )
    assert re.search(r'<input name="name" [^>]*aria-describedby="ask-name-error" aria-invalid="true">', found)
    assert found.count('id="ask-problem"') == 1


def test_an_authors_own_ids_and_descriptions_stay() -> None:
    page = '<form method=post><input id="n" name="name" aria-describedby="hint"><p id="hint">Hint</p></form>'
    found = restored_html(page, drawn(echo={}, errors={"name": "No"}))
    assert 'aria-describedby="hint n-error"' in found
    assert 'href="#n"' in found
    assert found.count('id="n"') == 1


@pytest.mark.parametrize(
    "page",
    [
        '<form method="post" action="/other"><input name="name"></form><form method="post" action="/x"></form>',
        '<form action="/ask"><input name="name"></form>',
        '<form data-declweb method="post" action="/ask"><input name="name"></form>',
        '<template><form method="post" action="/ask"><input name="name"></form></template>',
        "<p>No form</p>",
    ],
)
def test_other_forms_stay_as_they_are(page: str) -> None:
    assert restored_html(page, drawn(echo=ECHO, errors={"name": "No"})) == page


def test_a_drawn_form_stays_as_it_is() -> None:
    page = str(drawn(echo=ECHO, errors={"name": "No"}).__html__())
    assert restored_html(page, drawn(echo=ECHO, errors={"name": "No"})) == page


def test_restoring_twice_changes_nothing() -> None:
    once = restored_html(PAGE, drawn(echo=ECHO, errors={"name": "No"}))
    assert restored_html(once, drawn(echo=ECHO, errors={"name": "No"})) == once


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("<title>Ask</title>", "<title>Error: Ask</title>"),
        ("<TITLE lang=en>\n Ask</TITLE>", "<TITLE lang=en>\n Error: Ask</TITLE>"),
        ("<title>Error: Ask</title>", "<title>Error: Ask</title>"),
        ("<!-- <title>a</title> --><title>b</title>", "<!-- <title>a</title> --><title>Error: b</title>"),
        (
            '<script>"<title>a</title>"</script><title>b</title>',
            '<script>"<title>a</title>"</script><title>Error: b</title>',
        ),
        ("<body><svg><title>a</title></svg>", "<body><svg><title>a</title></svg>"),
        ("no head", "no head"),
    ],
)
def test_the_title_says_that_there_is_an_error(page: str, expected: str) -> None:
    assert with_error_in_title(page, translated("en")) == expected


def test_the_title_says_it_in_the_language_of_the_page() -> None:
    assert with_error_in_title("<title>Frage</title>", translated("de")) == "<title>Fehler: Frage</title>"
