"""The served script, in Chromium: what it adds to a form that works without it."""

from collections.abc import Iterator
from typing import Any

import pytest
from asking import form_of
from outside import browser as chromium_running
from playwright.sync_api import Browser, Page, Route, expect

from declweb.forms.drawing import DrawnForm
from declweb.forms.script import script, style
from declweb.translations import translated

FIELDS = """
cake = { label = "Which cake?", type = "radio", choices = { sacher = "Sacher", own = "My own idea" } }
idea = { label = "Your idea", type = "textarea", show_when = { cake = "own" }, required = true, max_length = 20 }
answer = { label = "I want an answer", type = "checkbox" }
email = { label = "Your address", type = "email", required_when = { answer = true } }
photo = { label = "A picture", type = "file", max_size = "2 KB" }
"""
ADDRESS = "http://forms.test"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium_running() as running:
        yield running


@pytest.fixture
def sent() -> list[str]:
    return []


@pytest.fixture
def page(browser: Browser, sent: list[str]) -> Iterator[Page]:
    context = browser.new_context(base_url=ADDRESS)
    page = context.new_page()
    page.set_default_timeout(10_000)

    def answer(route: Route) -> None:
        address = route.request.url.removeprefix(ADDRESS)
        files = {each.address: each for each in (script(), style())}
        if route.request.method == "POST":
            sent.append(route.request.post_data or "")
            route.fulfill(status=204)
        elif address in files:
            route.fulfill(body=files[address].body, content_type=files[address].media_type)
        else:
            route.fulfill(body=document(errors={"cake": "No"} if "wrong" in address else {}), content_type="text/html")

    context.route("**/*", answer)
    yield page
    context.close()


def document(**shown: Any) -> str:
    drawn = DrawnForm(form_of(FIELDS), "ask", "/ask", "en", translated("en"), **shown)
    return f"<!doctype html><meta charset=utf-8><title>Ask</title><main>{drawn.__html__()}</main>"


def test_fields_come_and_go_with_their_condition_and_keep_what_was_written(page: Page) -> None:
    page.goto("/ask")
    idea = page.get_by_label("Your idea")
    expect(idea).to_be_hidden()
    page.get_by_label("My own idea").check()
    expect(idea).to_be_visible()
    assert idea.get_attribute("required") is not None
    idea.fill("A blackbird")
    page.get_by_label("Sacher").check()
    expect(idea).to_be_hidden()
    expect(idea).to_be_disabled()
    page.get_by_label("My own idea").check()
    expect(idea).to_have_value("A blackbird")


def test_a_field_says_when_it_may_stay_empty(page: Page) -> None:
    page.goto("/ask")
    email, optional = page.get_by_label("Your address"), page.locator("[data-field=email] .dw-optional")
    expect(optional).to_be_visible()
    page.get_by_label("I want an answer").check()
    expect(optional).to_be_hidden()
    assert email.get_attribute("required") is not None


def test_letters_are_counted_and_none_is_cut_off(page: Page) -> None:
    page.goto("/ask")
    page.get_by_label("My own idea").check()
    count = page.locator("#ask-idea-count")
    expect(count).to_have_text("Characters left: 20")
    page.get_by_label("Your idea").fill("x" * 23)
    expect(count).to_have_text("Too many characters: 3")
    expect(page.get_by_label("Your idea")).to_have_value("x" * 23)


def test_a_file_that_is_too_large_does_not_travel(page: Page, sent: list[str]) -> None:
    page.goto("/ask")
    photo = page.get_by_label("A picture")
    photo.set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": b"x" * 2001})
    expect(page.locator("#ask-photo-error")).to_have_text("This file is too large: choose one of at most 2 KB")
    assert photo.get_attribute("aria-describedby") == "ask-photo-error"
    page.get_by_role("button", name="Send").click()
    expect(photo).to_be_focused()
    assert sent == []
    photo.set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": b"x" * 2000})
    expect(page.locator("#ask-photo-error")).to_be_hidden()
    page.get_by_role("button", name="Send").click()
    page.wait_for_timeout(100)
    assert len(sent) == 1


def test_nothing_is_sent_twice_and_what_is_sent_has_a_key_and_its_time(page: Page, sent: list[str]) -> None:
    page.goto("/ask")
    with page.expect_request(lambda request: request.method == "POST"):
        page.get_by_role("button", name="Send").dblclick()
    page.wait_for_timeout(200)
    assert len(sent) == 1
    assert 'name="_key"' in sent[0]
    assert 'name="_seconds"' in sent[0]


def test_the_summary_has_the_focus_and_leads_to_the_field(page: Page) -> None:
    page.goto("/wrong")
    expect(page.locator(".dw-summary")).to_be_focused()
    page.get_by_role("link", name="No").click()
    expect(page.get_by_label("Sacher")).to_be_focused()
