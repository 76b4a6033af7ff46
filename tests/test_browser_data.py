"""Rows of data as people see them: in Chromium, by day and by night, on a phone, without script."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cases import write
from judges import complaints, violations_of
from naughty import naughty_strings
from outside import browser as chromium_running
from outside import node_modules
from playwright.sync_api import Browser, Page, expect
from servers import Running, serve

QUALITY = Path(__file__).parent / "quality"
WAYS = {"day": (1280, "light"), "night": (1280, "dark"), "phone": (390, "light"), "phone by night": (390, "dark")}

SITE = """
[site]
name = "Blackbird Bakery"
languages = ["en", "de"]

[data.menu]
file = "data/menu.csv"
[data.menu.columns]
name = "text"
category = ["bread", "cake", "drinks"]
price = { type = "number", heading = "Price (€)" }
pieces = "integer"
vegan = "yes/no"
baked = "date"
ready = "time"
seen = "datetime"
link = "url"
[data.hours]
file = "data/hours.toml"

[json.menu]
path = "/api/menu"
data = "menu"
filter = ["name", "category", "price", "vegan", "baked", "ready", "seen"]
sort = ["name", "price"]
page_size = 5
params = { shop = "text" }

[json.hours]
path = "/api/hours"
data = "hours"

[forms.order]
path = "/order"
keep = "30 days"
fields.cake = { label = "Cake", type = "text", required = true }
fields.pieces = { label = "Pieces", type = "integer", min = 1, max = 12 }
"""

ROWS = [
    f"Cake {number},{('bread', 'cake', 'drinks')[number % 3]},{number}.50,{number * 1000},{('yes', 'no')[number % 2]},"
    f"2026-11-{number + 1:02},07:{number + 10},2026-11-{number + 1:02}T18:00:00Z,https://cakes.example/{number}"
    for number in range(12)
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    written = [f'"{text.replace(chr(34), chr(34) * 2)}",,,,,,,,' for text in naughty_strings() if text.strip()]
    heading = "name,category,Price (€),pieces,vegan,baked,ready,seen,link"
    files = {
        "site.toml": SITE,
        "data/menu.csv": "\n".join([heading, *ROWS, *written]),
        "data/hours.toml": 'monday = ["07:00"]\nopen = true\n[note]\ntext = "<b>closed</b>"\nday = 2026-12-24\n',
    }
    with serve(write(tmp_path_factory.mktemp("data"), files)) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium_running() as running:
        yield running


@pytest.fixture(params=list(WAYS.values()), ids=list(WAYS))
def page(request: pytest.FixtureRequest, browser: Browser, site: Running) -> Iterator[Page]:
    width, scheme = request.param
    context = browser.new_context(
        base_url=site.url,
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        java_script_enabled=False,
        locale="en-GB",
    )
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if "Policy" in message.text else None)
    yield page
    context.close()
    assert said == [], "the policy of the page lets everything in that it asks for"


def names(page: Page) -> list[str]:
    return page.locator("tbody tr td:first-child").all_inner_texts()


def test_sort_filter_and_turn_pages(page: Page) -> None:
    page.goto("/api/menu")
    assert names(page) == [f"Cake {number}" for number in range(5)]
    page.get_by_role("link", name="Price (€)").click()
    expect(page.get_by_role("columnheader", name="Price (€)")).to_have_attribute("aria-sort", "ascending")
    page.get_by_role("link", name="Price (€)").click()
    expect(page.get_by_role("columnheader", name="Price (€)")).to_have_attribute("aria-sort", "descending")
    assert names(page)[:2] == ["Cake 11", "Cake 10"]

    page.locator("summary").click()
    page.get_by_label("category", exact=True).select_option("cake")
    page.get_by_label("Price (€), at most").fill("8.5")
    page.get_by_role("button", name="Show these rows").click()
    assert names(page) == ["Cake 7", "Cake 4", "Cake 1"]
    expect(page.locator("caption")).to_have_text("3 rows")
    expect(page.get_by_label("category", exact=True)).to_have_value("cake")
    expect(page.locator(".asked li")).to_have_count(2)
    page.get_by_role("link", name="Do not ask this: Price (€) is at most 8.5").click()
    assert names(page) == ["Cake 10", "Cake 7", "Cake 4", "Cake 1"]

    page.locator("summary").click()
    page.get_by_label("seen, at least").fill("2026-11-08T18:00")
    page.get_by_role("button", name="Show these rows").click()
    assert names(page) == ["Cake 10", "Cake 7"]

    page.goto("/api/menu?category__in=bread,drinks")
    seen = names(page)
    while page.get_by_role("link", name="Next rows").count():
        page.get_by_role("link", name="Next rows").click()
        seen += names(page)
    assert seen == [f"Cake {number}" for number in range(12) if number % 3 != 1]
    page.get_by_role("link", name="First rows").click()
    assert names(page) == seen[:5]


def test_what_people_read(page: Page) -> None:
    page.goto("/api/menu?sort=-price")
    cells = page.locator("tbody tr").first.locator("td").all_inner_texts()
    assert cells[:5] == ["Cake 11", "drinks", "11.50", "11,000", "no"]
    with page.expect_download() as waiting:
        page.get_by_role("link", name="CSV").click()
    assert waiting.value.suggested_filename == "menu.csv"
    page.goto("/api/menu?prize=3")
    expect(page.locator("main")).to_contain_text("prize is not known here. Did you mean price?")
    page.goto("/api/hours")
    expect(page.locator("main")).to_contain_text("<b>closed</b>")
    page.get_by_role("link", name="JSON").click()
    expect(page.locator("pre")).to_contain_text('"text": "<b>closed</b>"')


def test_nothing_is_wider_than_the_window(page: Page) -> None:
    for address in ("/api/menu", "/api/menu?price__empty=yes&page_size=1000", "/api/hours"):
        page.goto(address)
        box = page.locator("html").bounding_box()
        main = page.locator("main").bounding_box()
        assert box is not None
        assert main is not None
        assert main["x"] + main["width"] <= box["width"], address


def test_the_language_is_one_of_the_site(browser: Browser, site: Running) -> None:
    context = browser.new_context(base_url=site.url, locale="de-AT")
    page = context.new_page()
    page.goto("/api/menu?sort=-price")
    assert page.locator("tbody tr").first.locator("td").all_inner_texts()[2:6] == [
        "11,50",
        "11.000",
        "nein",
        "12.11.2026",
    ]
    page.locator("summary").click()
    expect(page.get_by_role("button")).to_have_text("Diese Zeilen zeigen")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    context.close()


def test_judges_find_nothing(browser: Browser, site: Running, tmp_path: Path) -> None:
    judges = node_modules(QUALITY)
    found: list[str] = []
    shown: dict[str, str] = {}
    for name, (width, scheme) in WAYS.items():
        context = browser.new_context(
            base_url=site.url, viewport={"width": width, "height": 900}, bypass_csp=True, locale="en"
        )
        context.new_page()
        tab = context.pages[0]
        tab.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        for address in (
            "/api/menu",
            "/api/menu?sort=-price&price__lt=5&name__not=x",
            "/api/menu?price__empty=yes",
            "/api/hours",
            "/openapi.json",
        ):
            answer = tab.goto(address)
            assert answer is not None
            shown[address] = answer.text()
            found += [f"{address} {name} {said}" for said in violations_of(tab, judges)]
        context.close()
    assert found == []
    said = complaints(judges, tmp_path, shown)
    assert said == [], "\n".join(said)
