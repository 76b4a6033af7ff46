"""What judges of web pages say of forms: as they come, with everything wrong, closed, and in declweb's own page."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cases import copied, running, write
from judges import WIDTHS, complaints, violations_of
from outside import browser, node_modules
from playwright.sync_api import Browser, Route
from werkzeug.test import Client

from declweb.app import App
from declweb.model.fields import TYPES
from declweb.translations import LANGUAGES

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
EXAMPLES = ("form-in-own-html", "order-with-upload")

FIELDS = """
[forms.all.fields.{type}]
type = "{type}"
label = "A {type}"
help = "What it is for"
"""
MORE = {
    **dict.fromkeys(
        ("select", "radio", "checkboxes"),
        'choices = { a = { label = "A", places = 3 }, b = { label = "B", places = 0 }, c = "C" }\n',
    ),
    "textarea": "max_length = 50\nrequired = true\n",
    "text": 'pattern = "[a-z]+"\nrequired = true\n',
    "checkbox": "required = true\n",
    "number": "min = 0.5\nmax = 7\n",
    "date": 'min = "today"\nmax = "today + 1 year"\n',
    "file": 'multiple = true\naccept = ["images", "documents"]\n',
    "hidden": 'default = "x"\n',
}
OPTIONS = {
    "open": "",
    "closed": "ends = 2020-01-01\n",
}


def site_file(options: str, language: str = "en") -> str:
    fields = "".join(
        FIELDS.format(type=type_).replace('help = "What it is for"\n' if type_ == "hidden" else "", "")
        + MORE.get(type_, "")
        for type_ in TYPES
    )
    return f"""
[site]
name = "All fields"
language = "{language}"

[forms.all]
path = "/"
keep = "1 year"
{options}
{fields}
"""


Shown = tuple[App, str]
"""A page, and the site that has what it needs besides."""


def answers(app: App, path: str = "/") -> dict[str, Shown]:
    """Return a form's page as it comes, and with everything wrong that can be."""
    return {where: (app, page) for where, page in _answers(app, path).items()}


def _answers(app: App, path: str) -> dict[str, str]:
    client = Client(app)
    with client.get(path) as answer:
        found = {f"{path} {answer.status_code}": answer.get_data(as_text=True)}
    with client.post(path, data={"select": "?", "email": "?", "number": "?", "date": "?", "radio": "?"}) as answer:
        found[f"{path} POST {answer.status_code}"] = answer.get_data(as_text=True)
    with client.post(path, data="%%%", content_type="multipart/form-data") as answer:
        found[f"{path} unreadable {answer.status_code}"] = answer.get_data(as_text=True)
    with client.post(path, data={"name": "x"}, headers={"Sec-Fetch-Site": "cross-site"}) as answer:
        found[f"{path} cross-site {answer.status_code}"] = answer.get_data(as_text=True)
    return found


@pytest.fixture(scope="module")
def judges() -> Path:
    return node_modules(HERE)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Shown]:
    """Pages of forms, by where they come from."""
    found: dict[str, Shown] = {}
    for language in LANGUAGES:
        for name, options in OPTIONS.items():
            folder = write(tmp_path_factory.mktemp("all"), {"site.toml": site_file(options, language)})
            found |= {f"{name} {language} {where}": page for where, page in answers(running(folder)).items()}
    bakery = copied(ROOT / "sites" / "bakery", tmp_path_factory.mktemp("bakery"))
    app = running(bakery)
    for path in ("/contact", "/order", "/guestbook"):
        found |= answers(app, path)
    for name in EXAMPLES:
        example = copied(ROOT / "examples" / name, tmp_path_factory.mktemp("example"))
        found |= {f"{name} {where}": page for where, page in answers(running(example)).items()}
    return found


def test_every_state_is_there(pages: dict[str, Shown]) -> None:
    seen = {where.rpartition(" ")[2] for where in pages}
    assert seen == {"200", "400", "403", "422", "503"}


def test_html_of_forms_is_valid(judges: Path, pages: dict[str, Shown], tmp_path: Path) -> None:
    assert not complaints(judges, tmp_path, {where: page for where, (_, page) in pages.items()})


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with browser() as running_browser:
        yield running_browser


ORIGIN = "http://forms.example"


@pytest.mark.parametrize("width", WIDTHS)
def test_forms_are_accessible(chrome: Browser, judges: Path, pages: dict[str, Shown], width: int) -> None:
    """With their styles, which the browser gets from the site itself."""
    found: list[str] = []
    tab = chrome.new_page(viewport={"width": width, "height": 900})
    for where, (app, page) in pages.items():
        if " de " in where or " es " in where:
            continue
        tab.unroute_all()
        tab.route(f"{ORIGIN}/**", _site(app, page))
        tab.goto(ORIGIN)
        found += [f"{where} {said}" for said in violations_of(tab, judges)]
        if tab.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{where} is wider than the screen")
    tab.close()
    assert not found


def _site(app: App, page: str) -> Callable[[Route], None]:
    """Return what answers a browser: with the page, and with everything else that it asks the site for."""

    def respond(route: Route) -> None:
        if route.request.is_navigation_request():
            route.fulfill(body=page, content_type="text/html; charset=utf-8")
            return
        with Client(app).get(route.request.url.removeprefix(ORIGIN)) as answer:
            route.fulfill(status=answer.status_code, body=answer.get_data(), headers=dict(answer.headers))

    return respond
