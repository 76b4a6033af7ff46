"""The sites that are measured: the one in `site/`, and large ones that are written for the purpose."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from declweb.app import App

SITE = Path(__file__).parent / "site"
VIEWS = Path(__file__).parent / "views"
"""A site of views."""
PAGE = "/page.html"
"""A prepared page of 1 KB."""
PRODUCT = "/products/moabit-rye"
"""A page with a URL variable, inheritance and ten expressions."""
PRICES = "/prices/bread"
"""A page with a URL variable and a loop of 20 rows."""
ONE = "/one/plum"
"""A page with a URL variable and nothing else."""

FILE = "/static/{}.txt"
"""One of the files that are written for the purpose, by number."""


def load(site: Path) -> "App":
    """Return a site as it is served."""
    from declweb.loading import load_site  # noqa: PLC0415 - what this imports belongs to what is measured

    found = load_site(site, None, {})
    if found.app is None:
        raise SystemExit("\n".join(map(str, found.problems)))
    return found.app


def write_routes(folder: Path, count: int) -> Path:
    """Write a site of so many routes with a variable."""
    routes = "".join(f'[routes.r{n}]\npath = "/r{n}/<name>"\ntemplate = "one.html"\n' for n in range(count))
    (folder / "templates").mkdir(parents=True)
    (folder / "templates" / "one.html").write_text("<p>{{ name }}</p>\n", encoding="utf-8")
    return _write(folder, f'[site]\nname = "Many"\n{routes}')


def old_address(number: int) -> str:
    """Return one of the addresses that redirects are written for."""
    return f"/{2000 + number % 20}/{number % 12 + 1:02}/what-was-told-{number}.html"


def _new_address(number: int) -> str:
    return f"/articles/what-was-told-{number}"


_MOVED = '[site]\nname = "Moved"\n[routes.article]\npath = "/articles/<slug>"\ntext = "{{ slug }}"\n'


def write_redirects(folder: Path, count: int) -> Path:
    """Write a site whose redirects stand in [redirects]; each leads to a page that is there."""
    lines = "".join(f'"{old_address(number)}" = "{_new_address(number)}"\n' for number in range(count))
    return _write(folder, f"{_MOVED}[redirects]\n{lines}")


def write_redirects_csv(folder: Path, count: int) -> Path:
    """Write a site whose redirects stand in a CSV file; each leads to a page that is there."""
    lines = "".join(f"{old_address(number)},{_new_address(number)}\n" for number in range(count))
    folder.mkdir(exist_ok=True)
    (folder / "moved.csv").write_text(f"from,to\n{lines}", encoding="utf-8")
    return _write(folder, f'redirects_from = ["moved.csv"]\n{_MOVED}')


def write_files(folder: Path, count: int, size: int) -> bytes:
    """Write a site with so many files of so many bytes, all of them the same; return what is in them."""
    line = b"<p>Rye, spelt and plum cake, every day but Monday</p>\n"
    body = (line * (size // len(line) + 1))[:size]
    (folder / "static").mkdir(parents=True)
    for number in range(count):
        (folder / FILE.format(number).lstrip("/")).write_bytes(body)
    _write(folder, '[site]\nname = "Files"\n[routes.home]\npath = "/"\ntext = "Home"\n')
    return body


def _write(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    site = folder / "site.toml"
    site.write_text(text, encoding="utf-8")
    return site
