"""The bakery's forms as visitors use them: in Chromium, with JavaScript and without, with the mouse and without one."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from cases import copied
from judges import WIDTHS, violations_of
from outside import browser as chromium_running
from outside import node_modules
from playwright.sync_api import Browser, Page, expect
from servers import Running, serve

from declweb.forms.samples import SampleFile, right_file
from declweb.storage import Entry, StoreSettings, opened

HERE = Path(__file__).parent
BAKERY = HERE.parent / "sites" / "bakery"
PICTURE = right_file(["images"])
RECEIPT = re.compile(r"[0-9A-Z]{5}-[0-9A-Z]{5}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium_running() as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bakery, open all year, for a visitor who sends a lot."""
    folder = copied(BAKERY, tmp_path_factory.mktemp("forms"))
    file = folder / "site.toml"
    text = re.sub(r"^closed(_text)? = .*\n|^limit = .*\n", "", file.read_text("utf-8"), flags=re.MULTILINE)
    file.write_text(re.sub(r"^(keep = .*)$", r'\1\nlimit = "none"', text, flags=re.MULTILINE), "utf-8")
    return folder


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[Running]:
    with serve(folder) as running:
        yield running


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def has_script(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def page(browser: Browser, site: Running, *, has_script: bool) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=has_script, base_url=site.url)
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.on("filechooser", lambda _: None)  # so that it is caught from the first moment on
    yield page
    context.close()


def entries(folder: Path, form: str, name: str) -> list[Entry]:
    """Return what is stored of the visitor of that name."""
    store = opened(StoreSettings(folder / "storage"))
    try:
        return [entry for entry in store.entries(form) if entry.values["name"] == name]
    finally:
        store.stop()


def payload(file: SampleFile) -> Any:
    return {"name": file.name, "mimeType": file.media_type, "buffer": file.content}


def send(page: Page) -> int:
    """Send the form, and return the status of the page that comes."""
    with page.expect_response(lambda answer: answer.request.method == "POST") as waiting:
        page.locator("main form button[type=submit]").click()
    page.wait_for_load_state()
    return int(waiting.value.status)


def receipt_on(page: Page) -> str:
    found = RECEIPT.search(page.inner_text("main"))
    assert found, page.inner_text("main")
    return found[0]


def assert_says(page: Page, field: str, words: str) -> None:
    """See that a field is marked, that what is wrong is said beside it and above, and that the title says it."""
    expect(page).to_have_title(re.compile(r"^Error: "))
    wrong = page.locator(f'[name="{field}"]').first
    expect(wrong).to_have_attribute("aria-invalid", "true")
    described = (wrong.get_attribute("aria-describedby") or "").split()
    beside = " ".join(page.locator(f'[id="{each}"]').inner_text() for each in described)
    assert words.casefold() in beside.casefold(), beside
    above = page.get_by_role("alert")
    assert words.casefold() in above.inner_text().casefold()
    above.get_by_role("link").first.click()
    expect(wrong).to_be_focused()


# --- fill, fail, correct, upload, succeed -----------------------------------------------------------------------------


def test_contact(page: Page, folder: Path, *, has_script: bool) -> None:
    name = f"Ann {has_script} <b>&amp;</b>"
    page.goto("/contact")
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Your e-mail address").fill("ann@nowhere")
    page.get_by_label("What is it about?").select_option("Praise")
    page.get_by_label("Your message").fill("Hello there, bakers.\nThe rye!  ünï 🍞")
    assert send(page) == 422
    assert_says(page, "email", "e-mail")
    expect(page.get_by_label("Your name")).to_have_value(name)
    expect(page.get_by_label("What is it about?")).to_have_value("Praise")
    expect(page.get_by_label("Your message")).to_have_value("Hello there, bakers.\nThe rye!  ünï 🍞")
    page.get_by_label("Your e-mail address").fill("ann@example.org")
    assert send(page) == 303
    assert page.url.endswith("/thanks")
    assert f"Thank you, {name}." in page.inner_text("main")
    (entry,) = entries(folder, "contact", name)
    assert entry.receipt == receipt_on(page)
    page.reload()
    assert not RECEIPT.search(page.inner_text("main")), "the message is shown once"
    assert page.context.cookies() == []


