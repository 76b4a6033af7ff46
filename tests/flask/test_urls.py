"""url_for of a loaded site builds what Flask's does."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cases import write
from flask import Flask, url_for
from side_by_side import declared_app

ROUTES = {
    "index": "/",
    "login": "/login",
    "profile": "/user/<username>",
    "post": "/post/<int:post_id>",
    "padded": "/padded/<int(fixed_digits=4):number>",
    "page": "/page/<path:name>/edit",
    "weight": "/weight/<float:kilos>",
    "umlaut": "/über/<any(straße,weg):where>/",
}

VALUES: list[tuple[str, dict[str, Any]]] = [
    ("index", {}),
    ("login", {}),
    ("login", {"next": "/"}),
    ("login", {"next": "/a?b=c&d=ü#e"}),
    ("login", {"a": 1, "b": 2.5, "c": True, "d": None, "e": ""}),
    ("login", {"tag": ["x", "y z"], "other": ("1", 2)}),
    ("login", {"tag": []}),
    ("login", {"q": "!$'()*,/:;?@~-._ +%&=\"<>[]{}|^`\\"}),
    ("login", {"ü": "ß", "a b": "c"}),
    ("login", {"_anchor": "top"}),
    ("login", {"_anchor": "a b/c?d=ü", "next": "x"}),
    ("login", {"_method": "GET"}),
    ("login", {"_external": True}),
    ("login", {"_external": True, "_scheme": "https"}),
    ("login", {"_external": False}),
    ("profile", {"username": "John Doe"}),
    ("profile", {"username": "!$&'()*+,:;=@-._~"}),
    ("profile", {"username": '?#%[]{}|^`\\"<>ü\U0001f35e'}),
    ("profile", {"username": "a", "extra": "b"}),
    ("profile", {"username": 42}),
    ("post", {"post_id": 7}),
    ("post", {"post_id": 0}),
    ("padded", {"number": 42}),
    ("page", {"name": "a/b c/ü"}),
    ("weight", {"kilos": 1.5}),
    ("umlaut", {"where": "straße"}),
    ("static", {"filename": "css/a b.css"}),
    ("static", {"filename": "style.css", "v": "2"}),
]


@pytest.fixture(scope="module")
def builders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Callable[..., str], Callable[..., str]]]:
    tables = [f'[routes.{name}]\npath = "{path}"\ntext = "x"\n' for name, path in ROUTES.items()]
    site = "\n".join(['[site]\nname = "Example"\nurl = "http://localhost"\n', *tables])
    folder = write(tmp_path_factory.mktemp("site"), {"site.toml": site, "static/style.css": ""})
    app = Flask("urls", root_path=str(folder))
    for name, path in ROUTES.items():
        app.add_url_rule(path, name, str)
    with app.test_request_context():
        yield url_for, declared_app(folder).url_for


@pytest.mark.parametrize(("name", "values"), VALUES, ids=str)
def test_address_is_the_one_flask_builds(
    builders: tuple[Callable[..., str], Callable[..., str]], name: str, values: dict[str, Any]
) -> None:
    theirs, ours = (builder(name, **values) for builder in builders)
    assert ours == theirs


@pytest.mark.parametrize(
    ("name", "values"), [("missing", {}), ("profile", {}), ("post", {"post_id": "seven"}), ("umlaut", {"where": "x"})]
)
def test_what_flask_cannot_build_is_refused(
    builders: tuple[Callable[..., str], Callable[..., str]], name: str, values: dict[str, Any]
) -> None:
    for builder in builders:
        with pytest.raises((LookupError, ValueError)):
            builder(name, **values)
