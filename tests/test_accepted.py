"""Sites that work, as an author writes them: tests/accepted/*.md."""

from pathlib import Path

import pytest
from cases import Jar, accepted, ask, differences, running, strict_client, write

CASES = sorted((Path(__file__).parent / "accepted").glob("*.md"))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_site_works(case: Path, tmp_path: Path) -> None:
    site = accepted(case.read_text())
    folder = write(tmp_path, site.files)
    environments = {exchange.environment for exchange in site.exchanges}
    apps = {name: running(folder, name, **site.variables) for name in environments}
    jars: dict[str | None, Jar] = {name: {} for name in environments}
    for exchange in site.exchanges:
        app = apps[exchange.environment]
        response = ask(strict_client(app), exchange, jars[exchange.environment], site.files)
        wrong = differences(exchange, response, app)
        assert not wrong, f"{exchange.method} {exchange.url}: {wrong}\n{response.status}\n{response.headers}"
