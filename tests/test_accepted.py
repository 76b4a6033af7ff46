"""Sites that work, as an author writes them: tests/accepted/*.md."""

from pathlib import Path

import pytest
from cases import accepted, ask, differences, running, strict_client, write

CASES = sorted((Path(__file__).parent / "accepted").glob("*.md"))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_site_works(case: Path, tmp_path: Path) -> None:
    site = accepted(case.read_text())
    folder = write(tmp_path, site.files)
    environments = {exchange.environment for exchange in site.exchanges}
    clients = {name: strict_client(running(folder, name, **site.variables)) for name in environments}
    for exchange in site.exchanges:
        response = ask(clients[exchange.environment], exchange)
        wrong = differences(exchange, response)
        assert not wrong, f"{exchange.method} {exchange.url}: {wrong}\n{response.status}\n{response.headers}"
