"""The pages to sign in and out as people use them: in Chromium, by day, by night, on a phone, by keyboard."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cases import copied
from judges import WIDTHS, violations_of
from outside import browser as chromium_running
from outside import node_modules
from playwright.sync_api import Browser, Page, expect
from servers import Running, serve
from visiting import PASSWORD, quick_hash

HERE = Path(__file__).parents[1]
BAKERY = HERE.parent / "sites" / "bakery"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium_running() as running:
        yield running


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = copied(BAKERY, tmp_path_factory.mktemp("users"))
    with serve(folder, variables={"ANNA_PASSWORD_HASH": quick_hash()}) as running:
        yield running


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def page(request: pytest.FixtureRequest, browser: Browser, site: Running) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=request.param, base_url=site.url)
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    context.close()


def enter(page: Page, name: str, password: str) -> None:
    """Sign in with the keyboard alone."""
    page.get_by_label("Name").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_staff_come_in_and_go(page: Page) -> None:
    page.goto("/staff/?from=a-note")
    assert page.url.endswith("/login?next=/staff/%3Ffrom%3Da-note")
    enter(page, "anna", "wrong")
    expect(page.get_by_role("alert")).to_contain_text("Name or password are not right.")
    expect(page.get_by_label("Name")).to_have_value("anna")
    expect(page.get_by_label("Password")).to_have_value("")
    assert page.title() == "Error: Sign in · Blackbird Bakery"
    enter(page, "Anna", PASSWORD)
    assert page.url.endswith("/staff/?from=a-note")
    expect(page.get_by_role("heading", level=1)).to_have_text("For the staff")
    page.goto("/login")
    page.get_by_role("link", name="Sign out").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("status")).to_have_text("You are signed out.")
    page.go_back()
    page.goto("/staff/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_what_is_wrong_is_focused(browser: Browser, site: Running) -> None:
    page = browser.new_page(base_url=site.url)
    page.goto("/login")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".dw-summary")).to_be_focused()
    page.get_by_role("link", name="Enter your password").click()
    expect(page.get_by_label("Password")).to_be_focused()
    page.close()


def test_axe_finds_nothing(browser: Browser, site: Running) -> None:
    judges = node_modules(HERE / "quality")
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    found: list[str] = []

    def judge(what: str, widths: tuple[int, ...] = WIDTHS[-1:]) -> None:
        """Ask about what is there; by more widths where there is most of it."""
        for width in widths:
            page.set_viewport_size({"width": width, "height": 900})
            found.extend(f"{what} {width} {said}" for said in violations_of(page, judges))
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (what, width)

    page.goto("/login")
    judge("at first")
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in").click()
    judge("with nothing written", WIDTHS)
    enter(page, "anna", "wrong")
    judge("with a wrong password")
    enter(page, "anna", PASSWORD)
    page.goto("/login")
    judge("signed in")
    page.goto("/login/out")
    judge("before signing out")
    with page.expect_navigation():
        page.get_by_role("button", name="Sign out").click()
    judge("signed out")
    context.close()
    assert not found
