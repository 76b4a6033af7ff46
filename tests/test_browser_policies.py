"""What `check` says of policies and what rewrites do, held against a real browser."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from cases import write
from outside import browser as chromium_running
from playwright.sync_api import Browser
from servers import serve

from declweb.loading import check_site

SITE = '[site]\nname = "Policies"\n[routes.home]\npath = "/"\ntemplate = "home.html"\n'
HOME = """<!doctype html>
<title>before</title>
<script>document.title = "after"</script>
<style>p { color: rgb(1, 2, 3) }</style>
<p id="p" style="margin-left: 7px" onclick="this.id = 'clicked'">Go</p>
<img src="http://127.0.0.2:9/a.png" alt="">
<script src="http://127.0.0.3:9/a.js"></script>
<link rel="stylesheet" href="http://127.0.0.4:9/a.css">
<iframe src="http://127.0.0.5:9/" title="Frame"></iframe>
<video src="http://127.0.0.6:9/a.mp4"></video>
<object data="/static/a.svg" type="image/svg+xml"></object>
<img src="data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=" alt="">
<img src="/static/a.svg" alt="">
<script type="application/ld+json">{}</script>
"""
WATCH = """
window.blocked = [];
document.addEventListener("securitypolicyviolation", event => window.blocked.push(event.effectiveDirective));
"""
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium_running() as running:
        yield running


def _blocked(browser: Browser, folder: Path) -> tuple[list[str], str]:
    """Return the directives that a browser says are violated, and the page's title."""
    with serve(folder) as site:
        page = browser.new_page()
        page.add_init_script(WATCH)
        page.goto(site.url, wait_until="load")
        page.click("p")
        blocked: list[str] = page.evaluate("window.blocked")
        title = page.title()
        page.close()
    return sorted(blocked), title


def test_check_says_what_the_browser_blocks_and_what_allows_it(browser: Browser, tmp_path: Path) -> None:
    folder = write(tmp_path, {"site.toml": SITE, "templates/home.html": HOME, "static/a.svg": SVG})
    problems = [problem for problem in check_site(folder, {}) if problem.code == "blocked-by-policy"]
    blocked, title = _blocked(browser, folder)
    assert title == "before"
    assert blocked == [
        "frame-src", "img-src", "media-src", "object-src", "script-src-attr", "script-src-elem", "script-src-elem",
        "style-src-attr", "style-src-elem", "style-src-elem",
    ]  # fmt: skip
    assert len(problems) == len(blocked)

    allowed: dict[str, list[str]] = {}
    for problem in problems:
        if found := re.search(r'add "(\S+)" to `(\S+)`', problem.help or ""):
            allowed.setdefault(found[2], []).append(found[1])
    lines = "".join(f"{directive} = {sources}\n".replace("'", '"') for directive, sources in allowed.items())
    write(folder, {"site.toml": f"{SITE}[security.csp]\n{lines}"})
    left = [problem.message for problem in check_site(folder, {}) if problem.code == "blocked-by-policy"]
    assert len(left) == 2
    assert _blocked(browser, folder) == (["script-src-attr", "style-src-attr"], "after")


def test_a_single_page_app_in_a_browser(browser: Browser, tmp_path: Path) -> None:
    text = """
[site]
name = "App"

[[static]]
path = "/app"
folder = "app"

[[rewrites]]
from = "/app/<path:rest>"
to = "/app/index.html"
navigation_only = true
"""
    shell = '<!doctype html>\n<title>Shell</title>\n<script src="/app/{}"></script>'
    main = (
        'document.title = location.pathname; fetch("/app/data").then(answer => window.status_of_data = answer.status)'
    )
    files: dict[str, str | bytes] = {"site.toml": text, "app/index.html": shell.format("main.js"), "app/main.js": main}
    with serve(write(tmp_path, files)) as site:
        page = browser.new_page()
        statuses: dict[str, int] = {}
        page.on(
            "response", lambda answer: statuses.update({answer.url.removeprefix(site.url.rstrip("/")): answer.status})
        )
        page.goto(f"{site.url}app/orders/7")
        page.wait_for_function("window.status_of_data !== undefined")
        assert page.title() == "/app/orders/7"
        with page.expect_response("**/gone.js"):
            page.evaluate(
                "document.body.append(Object.assign(document.createElement('script'), {src: '/app/gone.js'}))"
            )
        page.close()
    assert statuses == {"/app/orders/7": 200, "/app/main.js": 200, "/app/data": 404, "/app/gone.js": 404}
