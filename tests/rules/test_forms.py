"""What is known of a site with forms before anybody writes to it."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cases import write

from declweb.clock import set_to
from declweb.forms.drawing import DrawnForm
from declweb.loading import Loaded, check_site, load_site
from declweb.model import Form
from declweb.problems import Problem
from declweb.rules.base import Subject
from declweb.rules.forms import next_change
from declweb.rules.templates import PARTS_OF_FIELD, PARTS_OF_FORM
from declweb.sitefile import read
from declweb.validation import validate

SITE = """
[site]
name = "Forms"
timezone = "Europe/Berlin"

[mail]
from = "website@forms.example"
"""
FORM = """
[forms.contact]
path = "/contact"
keep = "forever"
fields.name = { label = "Your name" }
"""
SHOWN = "{% for text in get_flashed_messages() %}<p>{{ text }}</p>{% endfor %}"


def found(folder: Path, text: str, **templates: str) -> list[tuple[str, str]]:
    """Return what is wrong: the codes, and where."""
    files = {f"templates/{name}.html": content for name, content in templates.items()}
    write(folder, {"site.toml": SITE + text, **files})
    return [(problem.code, _word(problem)) for problem in check_site(folder, {})]


def _word(problem: Problem) -> str:
    place = problem.place
    return (place.text or "")[(place.column or 1) - 1 : (place.end_column or 1) - 1]


# --- when a form changes ----------------------------------------------------------------------------------------------


def subject(folder: Path, text: str) -> Subject:
    document = read(write(folder, {"site.toml": SITE + text}), {}).document(None)
    return Subject(validate(document), document)


NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("", None),
        ("starts = 2026-12-01", datetime(2026, 11, 30, 23, tzinfo=UTC)),
        ("starts = 2026-11-01\nends = 2026-12-24", datetime(2026, 12, 24, 23, tzinfo=UTC)),
        ("ends = 2026-11-01", None),
        ("ends = 2026-11-22T18:00:00", datetime(2026, 11, 22, 17, tzinfo=UTC)),
        ('closed = ["2026-11-20 to 2026-11-25"]', datetime(2026, 11, 25, 23, tzinfo=UTC)),
        ("closed = [2026-12-24, 2026-11-30]", datetime(2026, 11, 29, 23, tzinfo=UTC)),
        ("off = true\nstarts = 2026-12-01", None),
        ('fields.day = { label = "Day", type = "date", min = "today" }', datetime(2026, 11, 22, 23, tzinfo=UTC)),
        ('fields.day = { label = "Day", type = "date", default = "today" }', datetime(2026, 11, 22, 23, tzinfo=UTC)),
        ('fields.day = { label = "Day", type = "date", max = 2026-12-24 }', None),
    ],
)
def test_a_site_is_another_one_when_a_form_changes(tmp_path: Path, keys: str, expected: datetime | None) -> None:
    assert next_change(subject(tmp_path, f"{FORM}\n{keys}\n"), NOON) == expected


def test_the_next_change_is_known_to_whoever_serves(tmp_path: Path) -> None:
    with set_to(NOON):
        loaded = _loaded(tmp_path, FORM + 'fields.day = { label = "Day", type = "date", min = "today" }\n')
    assert loaded.until == datetime(2026, 11, 22, 23, tzinfo=UTC)


def _loaded(folder: Path, text: str) -> Loaded:
    loaded = load_site(write(folder, {"site.toml": SITE + text}), None, {})
    assert loaded.app is not None, loaded.problems
    return loaded


# --- what is left alone -----------------------------------------------------------------------------------------------

PROGRAM = """
import sys
from pathlib import Path
from declweb.loading import check_site
problems = check_site(Path(sys.argv[1]), {})
assert problems == (), problems
print([name for name in ("sqlalchemy", "PIL", "email_validator", "psycopg", "xlsxwriter") if name in sys.modules])
"""


def test_checking_stores_nothing_and_needs_no_database(tmp_path: Path) -> None:
    upload = 'fields.photo = { label = "Photo", type = "file", accept = "images" }\n'
    send = '[[forms.contact.send]]\nemail = "bread@bakery.example"\nattach = ["photo"]\n'
    text = SITE + FORM + upload + 'fields.email = { label = "Address", type = "email" }\n' + send
    write(tmp_path, {"site.toml": text})
    run = subprocess.run([sys.executable, "-c", PROGRAM, str(tmp_path)], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
    assert [path.name for path in tmp_path.iterdir()] == ["site.toml"]


def test_where_entries_are_kept_is_not_watched(tmp_path: Path) -> None:
    folders = _loaded(tmp_path, FORM + '[storage]\nfolder = "kept"\nuploads = "files/uploads"\n').apart.folders
    assert folders == {tmp_path / "kept", tmp_path / "files/uploads"}
    assert _loaded(tmp_path / "other", FORM).apart.folders == frozenset(), "storage/ is never looked at"
    files = _loaded(tmp_path / "third", FORM + '[storage]\ndatabase = "sqlite:///./my.db"\n').apart.folders
    assert {path.name for path in files} == {"my.db", "my.db-wal", "my.db-shm", "my.db-journal"}


def test_what_visitors_write_is_not_kept_in_the_site_folder_itself(tmp_path: Path) -> None:
    assert found(tmp_path, f'{FORM}\n[storage]\nfolder = "."\n') == [("served-storage", '"."')]


@pytest.mark.parametrize("folder", [".", "storage", "storage/uploads"])
def test_what_visitors_wrote_is_never_served(tmp_path: Path, folder: str) -> None:
    (tmp_path / "storage/uploads").mkdir(parents=True)
    codes = found(tmp_path, f'{FORM}\n[[static]]\npath = "/files"\nfolder = "{folder}"\n')
    assert ("served-storage", f'"{folder}"') in codes
    assert ("served-storage", f'"{folder}"') not in found(tmp_path, f'[[static]]\npath = "/a"\nfolder = "{folder}"\n')


@pytest.mark.parametrize(
    ("storage", "word"),
    [
        ('folder = "static/kept"', '"static/kept"'),
        ('folder = "./pages"', '"./pages"'),
        ('uploads = "static/uploads"', '"static/uploads"'),
        ('database = "sqlite:///static/site.db"', '"sqlite:///static/site.db"'),
        ('folder = "kept/../templates"', '"kept/../templates"'),
        ('folder = "kept"\nuploads = "/srv/uploads"', None),
    ],
)
def test_what_visitors_wrote_is_not_kept_where_the_site_is(tmp_path: Path, storage: str, word: str | None) -> None:
    write(tmp_path, {"static/a.css": "", "pages/about.md": "# About\n", "templates/a.html": ""})
    codes = found(tmp_path, f"{FORM}\n[storage]\n{storage}\n")
    assert codes == ([("served-storage", word)] if word else [])


# --- who sees the message ---------------------------------------------------------------------------------------------

THANKS = FORM + 'template = "contact.html"\nsuccess = { redirect = "/thanks", message = "Thank you." }\n'
PLAIN = '[routes.thanks]\npath = "/thanks"\ntext = "Thanks"\n'
ROUTE = '[routes.thanks]\npath = "/thanks"\ntemplate = "thanks.html"\n'


@pytest.mark.parametrize(
    ("text", "templates", "codes"),
    [
        (THANKS + ROUTE, {"contact": "{{ form }}", "thanks": SHOWN}, []),
        (THANKS + ROUTE, {"contact": "{{ form }}", "thanks": "Thanks"}, ["unseen-message"]),
        (THANKS + PLAIN, {"contact": "{{ form }}"}, ["unseen-message"]),
        (THANKS.replace("/thanks", "/contact"), {"contact": "{{ form }}"}, []),
        (THANKS.replace('redirect = "/thanks", ', ""), {"contact": "{{ form }}"}, []),
        (THANKS.replace('redirect = "/thanks", ', "").replace('template = "contact.html"', ""), {}, []),
        (THANKS.replace(', message = "Thank you."', "") + ROUTE, {"contact": "{{ form }}", "thanks": "Thanks"}, []),
        (THANKS.replace("/thanks", "/static/thanks.txt"), {"contact": "{{ form }}"}, ["broken-link"]),
        (THANKS + "off = true\n", {"contact": "{{ form }}"}, []),
    ],
)  # fmt: skip
def test_who_sees_the_message(tmp_path: Path, text: str, templates: dict[str, str], codes: list[str]) -> None:
    assert [code for code, _ in found(tmp_path, text, **templates)] == codes


def test_a_written_page_shows_the_message(tmp_path: Path) -> None:
    write(tmp_path, {"pages/thanks.md": "# Thanks\n"})
    text = THANKS + '[[pages]]\nfolder = "pages"\ntemplate = "page.html"\n'
    shown = "<h1>{{ page.title }}</h1>{{ page.html }}"
    assert found(tmp_path, text, contact="{{ form }}", page=shown + SHOWN) == []
    assert [code for code, _ in found(tmp_path, text, contact="{{ form }}", page=shown)] == ["unseen-message"]


# --- what draws a form ------------------------------------------------------------------------------------------------

DRAWN = FORM + 'template = "contact.html"\n'


@pytest.mark.parametrize(
    "template",
    [
        "{{ form }}",
        "{% include 'inner.html' %}",
        "{% extends 'layout.html' %}{% block content %}{{ form }}{% endblock %}",
        "{{ form.start }}{{ form.name }}{{ form.button }}{{ form.end }}",
        "{{ form.start }}{% for field in form.fields %}{{ field }}{% endfor %}{{ form.button }}{{ form.end }}",
        "{% from 'macros.html' import shown %}{{ shown(form) }}",
    ],
)
def test_what_draws_a_form(tmp_path: Path, template: str) -> None:
    others = {
        "inner": "{{ form }}",
        "layout": "{% block content %}{% endblock %}",
        "macros": "{% macro shown(it) %}{{ it }}{% endmacro %}",
    }
    assert found(tmp_path, DRAWN, contact=template, **others) == []


@pytest.mark.parametrize(
    "template", ["Contact", "{% if form.errors %}Oh{% endif %}", '<form action="/search"><input name="q"></form>']
)
def test_what_draws_no_form(tmp_path: Path, template: str) -> None:
    codes = found(tmp_path, DRAWN + '[routes.search]\npath = "/search"\ntext = "Found"\n', contact=template)
    assert codes == [("form-not-drawn", '"contact.html"')]


def test_the_parts_of_a_form_that_are_known_are_there() -> None:
    form = Form.model_validate({"path": "/", "fields": {"name": {"label": "Name"}}})
    drawn = DrawnForm(form, "contact", "/", "en", str)
    assert [name for name in PARTS_OF_FORM if not hasattr(drawn, name)] == []
    assert [name for name in PARTS_OF_FIELD if not hasattr(drawn["name"], name)] == []
    public = {name for thing in (drawn, drawn["name"]) for name in vars(thing) if not name.startswith("_")}
    assert public - {"form", "question", "say"} <= {*PARTS_OF_FORM, *PARTS_OF_FIELD}


# --- variables, names and languages -----------------------------------------------------------------------------------


def test_a_variable_brings_no_template_into_a_message(tmp_path: Path) -> None:
    text = FORM + '[[forms.contact.send]]\nemail = "${TO}"\nsubject = "${WHAT} from {{ entry.name }}"\n'
    site = write(tmp_path, {"site.toml": SITE + text})
    assert check_site(site, {"TO": "a@b.example", "WHAT": "Hello"}) == ()
    codes = [problem.code for problem in check_site(site, {"TO": "{{ entry.name }}", "WHAT": "{% raw %}"})]
    assert codes.count("variable-with-signs") == 2


def test_forms_of_several_languages_have_an_address_in_each(tmp_path: Path) -> None:
    text = SITE.replace("[mail]", 'languages = ["en", "de"]\n[mail]') + FORM.replace(
        '"Your name"', '{ en = "A", de = "B" }'
    )
    text += '[routes.home]\npath = "/"\ntemplate = "home.html"\n'
    link = '<a href="/de/contact">D</a>{{ url_for("form.contact") }}'
    write(tmp_path, {"site.toml": text, "templates/home.html": link, "templates/home.de.html": link})
    assert check_site(tmp_path, {}) == ()


def test_a_text_of_a_field_in_no_language_of_the_site(tmp_path: Path) -> None:
    label = '{ en = "A", fr = "B" }'
    choices = '{ a = { label = { de = "A" } } }'
    text = (
        FORM.replace('"Your name"', label) + f'fields.pick = {{ label = "P", type = "radio", choices = {choices} }}\n'
    )
    codes = [code for code, _ in found(tmp_path, text)]
    assert sorted(codes) == ["missing-language", "unknown-language", "unknown-language"]
