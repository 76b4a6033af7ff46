"""examples/ holds one idea each: all of them load without a word, say what they show, and answer."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from wsgiref.validate import validator

import pytest
from cases import Exchange, ask, copied, differences, running, strict_client
from click.testing import CliRunner
from werkzeug.test import Client
from werkzeug.wrappers import Response

from declweb.cli import main
from declweb.clock import set_to
from declweb.forms.samples import SampleFile, right_file
from declweb.loading import check_site, load_site

FOLDER = Path(__file__).parents[1] / "examples"

REQUESTS: dict[str, list[tuple[str, list[str]]]] = {
    "behind-a-proxy": [
        ("/bakery/", ["200", 'contains href="/bakery/visitor"', "contains https://example.org/bakery/"]),
        ("/bakery/visitor", ["200", "contains over http"]),
        ("/bakery/me", ["301", "Location: /bakery/visitor"]),
    ],
    "contact-form": [
        ("/", ["200", "contains <label", "contains Your e-mail address", "contains We only use it to answer you."]),
    ],
    "environments": [("/", ["200", "contains Hello from https://blackbird.example, the shop is open"])],
    "errors": [
        ("/", ["200", "contains /missing"]),
        ("/missing", ["404", "contains Nothing at /missing"]),
    ],
    "flaskr": [("/hello", ["200", "body Hello, World!"]), ("/auth/login", ["200", "contains Log In"])],
    "form-in-own-html": [("/", ["200", 'contains <form method="post" action="/"', "lacks _marginalia"])],
    "form-in-two-languages": [
        ("/", ["200", "contains Your name", "contains Saturday"]),
        ("/de/", ["200", "Content-Language: de", "contains Ihr Name", "contains Samstag"]),
    ],
    "headers": [
        ("/", ["200", "Cache-Control: public, max-age=300", "Content-Language: en", "X-Greeting: Hello"]),
        (
            "/prices.csv",
            ["Content-Type: text/csv; charset=utf-8", 'Content-Disposition: attachment; filename="prices.csv"'],
        ),
        ("/map", ["Content-Security-Policy: default-src 'self'; frame-src https://maps.example"]),
        ("/missing", ["404", "X-Robots-Tag: noindex", "without X-Greeting"]),
    ],
    "hello": [("/", ["200", "body <p>Hello, World!</p>"])],
    "json": [
        ("/", ["contains /api/version"]),
        ("/api/version", ["Content-Type: application/json", 'contains "released": "2026-11-15"']),
        ("/api/hours", ["Cache-Control: public, max-age=3600", "Access-Control-Allow-Origin: *"]),
    ],
    "language": [
        ("/", ["200", "contains Good day"]),
        ("/in/de", ["200", "contains de"]),
    ],
    "login": [("/", ["200", "contains Log in"]), ("/login", ["200"]), ("/logout", ["405"])],
    "mount": [
        ("/", ["200", "contains /counter/"]),
        ("/counter/", ["200", "body GET / below /counter\\n"]),
        ("/counter/a/b", ["200", "body GET /a/b below /counter\\n"]),
    ],
    "stream": [
        ("/?name=Ann", ["200", "body Hello Ann!\\n", "Content-Type: text/plain; charset=utf-8"]),
        ("/table.csv?lines=2", ["200", "body number,square\\n0,0\\n1,1\\n", "without Content-Length"]),
        ("/page", ["200", "contains <li>4</li>"]),
    ],
    "uploads": [("/", ["200", "contains Send a picture"]), ("/pictures/missing.png", ["404"])],
    "languages": [
        ("/", ["Content-Language: en", "contains Open since May 1, 1987. A loaf is €4.20."]),
        ("/", ['contains <a href="/de/" lang="de" hreflang="de">Deutsch</a>']),
        ("/de/", ["Content-Language: de", "contains Offen seit dem 1. Mai 1987. Ein Laib kostet 4,20\xa0€."]),
        ("/de/", ['contains <html lang="de">', 'contains <a href="/de/hours">Öffnungszeiten</a>']),
        ("/de/hours", ["body <p>Geöffnet von 7 bis 18.30 Uhr.</p>"]),
    ],
    "order-with-upload": [
        ("/", ["200", "contains <h1>Order a cake</h1>", "contains multipart/form-data", 'contains type="file"']),
        ("/thanks", ["200", "contains <h1>Thank you</h1>", "lacks role"]),
    ],
    "pages": [
        ("/", ["200", 'contains <a href="/about">who we are</a>', 'contains <a href="/news/">what is new</a>']),
        ("/about", ['contains <link rel="canonical" href="https://blackbird.example/about">', "contains <table"]),
        ("/who", ["301", "Location: /about"]),
        ("/news/", ["contains Plum cake is back", "contains Our first loaf", "lacks Stollen"]),
        ("/news/first-loaf", ["200", "contains <title>Our first loaf · Blackbird Bakery</title>"]),
        ("/news/stollen", ["404"]),
        ("/news/feed.xml", ["200", "Content-Type: application/atom+xml; charset=utf-8"]),
    ],
    "price-list": [
        (
            "/",
            ["200", "contains <h2>Brot</h2>", "contains 4,20", "contains Seite 1 von 2, 5 Artikel", "lacks Minz</a>"],
        ),
        ("/?page=2", ["200", "contains Pflaumenkuchen &#34;Sommer&#34;", "contains Unter 4 €: Schrippe, Minztee"]),
        ("/artikel/B-01", ["200", "contains seit 24. Dezember 2025"]),
        ("/artikel/B-09", ["404"]),
        ("/api/preise?vegan=ja&sort=price", ["400"]),
        ("/api/preise?vegan=yes&sort=price", ["200", 'contains "price": 0.55']),
    ],
    "redirects": [
        ("/", ["302", "Location: /menu/"]),
        ("/menu/", ["200"]),
        ("/speisekarte?from=flyer", ["301", "Location: /menu/?from=flyer"]),
        ("/torten/sacher", ["301", "Location: /products/sacher"]),
        ("/shop.php?item=rye", ["302", "Location: /products/rye"]),
        ("/shop.php", ["404"]),
        ("/insta", ["302", "Location: https://social.example/blackbird"]),
        ("/karte.html", ["301", "Location: /menu/"]),
        ("/brot/br%C3%B6tchen.html", ["301", "Location: /products/schrippe"]),
        ("/angebot", ["302", "Location: /products/rye"]),
    ],
    "registration": [("/", ["200", "contains Rye, Tuesday", "contains Cake, Thursday"])],
    "security": [
        (
            "/",
            [
                (
                    "Content-Security-Policy: default-src 'self'; base-uri 'self'; form-action 'self'; "
                    "frame-ancestors 'none'; img-src 'self' data: https://images.example; object-src 'none'; "
                    "frame-src 'self' https://maps.example"
                ),
                "Permissions-Policy: camera=(), geolocation=(self), microphone=(), payment=(), usb=()",
                "Referrer-Policy: no-referrer",
            ],
        ),
    ],
    "several-files": [
        ("/", ["contains /bread", "contains /cake"]),
        ("/bread", ["contains Rye"]),
        ("/cake", ["contains Plum"]),
        ("/kuchen", ["301", "Location: /cake"]),
    ],
    "single-page-app": [
        ("/", ["contains /app/orders/7"]),
        ("/app/main.js", ["200", "contains location.pathname"]),
        ("/app/missing.js", ["404", "Cache-Control: no-store"]),
        ("/today", ["200", "contains plum cake"]),
    ],
    "static-files": [
        ("/", ["contains /static/style.css?v=", "contains /downloads/menu.txt"]),
        ("/static/style.css", ["Content-Type: text/css; charset=utf-8"]),
        ("/downloads/menu.txt", ["contains Rye 4.20", "Cache-Control: public, max-age=3600"]),
        ("/downloads/", ["200", "contains Files in /downloads/"]),
        ("/guide/", ["200", "contains How to bake"]),
        ("/guide/dough", ["200", "contains The dough"]),
        ("/guide/dough.html?a=1", ["308", "Location: /guide/dough?a=1"]),
        ("/favicon.ico", ["200", "Content-Type: image/svg+xml"]),
    ],
    "templates": [
        ("/", ["contains Sourdough since 1987.", 'contains <a href="/" aria-current="page">Home</a>']),
        ("/hours", ["contains <title>When we are open · Blackbird Bakery</title>", "contains Saturday: 7:00"]),
    ],
    "variables": [
        ("/", ["contains /archive/1999"]),
        ("/bread/rye", ["contains Our rye bread."]),
        ("/bread/wheat", ["404"]),
        ("/archive/1999", ["contains 1998"]),
        ("/stories/the-oven", ["contains The oven"]),
        ("/files/a/b", ["body You asked for a/b."]),
    ],
}

PICTURE = right_file(["images"])
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
"""When examples are asked: some are closed on other days."""
DAY = str(NOW.date() + timedelta(days=9))
ORDER: dict[str, object] = {"name": "Ann", "cake": "own", "day": DAY, "terms": "on"}

SUBMISSIONS: dict[str, list[tuple[str, dict[str, object], int, str]]] = {
    "contact-form": [
        ("/", {"name": "Ann", "email": "ann@nowhere", "message": "Hello"}, 422, "ann@nowhere"),
        ("/", {"name": "Ann", "email": "ann@example.org", "message": "Hello"}, 303, "Thank you, Ann. Your receipt is "),
    ],
    "form-in-own-html": [
        ("/", {"email": "ann"}, 422, "Please write an address that is not on the list yet."),
        ("/", {"email": "ann"}, 422, 'value="ann"'),
        ("/", {"email": "ann@example.org"}, 303, "Welcome!"),
        ("/", {"email": "ANN@example.org"}, 422, "Please write an address that is not on the list yet."),
    ],
    "form-in-two-languages": [
        ("/", {"name": "Ann", "day": "sat"}, 303, "See you soon, Ann!"),
        ("/de/", {"name": "", "day": "sun"}, 422, "Ihr Name"),
        ("/de/", {"name": "Änne", "day": "sun"}, 303, "Bis bald, Änne!"),
    ],
    "order-with-upload": [
        ("/", ORDER, 422, "Tell us your idea"),
        ("/", {**ORDER, "cake": "plum", "terms": ""}, 422, "Please read and accept the terms."),
        ("/", {**ORDER, "idea": "A tram", "picture": PICTURE}, 303, "Your cake is ordered. Receipt "),
    ],
    "registration": [
        (
            "/",
            {"name": "Ann", "email": "ann@example.org", "evening": "cake"},
            303,
            "You have a place on Cake, Thursday.",
        ),
        ("/", {"name": "Bea", "email": "bea@example.org", "evening": "cake"}, 422, "bea@example.org"),
        (
            "/",
            {"name": "Ann", "email": "ann@example.org", "evening": "rye"},
            422,
            "with which nobody has registered yet",
        ),
        ("/", {"name": "Bea", "email": "bea@example.org", "evening": "rye"}, 303, "You have a place on Rye, Tuesday."),
    ],
}
"""What is sent to the forms, one after the other, and what visitors then read."""


@pytest.fixture
def now() -> Iterator[None]:
    with set_to(NOW):
        yield


EXAMPLES = sorted(path.parent for path in FOLDER.glob("*/site.toml"))

examples = pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)


def test_every_example_is_asked() -> None:
    assert sorted(REQUESTS) == [example.name for example in EXAMPLES]


@examples
def test_example_has_no_problem(example: Path) -> None:
    assert check_site(example, {}) == ()


@examples
def test_example_says_what_it_shows(example: Path) -> None:
    first = (example / "site.toml").read_text(encoding="utf-8").partition("\n")[0]
    assert first.startswith("# ")


@examples
@pytest.mark.usefixtures("now")
def test_example_answers(example: Path, tmp_path: Path) -> None:
    app = load_site(copied(example, tmp_path), None, {}).app
    assert app is not None
    client = strict_client(app)
    for url, expected in REQUESTS[example.name]:
        exchange = Exchange("GET", url, expected=expected)
        response = ask(client, exchange)
        assert not differences(exchange, response), f"{url}: {response.status}\n{response.headers}"


def test_every_form_is_sent() -> None:
    assert sorted(SUBMISSIONS) == [
        example.name for example in EXAMPLES if "[forms." in (example / "site.toml").read_text("utf-8")
    ]


@pytest.mark.usefixtures("now")
@pytest.mark.parametrize("name", SUBMISSIONS)
def test_example_takes_what_is_sent(name: str, tmp_path: Path) -> None:
    app = load_site(copied(FOLDER / name, tmp_path), None, {}).app
    assert app is not None
    for path, fields, status, words in SUBMISSIONS[name]:
        client = Client(validator(app), Response)
        data = {key: _sent(value) for key, value in fields.items()}
        is_multipart = name == "order-with-upload"
        kind = "multipart/form-data" if is_multipart else "application/x-www-form-urlencoded"
        with client.post(path, data=data, content_type=kind) as answer:
            assert answer.status_code == status, answer.get_data(as_text=True)
            text = answer.get_data(as_text=True)
        if status == 303:
            with client.get(answer.headers["Location"]) as answer:
                text = answer.get_data(as_text=True)
        assert words in text


def _sent(value: object) -> object:
    return (BytesIO(value.content), value.name, value.media_type) if isinstance(value, SampleFile) else value


@pytest.mark.parametrize("name", SUBMISSIONS)
def test_form_of_example_holds_what_it_says(name: str) -> None:
    (form,) = re.findall(r"^\[forms\.(\w+)\]", (FOLDER / name / "site.toml").read_text("utf-8"), re.MULTILINE)
    result = CliRunner().invoke(main, ["try", form, str(FOLDER / name)])
    assert result.exit_code == 0, result.output
    assert not (FOLDER / name / "storage").exists()


TESTED = [
    site.parent
    for site in sorted(FOLDER.parent.glob("*/*/site.toml"))
    if site.parents[1].name in {"examples", "sites"} and "[[tests]]" in site.read_text("utf-8")
]


def test_some_declare_tests() -> None:
    assert {"bakery", "contact-form", "price-list", "redirects", "school"} <= {folder.name for folder in TESTED}


@pytest.mark.parametrize("folder", TESTED, ids=lambda path: path.name)
def test_what_it_says_of_itself_is_true(folder: Path) -> None:
    declared = (folder / "site.toml").read_text("utf-8").count("[[tests]]")
    had_storage = (folder / "storage").exists()
    result = CliRunner().invoke(main, ["test", str(folder)])
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[-1] == f"{declared} tests, {declared} held, 0 missed"
    assert (folder / "storage").exists() == had_storage


def test_environments_differ() -> None:
    loaded = load_site(FOLDER / "environments", "staging", {"WELCOME": "Hi"})
    assert loaded.app is not None
    response = ask(strict_client(loaded.app), Exchange("GET", "/"))
    assert "Hi from https://staging.blackbird.example, the shop is closed" in response.get_data(as_text=True)
    assert response.headers["X-Robots-Tag"] == "noindex"


def test_language_is_remembered(tmp_path: Path) -> None:
    client = running(copied(FOLDER / "language", tmp_path)).test_client()
    assert "Bonjour!" in client.get("/", headers={"Accept-Language": "fr"}).text
    cookie = client.get_cookie("user_lang")
    assert cookie is not None
    assert cookie.value == "fr"
    assert "Bonjour!" in client.get("/", headers={"Accept-Language": "de"}).text
    client.get("/in/de")
    answer = client.get("/", headers={"Accept-Language": "fr"})
    assert "Guten Tag!" in answer.text
    assert "Set-Cookie" not in answer.headers


MULTIPART = "multipart/form-data; boundary=x"


def test_uploads_are_kept_by_a_safe_name(tmp_path: Path) -> None:
    folder = copied(FOLDER / "uploads", tmp_path)
    client = running(folder).test_client()
    answer = client.post("/", data={"the_file": (BytesIO(b"picture"), "../../a cake.png")})
    assert (answer.status_code, answer.location) == (302, "/pictures/a_cake.png")
    assert (folder / "storage" / "pictures" / "a_cake.png").read_bytes() == b"picture"
    with client.get(answer.location) as shown:
        assert (shown.data, shown.mimetype) == (b"picture", "image/png")
    assert client.post("/", data={"the_file": (BytesIO(b"<script>"), "a.html")}).location == "/"
    assert "Please choose a picture." in client.get("/").text
    assert client.post("/", data={"other": (BytesIO(b"x"), "a.png")}).status_code == 400
    assert client.post("/", data=b"x" * 6_000_000, content_type=MULTIPART).status_code == 413


def test_members_log_in_and_out(tmp_path: Path) -> None:
    client = running(copied(FOLDER / "login", tmp_path)).test_client()
    assert client.post("/login", data={"username": "<Ann>"}).location == "/"
    shown = client.get("/").text
    assert "Logged in as &lt;Ann&gt;" in shown
    assert '<p class="success">You were successfully logged in</p>' in shown
    with client.session_transaction() as session:
        assert session.permanent
    client.post("/logout")
    assert "Log in" in client.get("/").text
    assert client.post("/login", data={}).status_code == 400


def test_a_mounted_application_has_its_own_part_of_the_address(tmp_path: Path) -> None:
    client = running(copied(FOLDER / "mount", tmp_path)).test_client()
    assert client.post("/counter/add?by=1").text == "POST /add below /counter\n"
