"""Whatever the document of a site says is so, as Schemathesis tries it: right requests, wrong ones, all of its checks.

The suite tries a few; `python tests/support/trying.py 2000` tries as many as that, and says what it saw.
"""

from pathlib import Path

import pytest
from trying import DOCUMENTED, tried

FEW = 10
"""Examples of each operation, besides those that every boundary of a schema asks for."""


@pytest.mark.parametrize("site", DOCUMENTED, ids=lambda site: site.name)
def test_what_the_document_says_is_so(site: Path, tmp_path: Path) -> None:
    found = tried(site, tmp_path, each=FEW)
    assert not found.failures, "\n\n".join(found.failures)
    assert found.requests > FEW / 2
