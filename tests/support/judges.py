"""What judges of web pages say: html-validate of the HTML, axe-core of what a browser makes of it.

The judges are npm packages; `judges` is the folder they are installed in (see outside.node_modules).
"""

import json
import subprocess
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Page

CONFIGURATION = Path(__file__).parents[1] / "quality" / ".htmlvalidate.json"
WIDTHS = (1280, 390)
RULES: dict[Literal["light", "dark"], str] = {
    "light": "{ resultTypes: ['violations'] }",
    "dark": "{ resultTypes: ['violations'], runOnly: ['color-contrast', 'link-in-text-block'] }",
}
"""What axe-core looks for, by scheme: by night, nothing but colours is another."""


def complaints(judges: Path, folder: Path, pages: dict[str, str]) -> list[str]:
    """Return what html-validate says of pages."""
    names = {}
    for number, (address, html) in enumerate(pages.items()):
        file = folder / f"{number}.html"
        file.write_text(html, "utf-8")
        names[str(file)] = address
    verdict = folder / "verdict.json"
    command = [
        str(judges / ".bin" / "html-validate"),
        "--config",
        str(CONFIGURATION),
        "--formatter",
        f"json={verdict}",
        *names,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in {0, 1}, done.stderr
    return [
        f"{names[result['filePath']]}:{message['line']}:{message['column']} {message['ruleId']}: {message['message']}"
        for result in json.loads(verdict.read_text())
        for message in result["messages"]
    ]


def violations(chrome: Browser, judges: Path, shown: dict[str, str], base: str | None = None) -> list[str]:
    """Return what axe-core says of pages, by day and by night, on a desktop and on a phone."""
    found = []
    tab = chrome.new_page()
    for address, html in shown.items():
        if base is None:
            tab.set_content(html)
        else:
            tab.goto(base + address, wait_until="load")
        for width in WIDTHS:
            tab.set_viewport_size({"width": width, "height": 900})
            found += [f"{address} {width} {said}" for said in violations_of(tab, judges)]
    tab.close()
    return found


def violations_of(tab: Page, judges: Path) -> list[str]:
    """Return what axe-core says of the page that a tab shows, by day; and of its colours by night."""
    if not tab.evaluate("'axe' in window"):
        tab.evaluate((judges / "axe-core" / "axe.min.js").read_text("utf-8"))
    found = []
    for scheme, rules in RULES.items():
        tab.emulate_media(color_scheme=scheme)
        result: list[dict[str, Any]] = tab.evaluate(f"axe.run(document, {rules}).then(result => result.violations)")
        found += [f"{scheme} {_spoken(violation)}" for violation in result]
    tab.emulate_media(color_scheme="light")
    return found


def _spoken(violation: dict[str, Any]) -> str:
    return f"{violation['id']}: {violation['help']} {[node['target'] for node in violation['nodes']]}"
