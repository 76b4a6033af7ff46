"""The strict preset by the rules of the HTTP Observatory: the bakery over https."""

from pathlib import Path

import pytest
from cases import copied, running
from observatory import Answer, score
from werkzeug.test import Client
from werkzeug.wrappers import Response

BAKERY = Path(__file__).parents[1] / "sites/bakery"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Client:
    folder = copied(BAKERY, tmp_path_factory.mktemp("bakery"))
    file = folder / "site.toml"
    text = file.read_text()
    assert "canonical" not in text
    file.write_text(text.replace("[site]\n", "[site]\ncanonical = true\n", 1))
    return Client(running(folder, None), Response, use_cookies=False)


def _seen(client: Client, path: str, **headers: str) -> tuple[int, Answer]:
    over_http = client.get(path, base_url="http://blackbird.example", headers=headers)
    route = ["http://blackbird.example" + path]
    if "Location" in over_http.headers:
        route.append(over_http.headers["Location"])
    response = client.get(path, base_url="https://blackbird.example", headers=headers)
    return response.status_code, Answer(tuple(response.headers), response.get_data().decode("latin-1"), tuple(route))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/menu/", 200),
        ("/contact", 200),
        ("/order", 200),
        ("/static/bakery.css", 200),
        ("/static/pictures/shop.svg", 200),
        ("/static/share.png", 200),
        ("/menu", 308),
        ("/speisekarte", 301),
        ("/missing", 404),
        ("/static/missing.css", 404),
        ("/products/missing", 404),
    ],
)
def test_the_bakery_is_graded_a_plus(client: Client, path: str, status: int) -> None:
    found, answer = _seen(client, path)
    points, grade, by_test = score(answer)
    assert found == status
    assert (grade, points >= 100) == ("A+", True), (points, by_test)
    assert all(given >= 0 for given in by_test.values()), by_test


@pytest.mark.parametrize("headers", [{"If-None-Match": "*"}, {"Range": "bytes=0-9"}, {"Range": "bytes=999999999-"}])
def test_so_are_answers_to_conditions_and_ranges(client: Client, headers: dict[str, str]) -> None:
    _, answer = _seen(client, "/static/share.png", **headers)
    points, grade, _ = score(answer)
    assert points >= 125
    assert grade == "A+"


def test_the_strict_preset_has_125_points(client: Client) -> None:
    points, grade, by_test = score(_seen(client, "/")[1])
    assert (points, grade) == (125, "A+")
    assert {name: given for name, given in by_test.items() if given} == {
        "content-security-policy": 5,
        "cross-origin-opener-policy": 10,
        "referrer-policy": 5,
        "x-frame-options": 5,
    }


def test_what_is_missing_costs_points() -> None:
    bare = Answer((("Content-Type", "text/html"),), "<script src='//x.example/a.js'></script>", ("http://a.example/",))
    points, grade, by_test = score(bare)
    assert (points, grade) == (5, "F")
    assert by_test["redirection"] == -20
    loose = (
        ("Content-Security-Policy", "default-src 'self'; script-src 'self' 'unsafe-inline'"),
        ("Strict-Transport-Security", "max-age=60"),
        ("Set-Cookie", "session=1"),
        ("X-Content-Type-Options", "sniff"),
        ("X-Frame-Options", "allow-from https://x.example"),
        ("Referrer-Policy", "unsafe-url"),
        ("Access-Control-Allow-Origin", "https://x.example"),
        ("Access-Control-Allow-Credentials", "true"),
        ("Cross-Origin-Opener-Policy", "odd"),
    )
    assert score(Answer(loose, "", ("http://a.example/", "https://b.example/")))[0] == 0
