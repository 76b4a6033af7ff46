"""The inbox as its owner uses it: in Chromium, by day and by night, on a phone, without script or mouse."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from inboxes import PASSWORD, bakery, fail, put, store_of, words
from judges import complaints, violations_of
from naughty import naughty_strings
from outside import browser as chromium_running
from outside import node_modules
from playwright.sync_api import Browser, BrowserContext, Page, expect
from servers import Running, serve

from declweb.storage import Store

QUALITY = Path(__file__).parent / "quality"
WIDE, PHONE = 1280, 390


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium_running() as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bakery(tmp_path_factory.mktemp("inbox"))


@pytest.fixture(scope="module")
def store(folder: Path) -> Iterator[Store]:
    store = store_of(folder)
    yield store
    store.stop()


@pytest.fixture(scope="module")
def site(folder: Path, store: Store) -> Iterator[Running]:
    store.prepare()
    with serve(folder) as running:
        yield running


@dataclass(frozen=True)
class Way:
    """A way to use the inbox."""

    width: int
    scheme: str
    has_script: bool = True
    is_by_keyboard: bool = False


WAYS = {
    "day": Way(WIDE, "light"),
    "night": Way(WIDE, "dark"),
    "phone": Way(PHONE, "light", has_script=False),
    "keyboard": Way(WIDE, "light", is_by_keyboard=True),
}


@pytest.fixture(scope="module")
def cookies(browser: Browser, site: Running) -> list[object]:
    """Return what is kept of somebody who has signed in on the login page, by keyboard."""
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    page.goto("/inbox/entries?q=rye")
    assert page.url.endswith("/login?next=/inbox/entries%3Fq%3Drye"), page.url
    name = page.locator('input:not([type="hidden"])').first
    name.focus()
    page.keyboard.type("anna")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/inbox/entries?q=rye")
    found = context.cookies()
    context.close()
    return list(found)


@pytest.fixture(params=list(WAYS.values()), ids=list(WAYS))
def way(request: pytest.FixtureRequest) -> Way:
    assert isinstance(request.param, Way)
    return request.param


@pytest.fixture
def context(browser: Browser, site: Running, cookies: list[object], way: Way) -> Iterator[BrowserContext]:
    context = browser.new_context(
        base_url=site.url,
        viewport={"width": way.width, "height": 900},
        color_scheme="dark" if way.scheme == "dark" else "light",
        java_script_enabled=way.has_script,
    )
    context.add_cookies(cookies)  # type: ignore[arg-type] # as they were given
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.on("dialog", lambda _: pytest.fail("something that was stored ran"))
    return page


def press(page: Page, name: str, way: Way, within: str = "main") -> None:
    """Press a button, with the mouse or with the keyboard."""
    button = page.locator(within).get_by_role("button", name=re.compile(rf"^{name}\b")).first
    with page.expect_response(lambda answer: answer.request.method == "POST") as waiting:
        if way.is_by_keyboard:
            button.focus()
            page.keyboard.press("Enter")
        else:
            button.click()
    assert waiting.value.status == 303
    page.wait_for_load_state()


def choose(page: Page, receipt: str, way: Way) -> None:
    """Tick the box of an entry."""
    box = page.locator(f'input[value="{receipt}"]')
    if way.is_by_keyboard:
        box.focus()
        page.keyboard.press("Space")
    else:
        box.check()
    expect(box).to_be_checked()


def assert_told(page: Page, what: str) -> None:
    expect(page.locator(".told")).to_contain_text(what)


def receipts(page: Page) -> list[str]:
    return [str(each.get_attribute("value")) for each in page.locator('input[name="receipt"][type="checkbox"]').all()]


# --- every action -----------------------------------------------------------------------------------------------------


def test_every_action(page: Page, store: Store, way: Way, request: pytest.FixtureRequest) -> None:
    who = f"Ann{request.node.callspec.id.replace('-', '')}"
    first, second = (put(store, "contact", words(who, f"Letter {number} about rye")) for number in (1, 2))
    guest = put(store, "guestbook", {"name": who, "message": "What a fine place"}, status="waiting")
    order = put(
        store, "order", {"name": who, "email": f"{who.lower()}@example.net", "cake": "sacher"},
        file=("Straßenbahn.png", b"\x89PNG picture"), mails=["orders@blackbird.example"],
    )  # fmt: skip
    fail(store, order, "550 5.1.1 <orders@blackbird.example> unknown")

    page.goto("/inbox")
    if way.is_by_keyboard:
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
    page.get_by_role("navigation").get_by_role("link", name="Entries").click()
    page.get_by_label("Search").fill(who)
    page.get_by_label("Search").press("Enter")
    page.wait_for_url(f"**/inbox/entries?q={who}*")
    listed = page.url
    assert set(receipts(page)) == {first, second, guest, order}
    mark_and_judge(page, way, first, second, guest)
    assert f"q={who}" in page.url
    delete_and_bring_back(page, way, first, second, guest, order)
    page.goto(listed)
    page.locator(f'a[href$="{order}"]').click()
    read_and_send_again(page, way, who)
    assert page.url.endswith(order)
    take_along(page, listed)
    page.goto(f"/inbox/entry/{order}")
    copy_and_erase(page, way)
    assert store.entry(order) is None


def mark_and_judge(page: Page, way: Way, first: str, second: str, guest: str) -> None:
    for receipts_of, button, told in (
        ((first, second), "Mark as seen", "2 entries are marked as seen."),
        ((first,), "Mark as new", "1 entry is marked as new."),
        ((guest,), "Approve", "1 entry is approved."),
        ((second,), "Hold", "1 entry is held"),
        ((second,), "Release", "1 entry is released."),
    ):
        for receipt in receipts_of:
            choose(page, receipt, way)
        press(page, button, way)
        assert_told(page, told)


def delete_and_bring_back(page: Page, way: Way, *each_of: str) -> None:
    if way.has_script:
        page.get_by_label("All on this page").check()
        assert page.locator('input[name="receipt"]:checked').count() == 4
    else:
        expect(page.get_by_text("All on this page")).to_be_hidden()
        for each in each_of:
            choose(page, each, way)
    press(page, "Delete", way)
    assert_told(page, "4 entries are deleted.")
    assert receipts(page) == []
    page.goto("/inbox")
    press(page, "Undo", way, ".told")
    assert_told(page, "4 entries are back.")


def read_and_send_again(page: Page, way: Way, who: str) -> None:
    expect(page.locator("h1")).to_have_text(who)
    with page.expect_download() as saving:
        page.get_by_role("link", name="Straßenbahn.png").click()
    assert saving.value.suggested_filename == "Straßenbahn.png"
    assert Path(saving.value.path()).read_bytes() == b"\x89PNG picture"
    expect(page.locator(".message")).to_contain_text("550 5.1.1 <orders@blackbird.example> unknown")
    press(page, "Send again", way, ".message")
    assert_told(page, "The message goes out again now.")
    reply = page.get_by_role("link", name="Reply").get_attribute("href") or ""
    assert reply.startswith(f"mailto:{who.lower()}@example.net?subject=Re%3A%20About")


def take_along(page: Page, listed: str) -> None:
    for kind in ("CSV", "XLSX", "JSON"):
        page.goto(listed)
        with page.expect_download() as saving:
            page.get_by_role("link", name=kind, exact=True).click()
        assert saving.value.suggested_filename.endswith(f".{kind.lower()}")


def copy_and_erase(page: Page, way: Way) -> None:
    page.get_by_role("link", name=re.compile("^Everything of")).click()
    with page.expect_download() as saving:
        page.get_by_role("link", name="Copy everything").click()
    assert saving.value.suggested_filename.endswith(".zip")
    page.get_by_role("link", name="Erase everything").click()
    press(page, "Erase for good", way)
    assert_told(page, "Erased for good: entries 1, files 1")
    page.goto("/inbox/done")
    expect(page.locator(".log")).to_contain_text("erased everything of an address, 1 entry")


# --- what judges say --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_judges_find_nothing(  # noqa: PLR0913 # fixtures
    browser: Browser, site: Running, cookies: list[object], store: Store, width: int, tmp_path: Path
) -> None:
    """By day and by night; and nothing is wider than the screen."""
    judges = node_modules(QUALITY)
    held = put(store, "contact", words("Seo"), status="held", points=18, reasons=["honeypot", "links 4"])
    order = put(
        store, "order", {"name": "W" * 300, "email": "w@example.org"}, file=("W" * 150, b"x"), mails=["a@b.example"]
    )
    fail(store, order)
    put(store, "contact", words("Old"), ago=timedelta(days=3))
    context = browser.new_context(base_url=site.url, viewport={"width": width, "height": 900})
    context.add_cookies(cookies)  # type: ignore[arg-type] # as they were given
    page, found, pages = context.new_page(), [], {}
    page.on("console", lambda message: found.append(message.text) if "Security Policy" in message.text else None)
    for path in (
        "/inbox", "/inbox/entries", "/inbox/entries?form=order&from=x", "/inbox/entries?q=nothing",
        f"/inbox/entry/{held}", f"/inbox/entry/{order}", "/inbox/messages", "/inbox/done",
        "/inbox/address?address=w@example.org", "/inbox/address?address=nobody@example.org",
        "/inbox/address/erase?address=w@example.org",
    ):  # fmt: skip
        page.goto(path)
        pages[path] = context.request.get(path).text()
        for each in page.locator("details").all():
            each.evaluate("one => { one.open = true }")
        found += [f"{path} {said}" for said in violations_of(page, judges)]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{path} is wider than the screen")
    context.close()
    assert not found
    assert not complaints(judges, tmp_path, pages)


# --- whatever is stored -----------------------------------------------------------------------------------------------


def test_naughty_strings_are_shown_as_text(
    browser: Browser, site: Running, cookies: list[object], store: Store
) -> None:
    """In the list, on their own page, in titles and in what messages say: nothing runs, nothing leaves its place."""
    strings = [each for each in naughty_strings() if each.strip()]
    shown = put(store, "contact", {"name": "plain", "message": "\n".join(strings)})
    ones = [put(store, "contact", {"name": each, "message": each}, mails=["a@b.example"]) for each in strings[::9]]
    fail(store, ones[-1], "".join(strings[60:90]))
    context = browser.new_context(base_url=site.url)
    context.add_cookies(cookies)  # type: ignore[arg-type] # as they were given
    page = context.new_page()
    page.on("dialog", lambda _: pytest.fail("something that was stored ran"))
    page.add_init_script("window.alert = () => { document.title = 'ran' }")
    for path in (f"/inbox/entry/{shown}", *(f"/inbox/entry/{one}" for one in ones[-3:])):
        page.goto(path)
        assert page.locator("main script, main img, main iframe, main style").count() == 0
        assert page.locator("main form").count() <= 3
        assert page.locator("h1").count() == 1
    page.goto("/inbox/entries?form=contact")
    rows = page.locator(".row")
    assert rows.count() == 50
    assert page.locator(".row > *").count() == 250
    assert page.locator(".rows script, .rows img, .rows b").count() == 0
    assert page.title() != "ran"
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\ufeff\x00-\x08\x0e-\x1f]", page.content())
    page.goto("/inbox/messages")
    assert page.locator("main script").count() == 0
    context.close()
