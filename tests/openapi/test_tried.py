"""Whatever the document of a site says is so, as Schemathesis tries it: right requests, wrong ones, all of its checks.

The suite tries a few, the same ones each time; `python tests/support/trying.py 2000` tries as many as that, and says
what it saw.
"""

from pathlib import Path

import pytest
from trying import DOCUMENTED, tried

FEW = 10
"""Examples of each operation, besides those that every boundary of a schema asks for."""


LIKE_OTHERS = {"contact-form", "form-in-own-html"}
"""Forms that ask for nothing that others do not ask for, and take long."""
SITES = [site for site in DOCUMENTED if site.name not in LIKE_OTHERS]


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_what_the_document_says_is_so(site: Path, tmp_path: Path) -> None:
    found = tried(site, tmp_path, each=FEW, seed=1)
    assert not found.failures, "\n\n".join(found.failures)
    assert found.requests > FEW / 2


VARIABLES = """
[site]
name = "Blackbird Bakery"

[hooks]
module = "hooks"

[converters.room]
one_of = ["red", "blue"]

[json.table]
path = "/api/tables/<room:room>/<int:number>"
get = "told"
put = "told"

[json.table.params]
when = "datetime"
people = { type = "integer", min = 2, max = 12, default = 4 }

[json.price]
path = "/api/prices/<day>/<price>"
get = "told"
patch = "told"
params = { day = "date", price = "number" }

[json.below]
path = "/api/below/<path:rest>"
get = "told"
cors = "*"
"""


def test_functions_at_addresses_with_variables_are_what_the_document_says(tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "site.toml").write_text(VARIABLES)
    (site / "hooks.py").write_text("def told(**given):\n    return sorted(given)\n")
    found = tried(site, tmp_path / "tried", each=2 * FEW, seed=1)
    assert not found.failures, "\n\n".join(found.failures)
    assert {"200", "400", "404", "405"} <= found.statuses.keys()
