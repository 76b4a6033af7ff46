"""The catalogues: each has every text that declweb says to visitors, and nothing else."""

import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import declweb
from declweb.compiler.default_errors import STATUSES, Error
from declweb.translations import LANGUAGES, SOURCE, find_spoken, translated

PACKAGE = Path(declweb.__file__).parent
OTHERS = [language for language in LANGUAGES if language != SOURCE]
SAID = {
    str(text)
    for _, _, text, _, _ in extract_from_dir(
        PACKAGE,
        [
            ("cli/**.py", "ignore"),
            ("**.py", "python"),
            ("inbox/templates/**.html", "jinja2"),
            ("data/templates/**.html", "jinja2"),
        ],
        keywords={"mark": None, "say": None},
    )
}


def catalogue(language: str) -> Catalog:
    with (files("declweb.translations") / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def messages(language: str) -> list[Message]:
    return [message for message in catalogue(language) if message.id]


def test_texts_are_found() -> None:
    assert {"Page not found", "To the start page"} <= SAID


def test_every_catalogue_comes_with_the_package() -> None:
    found = {Path(file.name).stem for file in files("declweb.translations").iterdir() if file.name.endswith(".po")}
    assert found == set(OTHERS)


@pytest.mark.parametrize("language", OTHERS)
def test_catalogue_is_complete(language: str) -> None:
    assert {str(message.id) for message in messages(language)} == SAID
    assert not catalogue(language).obsolete
    for message in messages(language):
        assert message.string, message.id
        assert not message.fuzzy, message.id
        assert not list(message.check()), message.id
        assert str(message.string).endswith(".") == str(message.id).endswith("."), message.id


@pytest.mark.parametrize("status", STATUSES)
def test_every_error_has_words_in_every_language(status: int) -> None:
    told = [Error.of(status, language) for language in LANGUAGES]
    assert len({error.title for error in told}) == len(LANGUAGES)
    assert len({error.description for error in told}) == len(LANGUAGES)
    assert len({error.name for error in told}) == 1


def test_unlisted_errors_have_the_words_of_their_class() -> None:
    assert Error.of(418).description == Error.of(400).description
    assert Error.of(507).description == Error.of(500).description
    assert Error.of(418).name == "I'm a Teapot"


@pytest.mark.parametrize(
    ("tag", "language"), [("de", "de"), ("de-AT", "de"), ("DE", "de"), ("pl", None), ("den", None)]
)
def test_tags_find_our_languages(tag: str, language: str | None) -> None:
    assert find_spoken(tag) == language


def test_what_has_no_translation_stays_english() -> None:
    assert translated("de")("No such text") == "No such text"
    assert translated("pl")("Page not found") == "Page not found"
    assert translated("en")("Page not found") == "Page not found"


def test_catalogues_are_read_when_they_are_needed() -> None:
    code = (
        "import sys, declweb; from declweb.compiler.default_errors import Error; Error.of(404, 'en-GB');"
        "assert 'babel' not in sys.modules; Error.of(404, 'de'); assert 'babel' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
