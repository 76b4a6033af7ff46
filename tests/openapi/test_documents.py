"""The document of every site that declweb brings along is one, by the judgement of others."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate
from trying import DOCUMENTED
from werkzeug.test import Client

import declweb

ROOT = Path(__file__).parents[2]
SITES = sorted(path.parent for path in (*ROOT.glob("sites/*/site.toml"), *ROOT.glob("examples/*/site.toml")))


def client_of(site: Path, folder: Path) -> Client:
    shutil.copytree(site, folder / site.name, ignore=shutil.ignore_patterns("storage"))
    return Client(declweb.load(folder / site.name / "site.toml"))


@pytest.mark.filterwarnings("default")  # of sites: what they leave out is told
@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_the_document_of_a_site_is_valid(site: Path, tmp_path: Path) -> None:
    answer = client_of(site, tmp_path).get("/openapi.json")
    assert (answer.status_code == 200) == (site in DOCUMENTED)
    if answer.status_code == 200:
        document: dict[str, Any] = answer.get_json()
        validate(document)
        assert document["openapi"].startswith("3.1")