def test_order(page: Page, folder: Path, *, has_script: bool) -> None:
    name = f"Bea {has_script}"
    page.goto("/order")
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Your e-mail address").fill("bea@nowhere")
    page.get_by_label("My own idea").check()
    page.get_by_label("Tell us your idea").fill("A tram")
    expect(page.get_by_label("For how many people?")).to_have_value("8")
    page.locator('[name="date"]').fill(page.locator('[name="date"]').get_attribute("max") or "")
    page.locator('[name="photo"]').set_input_files([payload(PICTURE)])
    page.get_by_label("Nuts").check()
    page.get_by_label("Egg").check()
    page.get_by_label("I have read the terms").check()
    assert send(page) == 422
    assert_says(page, "email", "e-mail")
    expect(page.get_by_label("My own idea")).to_be_checked()
    expect(page.get_by_label("Tell us your idea")).to_have_value("A tram")
    expect(page.get_by_label("Nuts")).to_be_checked()
    expect(page.get_by_label("Milk")).not_to_be_checked()
    expect(page.get_by_label("I have read the terms")).to_be_checked()
    assert PICTURE.name in page.inner_text("main form"), "the upload is kept"
    page.get_by_label("Your e-mail address").fill("bea@example.org")
    assert send(page) == 303
    assert page.url.endswith("/thanks")
    assert "Your cake is ordered." in page.inner_text("main")
    (entry,) = entries(folder, "order", name)
    assert entry.receipt == receipt_on(page)
    assert entry.values["idea"] == "A tram"
    assert entry.values["allergies"] == ["Nuts", "Egg"]
    (photo,) = entry.uploads
    assert photo.name == PICTURE.name
    assert (folder / "storage" / "uploads" / photo.id).read_bytes()[:8] == PICTURE.content[:8]


def test_guestbook(page: Page, folder: Path, *, has_script: bool) -> None:
    name = f"Cleo {has_script}"
    page.goto("/guestbook")
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Your words").fill("   ")
    assert send(page) == 422
    assert_says(page, "message", "fill this in")
    expect(page.get_by_label("Your name")).to_have_value(name)
    page.get_by_label("Your words").fill("Grüße aus Köln")
    assert send(page) == 303
    assert page.url.endswith("/guestbook")
    assert "Your words appear once we have read them" in page.inner_text("main")
    assert "Thank you!" not in page.inner_text("main form"), "said once, above the form"
    expect(page.get_by_label("Your name")).to_have_value("")
    (entry,) = entries(folder, "guestbook", name)
    assert entry.status == "waiting"


# --- the script, and without it ---------------------------------------------------------------------------------------


def test_the_idea_is_asked_for_when_it_is_wanted(page: Page, *, has_script: bool) -> None:
    page.goto("/order")
    idea = page.locator('[name="idea"]')
    expect(idea).to_be_visible(visible=not has_script)
    page.get_by_label("My own idea").check()
    expect(idea).to_be_visible()
    idea.fill("A tram")
    page.get_by_label("Sacher").check()
    expect(idea).to_be_visible(visible=not has_script)


def test_an_idea_that_is_not_wanted_is_not_kept(page: Page, folder: Path, *, has_script: bool) -> None:
    name = f"Dora {has_script}"
    page.goto("/order")
    fill_order(page, name)
    page.get_by_label("My own idea").check()
    page.locator('[name="idea"]').fill("A chess board")
    page.get_by_label("Cheesecake").check()
    assert send(page) == 303
    (entry,) = entries(folder, "order", name)
    assert entry.values["cake"] == "cheese"
    assert "chess" not in str(entry.values)


