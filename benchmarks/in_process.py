"""What one request costs without a server: a prepared page, dynamic pages, and finding a route among many."""

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import tomli

from benchmarks.calls import caller
from benchmarks.peers import bare_app, flask_app, page
from benchmarks.report import Claim, Figure, Section
from benchmarks.rounds import Effort, Series, alternate, timer
from benchmarks.sites import ONE, PAGE, PRICES, PRODUCT, SITE, load, write_routes
from declweb.forms.parse import Received
from declweb.forms.values import Checker
from declweb.model.forms import Form
from declweb.translations import translated

MANY = 2000

CONTACT = """
name = { label = "Your name", required = true, max_length = 80 }
email = { label = "Your e-mail address", type = "email", required = true }
cake = { label = "Which cake?", type = "radio", required = true, choices = { sacher = "Sacher", own = "My own idea" } }
idea = { label = "Tell us your idea", type = "textarea", show_when = { cake = "own" }, max_length = 2000 }
people = { label = "For how many people?", type = "integer", min = 2, max = 80 }
date = { label = "When do you fetch it?", type = "date", required = true, min = "today", max = "today + 1 year" }
allergies = { label = "Allergies", type = "checkboxes", choices = ["Nuts", "Milk", "Egg", "Gluten"] }
terms = { label = "I have read the terms", type = "checkbox", required = true }
"""
"""A form of eight fields."""


def microseconds(calls: dict[str, Callable[[], object]], rounds: int) -> dict[str, Series]:
    """Return what one call of each contender takes."""
    found = alternate({name: timer(call) for name, call in calls.items()}, rounds)
    return {name: Series(tuple(figure * 1e6 for figure in series.figures)) for name, series in found.items()}


def prepared(effort: Effort) -> Section:
    """Ask for a prepared page as a browser does."""
    found = microseconds(
        {"declweb": caller(load(SITE), PAGE), "bare WSGI call": caller(bare_app(page()), PAGE)}, effort.batches
    )
    ours, bare = found.values()
    return Section(
        "A prepared page in process, asked for as a browser does (compressed)",
        [Claim("prepared page in process, over a bare WSGI call", ours.above(bare), "µs", most=2)],
        [Figure(name, series, "µs") for name, series in found.items()],
    )


def dynamic(effort: Effort) -> Section:
    """Ask for pages with a URL variable, and Flask for the same."""
    app, flask = load(SITE), flask_app()
    section = Section("Dynamic pages in process, the same templates")
    for what, path, least in (
        ("inheritance and ten expressions", PRODUCT, 2.0),
        ("a loop of 20 rows", PRICES, 1.3),
        ("one expression", ONE, None),
    ):
        ours, theirs = caller(app, path), caller(flask, path)
        assert ours() == theirs(), f"declweb and Flask answer {path} differently:\n{ours()!r}\n{theirs()!r}"
        found = microseconds({"declweb": ours, "Flask": theirs}, effort.batches)
        section.claims.append(
            Claim(f"dynamic page with {what}, beside Flask", found["Flask"].over(found["declweb"]), least=least)
        )
        section.figures.extend(Figure(f"{name}: {what}", series, "µs") for name, series in found.items())
    return section


def routing(effort: Effort) -> Section:
    """Find one of many routes with variables, and none among them."""
    few = load(SITE)
    with tempfile.TemporaryDirectory() as folder:
        many = load(write_routes(Path(folder), MANY))
    found = microseconds(
        {
            f"a page of one expression among {MANY:,} routes": caller(many, f"/r{MANY // 2}/plum"),
            "the same among five": caller(few, ONE),
            f"404 among {MANY:,} routes": caller(many, "/nowhere/plum"),
        },
        effort.batches,
    )
    among_many, among_few, _ = found.values()
    return Section(
        "Finding a route",
        [Claim(f"page among {MANY:,} routes with variables, beside five", among_many.over(among_few))],
        [Figure(name, series, "µs") for name, series in found.items()],
    )


def validating(effort: Effort) -> Section:
    """Check the answers to a form of eight fields, right ones and wrong ones."""
    form = Form.model_validate({"path": "/order", "fields": tomli.loads(CONTACT)})
    checker = Checker(form, "order", "en", "Europe/Berlin", translated("en"))
    now = datetime.now(UTC)
    right = {
        "name": ["Ann Example"],
        "email": ["ann@blackbird.example"],
        "cake": ["own"],
        "idea": ["A cake in the shape of a blackbird.\r\nNot too sweet."],
        "people": ["12"],
        "date": [(now + timedelta(days=30)).date().isoformat()],
        "allergies": ["Nuts", "Egg"],
        "terms": ["yes"],
    }
    wrong = {**right, "name": ["x" * 81], "email": ["ann@"], "people": ["2.5"], "date": ["2026-02-30"], "terms": []}
    international = {**right, "email": ["jürgen@bücher.example"]}
    calls = {
        name: partial(checker.check, Received(values, {}), now)
        for name, values in (
            ("right answers", right),
            ("five wrong ones", wrong),
            ("an address that is not ASCII", international),
        )
    }
    assert not calls["right answers"]().errors
    assert len(calls["five wrong ones"]().errors) == 5
    assert not calls["an address that is not ASCII"]().errors
    found = microseconds(dict(calls), effort.batches)
    return Section(
        "Checking the answers to a form of eight fields",
        [Claim("validation of a form of eight fields", found["right answers"].median, "µs", most=100)],
        [Figure(name, series, "µs") for name, series in found.items()],
    )
