"""The sites as a visitor sees them: a real browser, on a desktop and on a phone, by day and by night."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from outside import browser as chromium_running
from playwright.sync_api import Browser, ConsoleMessage, Page, Response
from servers import serve

SITES = Path(__file__).parent.parent / "sites"
WIDTHS = {"desktop": 1280, "phone": 390}
PAGES = (
    "/",
    "/menu/",
    "/menu/cake/",
    "/products/sacher",
    "/about",
    "/news/",
    "/news/plums",
    "/imprint",
    "/contact",
    "/order",
    "/no-such-page",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium_running() as running:
        yield running


@pytest.fixture(scope="module")
def bakery() -> Iterator[str]:
    with serve(SITES / "bakery") as site:
        yield site.url


def watched(page: Page) -> list[str]:
    """Return the list that fills with everything the browser complains about."""
    complaints: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "404 (Not Found)" not in message.text:
            complaints.append(message.text)

    def on_response(response: Response) -> None:
        if response.status >= 400 and not response.url.endswith("/no-such-page"):
            complaints.append(f"{response.status} {response.url}")

    page.on("console", on_console)
    page.on("response", on_response)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_bakery_is_whole(browser: Browser, bakery: str, width: int, scheme: str) -> None:
    page = browser.new_page(
        viewport={"width": width, "height": 900}, color_scheme="dark" if scheme == "dark" else "light"
    )
    complaints = watched(page)
    for path in PAGES:
        page.goto(bakery.rstrip("/") + path, wait_until="load")
        assert page.locator("h1").count() == 1, path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{path} is wider than the screen"
        broken = page.evaluate("[...document.images].filter(i => i.complete && !i.naturalWidth).map(i => i.src)")
        assert not broken, path
    page.close()
    assert not complaints


def test_everything_is_reached_by_clicking(browser: Browser, bakery: str) -> None:
    page = browser.new_page()
    complaints = watched(page)
    page.goto(bakery)
    seen = {page.url}
    todo = [page.url]
    while todo:
        page.goto(todo.pop())
        links = page.evaluate("[...document.querySelectorAll('a[href]')].map(a => a.href.split('#')[0])")
        for link in links:
            if link.startswith(bakery) and link not in seen:
                seen.add(link)
                todo.append(link)
    page.close()
    assert len(seen) >= 25
    assert not complaints


def test_a_mistake_shows_in_the_browser_until_it_is_mended(browser: Browser, tmp_path: Path) -> None:
    """--dev draws the problem, with file, line and fix, and shows the page again by itself."""
    file = tmp_path / "site.toml"
    file.write_text('[site]\nname = "x"\n\n[routes.home]\npath = "/"\nhtml = "<h1>Fine</h1>"\n')
    with serve(tmp_path, "--dev") as site:
        page = browser.new_page()
        page.goto(site.url)
        assert page.inner_text("h1") == "Fine"
        file.write_text('[site]\nname = "x"\n\n[routes.home]\npath = "/"\nhmtl = "<h1>Fine</h1>"\n')
        for _ in range(200):
            page.goto(site.url)
            if "hmtl" in page.content():
                break
        shown = page.inner_text("body")
        assert "site.toml:6:1" in shown
        assert "did you mean `html`?" in shown or "did you mean html?" in shown
        file.write_text('[site]\nname = "x"\n\n[routes.home]\npath = "/"\nhtml = "<h1>Mended</h1>"\n')
        page.wait_for_selector("h1:has-text('Mended')", timeout=60_000)
        page.close()