def test_the_server_asks_for_an_idea(browser: Browser, site: Running) -> None:
    page = browser.new_context(java_script_enabled=False, base_url=site.url).new_page()
    page.goto("/order")
    fill_order(page, "Emma")
    page.get_by_label("My own idea").check()
    assert send(page) == 422
    assert_says(page, "idea", "fill this in")
    page.context.close()


def fill_order(page: Page, name: str) -> None:
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Your e-mail address").fill("guest@example.org")
    page.get_by_label("Sacher").check()
    page.locator('[name="date"]').fill(page.locator('[name="date"]').get_attribute("max") or "")
    page.get_by_label("I have read the terms").check()


# --- sending twice ----------------------------------------------------------------------------------------------------


def fill_contact(page: Page, name: str) -> None:
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Your e-mail address").fill("guest@example.org")
    page.get_by_label("Your message").fill("The same words, sent more than once.")


def test_a_double_click_is_one_entry(page: Page, folder: Path, *, has_script: bool) -> None:
    name = f"Frieda {has_script}"
    page.goto("/contact")
    fill_contact(page, name)
    page.locator("main form button[type=submit]").dblclick()
    page.wait_for_url("**/thanks")
    (entry,) = entries(folder, "contact", name)
    assert entry.receipt == receipt_on(page)


def test_going_back_and_sending_again_is_one_entry(page: Page, folder: Path, *, has_script: bool) -> None:
    name = f"Greta {has_script}"
    page.goto("/contact")
    fill_contact(page, name)
    assert send(page) == 303
    first = receipt_on(page)
    page.go_back()
    fill_contact(page, name)
    assert send(page) == 303
    assert receipt_on(page) == first
    (entry,) = entries(folder, "contact", name)
    assert entry.receipt == first


def test_other_words_after_going_back_are_another_entry(page: Page, folder: Path, *, has_script: bool) -> None:
    name = f"Hanna {has_script}"
    page.goto("/contact")
    fill_contact(page, name)
    assert send(page) == 303
    first = receipt_on(page)
    page.go_back()
    fill_contact(page, name)
    page.get_by_label("Your message").fill("And one more thing that I forgot.")
    assert send(page) == 303
    assert receipt_on(page) != first
    assert len(entries(folder, "contact", name)) == 2


def test_a_page_with_errors_can_be_asked_for_again(page: Page, folder: Path, *, has_script: bool) -> None:
    """Reloading sends it once more; it is no entry, and everything is still there."""
    name = f"Ida {has_script}"
    page.goto("/contact")
    fill_contact(page, name)
    page.get_by_label("Your e-mail address").fill("ida@nowhere")
    assert send(page) == 422
    page.reload()
    expect(page.get_by_label("Your name")).to_have_value(name)
    assert entries(folder, "contact", name) == []


def test_what_is_sent_again_has_the_same_key(browser: Browser, site: Running) -> None:
    """After an error, after going back and after reloading; whoever comes anew has another one."""
    page = browser.new_context(base_url=site.url).new_page()
    keys: list[str] = []
    page.on("request", lambda asked: keys.extend(parse_qs(asked.post_data or "").get("_key", [])))
    page.goto("/contact")
    fill_contact(page, "Karl")
    page.get_by_label("Your e-mail address").fill("karl@nowhere")
    assert send(page) == 422
    page.get_by_label("Your e-mail address").fill("karl@example.org")
    assert send(page) == 303
    page.goto("/contact")
    fill_contact(page, "Karl and Karla")
    assert send(page) == 303
    page.go_back()
    page.reload()
    fill_contact(page, "Karl and Karla")
    assert send(page) == 303
    page.context.close()
    assert len(keys) == 4
    assert keys[0] == keys[1]
    assert keys[1] != keys[2]
    assert keys[2] == keys[3]


# --- without a mouse --------------------------------------------------------------------------------------------------


def tab_to(page: Page, name: str, value: str | None = None) -> None:
    """Press the tab key until a field has the focus."""
    where = f'[name="{name}"]' + (f'[value="{value}"]' if value else "")
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.locator(f"{where}:focus").count():
            return
    raise AssertionError(f"the tab key does not lead to {where}")


