"""What does not exist prints empty, and somebody is told once."""

import logging
import re

import pytest

from declweb.templating import Environment, Missing, RenderError, recording, render


@pytest.fixture
def environment() -> Environment:
    return Environment(
        {"part.html": "\n{{ config.phnoe }}", "lib.html": "{% macro m(a) %}{{ a }}{{ nope }}{% endmacro %}"}.get
    )


VALUES = {"config": {"phone": "1", "social": {}}, "rows": [{"name": "a"}, {}], "obj": object()}


def page(environment: Environment, source: str) -> str:
    return render(environment.text(source, "page.html"), VALUES)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("[{{ nope }}]", "[]"),
        ("[{{ nope.a.b['c'](1) if false }}{{ nope.a.b['c'].d }}]", "[]"),
        ("[{{ config.social.instagram }}{{ config['nope'].x }}{{ rows[9].name }}{{ obj.nope }}]", "[]"),
        ("{% for x in nope %}x{% else %}none{% endfor %}", "none"),
        ("{% for x in nope.rows|map('upper') %}x{% else %}none{% endfor %}", "none"),
        ("{{ 'yes' if nope else 'no' }}{{ nope or 'x' }}{{ not nope }}", "noxTrue"),
        ("{{ nope|length }}{{ nope|int }}{{ nope|float }}{{ nope|upper }}{{ nope|list }}{{ nope|join }}", "000.0[]"),
        (
            "{{ nope == nope }}{{ nope == '' }}{{ nope != 3 }}{{ 'a' in nope }}{{ nope in ['a'] }}",
            "TrueFalseTrueFalseFalse",
        ),
        ("a{{ nope ~ 'b' }}{{ '%s' % nope }}{{ '{}'.format(nope) }}{{ [nope]|join }}{{ {nope: 1}|length }}", "ab1"),
        ("{{ nope is defined }}{{ nope.a is undefined }}{{ nope|default('d') }}{{ nope.a|d('e') }}", "FalseTruede"),
        ("{% macro m(a) %}[{{ a }}]{% endmacro %}{{ m() }}", "[]"),
        ("{{ []|first }}{{ ('a' if false).x }}{{ nope.__class__ }}{{ nope._private }}", ""),
        ("{{ nope[1:3] }}{{ nope|attr('x') }}", ""),
    ],
)
def test_it_prints_empty(source: str, expected: str, environment: Environment) -> None:
    assert page(environment, source) == expected


def test_it_is_logged_once_per_line(environment: Environment, caplog: pytest.LogCaptureFixture) -> None:
    template = environment.text("{{ nope }}{{ nope }}\n{{ nope }}\n{% include 'part.html' %}", "page.html")
    for _ in range(2):
        with caplog.at_level(logging.WARNING, "declweb.templates"):
            render(template, VALUES)
    assert [(record.name, record.message) for record in caplog.records] == [
        ("declweb.templates", "page.html:1: nope is not defined"),
        ("declweb.templates", "page.html:2: nope is not defined"),
        ("declweb.templates", "part.html:2: config.phnoe is not defined"),
    ]
    caplog.clear()
    with caplog.at_level(logging.WARNING, "declweb.templates"):
        page(Environment(), "{{ nope }}")
    assert len(caplog.records) == 1


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("{{ nope }}", ["nope"]),
        ("{{ nope.a.b }}", ["nope"]),
        ("{{ config.social.instagram.x }}", ["config.social.instagram"]),
        (
            "{{ config['phnoe'] }}{{ config['ph' ~ 'noe'] }}{{ rows[1].nmae }}",
            ["config.phnoe", "config[…]", "rows[…].nmae"],
        ),
        (
            "{{ config[site.language].x }}{{ config[('a' ~ 'b').x] }}",
            ["config[site.language]", "config[x]"],
        ),
        ("{% for row in rows %}{{ row.name }}{% endfor %}", ["row.name"]),
        ("{{ {}.x }}{{ ''.nope.x }}{{ ''['nope'] }}{{ (rows|last).nope }}", ["x", "nope"]),
        ("{% if nope %}{% endif %}{% for x in nope2 %}{% endfor %}{{ nope3|length }}", ["nope", "nope2", "nope3"]),
        (
            "{{ nope() }}{{ nope2 + 1 }}{{ 1 - nope3 }}{{ -nope4 }}{{ nope5 < 1 }}{{ nope6.a() }}",
            [
                "nope",
                "nope2",
                "nope3",
                "nope4",
                "nope5",
                "nope6",
            ],
        ),
        ("{{ nope == 1 }}{{ 1 != nope2 }}{{ nope3 ~ '' }}{{ nope4|upper }}", ["nope", "nope2", "nope3", "nope4"]),
        ("{{ nope is defined }}{{ nope|default(1) }}{{ nope.a is defined }}{{ nope.a|d }}", []),
        ("{% if nope is defined and nope %}{{ nope }}{% endif %}{{ nope if nope is defined }}", []),
        ("{{ []|first }}{{ [].x is defined }}{{ ('a' if false) }}{% macro m(a) %}{{ a }}{% endmacro %}{{ m() }}", []),
        ("{{ ([]|first)() }}{{ ([]|first) + 1 }}", []),
        ("{% call nope() %}{{ nope2 }}{% endcall %}{{ nope3 }}", ["nope", "nope3"]),
        ("{% from 'lib.html' import m %}{{ m(1) }}", ["nope"]),
        ("{% from 'lib.html' import other %}{{ other }}", []),
    ],
)
def test_one_rendering_finds_all(source: str, names: list[str], environment: Environment) -> None:
    with recording() as found:
        page(environment, source)
    assert [missing.name for missing in found] == names


