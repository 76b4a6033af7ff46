"""`declweb schema`: what editors know of site files."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import tomli
from click.testing import CliRunner
from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # it has no types

from declweb.cli import main
from declweb.cli.schema import schema
from declweb.model.kinds import keys_of, kinds

ROOT = Path(__file__).parents[2]
FILES = [*sorted(ROOT.glob("sites/*/*.toml")), ROOT / "declweb/starter/site.toml"]


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    printed = json.loads(CliRunner().invoke(main, ["schema"]).stdout)
    assert printed == schema()
    Draft202012Validator.check_schema(printed)
    return Draft202012Validator(printed)


def plain(value: Any) -> Any:
    """Return a TOML value as editors look at it: dates are texts."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    return value.isoformat() if isinstance(value, date | datetime) else value


def complaints(validator: Draft202012Validator, text: str) -> list[str]:
    return [".".join(map(str, error.absolute_path)) for error in validator.iter_errors(plain(tomli.loads(text)))]


@pytest.mark.parametrize("file", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_site_file_fits(validator: Draft202012Validator, file: Path) -> None:
    assert complaints(validator, file.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('[site]\nnmae = "a"', "site"),
        ("[route.home]", ""),
        ("[server]\nport = 70000", "server.port"),
        ('[server]\nport = "8000"', "server.port"),
        ('[server]\ngrace = "soon"', "server.grace"),
        ('[json."A b"]\npath = "/"\nvalue = 1', "json"),
        ('[env.production]\ninclude = ["a.toml"]', "env.production"),
        ("[env.production.server]\nport = -1", "env.production.server.port"),
        ("[routes.home]\nmethods = []", "routes.home.methods"),
        ('[redirects]\n"/a" = 1', "redirects./a"),
        ('[routes.home]\ntext = "a"', "routes.home"),
        ('[security.csp]\nimage-src = "self"', "security.csp"),
        ("[security.permissions_policy]\ncmaera = true", "security.permissions_policy"),
        ('[security]\ncoop = "strict"', "security.coop"),
    ],
)
def test_what_does_not_fit(validator: Draft202012Validator, text: str, path: str) -> None:
    assert path in complaints(validator, text)


@pytest.mark.parametrize(
    "text",
    [
        '[server]\nport = "${PORT}"\ngrace = "${GRACE:-1 second}"',
        '[routes.home]\npath = "/"\ntext = "a"\nmethods = "POST"',
        '[env.production.routes.home]\ncache = "never"',
        '[redirects]\n"/a" = [{ to = "/b", starts = 2026-01-01, query = { id = true } }, "/c"]',
        "[proxy]\nfor = 1",
        '[security]\nhsts = false\n[security.csp]\nimg-src = ["self", "${CDN}"]\nfont-src = "${A}"\nobject-src = false',
        '[security]\npermissions_policy = { camera = true, usb = "self" }\nhsts = "never"\ncsp = false\ncoop = false',
        '[config]\nanything = [1, "a", { b = 2026-01-01 }]',
    ],
)
def test_what_fits(validator: Draft202012Validator, text: str) -> None:
    assert complaints(validator, text) == []


def test_every_table_and_key_is_described_and_none_is_nameless() -> None:
    found = schema()
    definitions = found["$defs"]
    assert set(found["properties"]) == {*kinds(), "env"}
    for kind in kinds().values():
        assert found["properties"][kind.name]["description"]
        if kind.model is None:
            continue
        table = definitions[kind.model.__name__]
        assert table["title"] == kind.header
        assert table["additionalProperties"] is False
        assert set(table["properties"]) == set(keys_of(kind.model))
        for key, value in table["properties"].items():
            assert value["description"], key
    assert found["properties"]["site"]["$ref"] == "#/$defs/SiteTable"
    assert definitions["Server"]["properties"]["grace"]["default"] == "30 seconds"
    assert "null" not in json.dumps(found)