def test_an_order_by_keyboard_alone(page: Page, folder: Path, *, has_script: bool) -> None:
    name = f"Jule {has_script}"
    page.goto("/order")
    tab_to(page, "name")
    page.keyboard.type(name)
    tab_to(page, "email")
    page.keyboard.type("jule@nowhere")
    tab_to(page, "cake")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("My own idea")).to_be_checked()
    tab_to(page, "idea")
    page.keyboard.type("A tram")
    tab_to(page, "people")
    page.keyboard.press("ArrowUp")
    tab_to(page, "date")
    year, month, day = (page.locator('[name="date"]').get_attribute("max") or "").split("-")
    page.keyboard.type(f"{month}{day}{year}")
    tab_to(page, "photo")
    with page.expect_file_chooser() as choosing:
        page.keyboard.press("Space")
    choosing.value.set_files([payload(PICTURE)])
    tab_to(page, "allergies", "Milk")
    page.keyboard.press("Space")
    tab_to(page, "terms")
    page.keyboard.press("Space")
    with page.expect_response(lambda answer: answer.request.method == "POST") as waiting:
        page.keyboard.press("Enter")
    page.wait_for_load_state()
    assert waiting.value.status == 422
    if has_script:
        expect(page.locator(".dw-summary")).to_be_focused()
    tab_to(page, "email")
    page.keyboard.press("Control+a")
    page.keyboard.type("jule@example.org")
    page.keyboard.press("Enter")
    page.wait_for_url("**/thanks")
    (entry,) = entries(folder, "order", name)
    assert entry.values["idea"] == "A tram"
    assert entry.values["allergies"] == ["Milk"]


# --- for everybody ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def judges() -> Path:
    return node_modules(HERE / "quality")


@pytest.mark.parametrize("width", WIDTHS)
def test_forms_are_accessible(browser: Browser, site: Running, judges: Path, width: int) -> None:
    """The forms as they come, with errors, and with what follows, by day and by night."""
    context = browser.new_context(base_url=site.url, viewport={"width": width, "height": 900})
    page = context.new_page()
    found: list[str] = []

    def look(where: str) -> None:
        found.extend(f"{where} {said}" for said in violations_of(page, judges))
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{where} is wider than the screen")

    page.goto("/guestbook")
    look("guestbook")
    page.get_by_label("Your name").fill(f"Kim {width}")
    page.get_by_label("Your words").fill("  ")
    send(page)
    look("guestbook with an error")
    page.get_by_label("Your words").fill("Hello")
    send(page)
    look("guestbook with thanks")
    page.goto("/contact")
    look("contact")
    fill_contact(page, f"Kim {width}")
    page.get_by_label("Your e-mail address").fill("kim@nowhere")
    send(page)
    look("contact with an error")
    page.get_by_label("Your e-mail address").fill("kim@example.org")
    send(page)
    look("thanks")
    page.goto("/order")
    look("order")
    fill_order(page, f"Kim {width}")
    page.get_by_label("My own idea").check()
    page.locator('[name="idea"]').fill("  ")
    page.locator('[name="photo"]').set_input_files([payload(PICTURE)])
    page.get_by_label("Your e-mail address").fill("kim@nowhere")
    send(page)
    look("order with errors and an upload")
    context.close()
    assert not found


def test_what_was_too_large_is_one_page_back(browser: Browser, site: Running) -> None:
    """Nobody reads it on the server, but the browser has still got it, as the page says."""
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    page.goto("/contact")
    page.fill("[name=name]", "Ann")
    page.fill("[name=message]", "x" * 1_100_000)
    page.click("button.dw-button")
    expect(page.get_by_text("go back in your browser")).to_be_visible()
    page.go_back()
    expect(page.locator("[name=name]")).to_have_value("Ann")
    assert len(page.input_value("[name=message]")) == 1_100_000
    context.close()