def test_where_it_was_found(environment: Environment, caplog: pytest.LogCaptureFixture) -> None:
    with recording() as found:
        page(environment, "\n{{ nope }}{% include 'part.html' %}{{ nope }}")
        with recording() as inner:
            page(environment, "{{ other }}")
    assert [*found] == [Missing("page.html", 2, "nope"), Missing("part.html", 2, "config.phnoe")]
    assert [*inner] == [Missing("page.html", 1, "other")]
    assert not caplog.records
    assert str(Missing(None, 3, "x")) == "template text:3: x is not defined"


@pytest.mark.parametrize(
    "source",
    [
        "{{ nope + 1 }}",
        "{{ 3 > config.phnoe }}",
        "{{ config.phnoe() }}",
        "{{ config.phnoe.upper().strip()[3] }}",
        "{{ ([]|first) + 1 }}",
        "{% macro m() %}{{ caller() }}{% endmacro %}{{ m() }}",
        "{% block a %}{{ super() }}{% endblock %}",
        "{% macro m(a) %}{{ a() }}{% endmacro %}{{ m() }}",
    ],
)
def test_whatever_is_done_with_it_prints_empty(source: str, environment: Environment) -> None:
    assert page(environment, source) in {"", "False"}


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("a{{ 1 / none_left }}b", "ab"),
        ("{{ 7 // none_left }}{{ 7 % none_left }}{{ word * word }}", ""),
        ("{{ -word }}{{ +word }}", ""),
        ("{% if word < 3 %}less{% else %}not less{% endif %}", "not less"),
        ("{{ 1 < 2 < word }}|{{ 1 < 2 <= 3 }}|{{ 3 < 2 < word }}", "|True|False"),
        ("{{ 3 in word }}{{ 3 not in word }}", ""),
        ("{{ word[::none_left] }}{{ word[:1] }}", "a"),
        ("{{ word|round }}{{ none_left|length }}", ""),
        ("{{ [word]|map('round')|join }}", ""),
        ("{{ word.center(word) }}{{ word.format() }}", "abc"),
        ("{% for each in none_left %}x{% else %}nothing{% endfor %}", "nothing"),
        ("{% for first, second in [word, 'xy'] %}[{{ first }}]{% endfor %}", "[][x]"),
        ("{% set first, second = none_left %}{{ first }}", ""),
        ("{% macro half(x) %}{{ x / 2 }}{% endmacro %}{{ half(4) }}{{ half(word) }}{{ half(1, 2) }}", "2.0"),
    ],
)
def test_what_values_do_not_allow_prints_empty(source: str, shown: str, caplog: pytest.LogCaptureFixture) -> None:
    template = Environment().text(source, "page.html")
    for _ in range(2):
        assert render(template, {"none_left": 0, "word": "abc"}) == shown
    assert len(caplog.records) == 1
    assert caplog.messages[0].startswith("page.html:1: prints empty: ")


@pytest.mark.parametrize(
    ("source", "advice"),
    [
        ("{{ word.upper }}", "write `()`"),
        ("{{ word ~ range }}", "write `()`"),
        ("{% macro m() %}{% endmacro %}{{ m }}", "write `()`"),
        ("{{ [word]|map('upper') }}", "write `|join"),
    ],
)
@pytest.mark.parametrize("name", ["page.html", "page.txt"])
def test_what_has_no_text_is_not_printed(source: str, advice: str, name: str) -> None:
    template = Environment().text(source, name, escape=name.endswith("html"))
    assert render(template, {"word": "abc"}) in {"", "abc"}
    with recording(), pytest.raises(RenderError, match=re.escape(advice)):
        render(template, {"word": "abc"})


def test_what_functions_of_a_site_raise_is_theirs() -> None:
    def fail() -> None:
        raise KeyError("theirs")

    with pytest.raises(RenderError, match="theirs"):
        render(Environment().text("{{ fail() }}", "page.html"), {"fail": fail})


def test_a_filter_of_a_site_raises_as_it_likes() -> None:
    environment = Environment()
    environment.filters["half"] = lambda value: value / 2
    with pytest.raises(RenderError, match="unsupported operand"):
        render(environment.text("{{ 'a'|half }}", "page.html"), {})
