"""`declweb reference`: the manual, and whether it is up to date."""

from pathlib import Path

import pytest
import tomli
from click.testing import CliRunner, Result

from declweb.cli import main, manual
from declweb.cli.manual import Key, keys, sentence_of, toml
from declweb.cli.reference import reference
from declweb.model import Site
from declweb.model.kinds import Kind, kinds
from declweb.problems import CODES

ROOT = Path(__file__).parents[2]
TABLES = [kind for kind in kinds().values() if kind.model]
KEYS = [pytest.param(key, id=f"{kind.name}.{key.word}") for kind in TABLES for key in keys(kind.model or Site)]


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["reference", *map(str, arguments)])


def test_the_manual_in_docs_is_up_to_date() -> None:
    result = invoke("--check", ROOT / "docs" / "reference.md")
    assert result.exit_code == 0, result.stderr


def test_an_old_manual_is_named(tmp_path: Path) -> None:
    file = tmp_path / "reference.md"
    file.write_text("old")
    result = invoke("--check", file)
    assert (result.exit_code, result.stderr) == (1, f"{file} is not up to date; renew it: declweb reference > {file}\n")
    file.write_text(invoke().stdout)
    assert invoke("--check", file).exit_code == 0
    file.unlink()
    result = invoke("--check", file)
    assert (result.exit_code, result.stderr) == (2, f"error: `{file}` cannot be read: no such file or directory\n")


def test_every_table_has_a_section_in_the_order_of_the_manual() -> None:
    text = reference()
    headers = [f"## `{kind.header}`" for kind in kinds().values() if kind.shape != "top"]
    places = [text.index(header) for header in headers]
    assert places == sorted(places)
    for code in CODES:
        assert f"\n| `{code}` | " in text


@pytest.mark.parametrize("kind", kinds().values(), ids=lambda kind: kind.name)
def test_every_table_has_a_sentence(kind: Kind) -> None:
    assert sentence_of(kind).endswith(".")


@pytest.mark.parametrize("key", KEYS)
def test_every_key_has_a_sentence_and_its_examples_are_toml(key: Key) -> None:
    assert key.sentence.endswith(".")
    assert key.type
    if key.default:
        tomli.loads(f"default = {key.default}")
    if key.example:
        assert list(tomli.loads(key.example)) == [key.word]


def test_types_are_told_in_the_words_of_the_site_file() -> None:
    told = {(kind.name, key.word): key for kind in TABLES for key in keys(kind.model or Site)}
    assert told["limits", "body"].type == 'size such as `"5 MB"`'
    assert told["limits", "body"].default == '"1 MB"'
    assert told["server", "grace"].default == '"30 seconds"'
    assert told["server", "port"].type == "whole number from 0 to 65535"
    assert told["logging", "level"].type == 'one of `"debug"`, `"info"`, `"warning"`, `"error"`'
    assert told["headers", "unset"].type == "name of a header, or a list of such"
    assert told["redirects", "starts"].type == "date or date with time"
    assert told["site", "name"].is_required


def test_values_are_written_on_one_line() -> None:
    value = {"a b": [1, True, "x\ny"], "c": {"d": 1.5}}
    assert toml(value) == '{ "a b" = [1, true, "x\\ny"], c = { d = 1.5 } }'
    assert tomli.loads(f"v = {toml(value)}")["v"] == value


def test_what_nobody_describes_has_no_sentence() -> None:
    assert manual.sentences(Site)["config"]
    assert "site" not in manual.sentences(Site)
