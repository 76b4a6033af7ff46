"""What templates say before they are rendered: tables of a template and its facts."""

from collections.abc import Mapping
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from declweb.templating import (
    BrokenTemplate,
    Closure,
    Environment,
    Facts,
    closure,
    free_uses,
    names_used,
    recording,
    render,
    visitor_reasons,
)

ENVIRONMENT = Environment()


def facts(source: str, name: str = "page.html") -> Facts:
    return ENVIRONMENT.facts(source, name)


def drawn(templates: Mapping[str, str], name: str = "page.html") -> Closure:
    known = {each: facts(source, each) for each, source in templates.items()}
    return closure(name, known.get)


# --- names ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "uses"),
    [
        ("{{ a }} {{ b.c.d }} {{ e['f'].g }} {{ h[0].i }}", ["a", "b.c.d", "e.f.g", "h.0.i"]),
        ("{{ a[b.c].d }} {{ a.x[1:n] }} {{ (a or b).c }} {{ a.b().c }}", ["b.c", "a", "n", "a.x", "a", "b", "a.b"]),
        (
            "{{ 'text'.upper() }} {{ [a, {b: c}] }} {{ -a + b ~ c }} {{ a < b }}",
            ["a", "b", "c", "a", "b", "c", "a", "b"],
        ),
        ("{% set a = b %}{{ a }}{{ c }}{% set c = 1 %}{{ c }}", ["b", "c"]),
        ("{% set a, (b, c) = d %}{{ a }}{{ b }}{{ c }}", ["d"]),
        ("{% set a = a|default(1) %}{{ a }}", ["a"]),
        ("{% set n = namespace(x=1) %}{% set n.x = y %}{{ n.x }}", ["namespace", "y"]),
        ("{% set other.x = 1 %}", ["other"]),
        ("{% set a %}{{ b }}{% set c = 1 %}{% endset %}{{ a }}{{ c }}", ["b", "c"]),
        ("{% set a|replace('x', y) %}{% endset %}", ["y"]),
        ("{% if x %}{% set a = 1 %}{% elif y %}{% else %}{{ z }}{% endif %}{{ a }}", ["x", "y", "z"]),
        ("{% for a in b %}{{ a }}{{ loop.index }}{{ c }}{% endfor %}{{ a }}{{ loop }}", ["b", "c", "a", "loop"]),
        (
            "{% for a, b in c if a and d %}{{ b }}{% set e = 1 %}{% else %}{{ a }}{% endfor %}{{ e }}",
            ["c", "d", "a", "e"],
        ),
        ("{% for a in a %}{{ a }}{% endfor %}", ["a"]),
        ("{% for a in b recursive %}{{ loop(a.c) }}{% endfor %}", ["b"]),
        (
            "{% macro m(a, b=c, d=a) %}{{ a }}{{ b }}{{ e }}{{ caller() }}{{ varargs }}{% endmacro %}{{ m(1) }}",
            ["c", "e"],
        ),
        ("{% macro a() %}{{ b() }}{{ c }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{% set c = 1 %}", []),
        ("{% block x %}{% macro a() %}{{ b }}{% endmacro %}{% set b = 1 %}{% endblock %}{{ b }}", ["b"]),
        ("{% call(a, b=c) m(d) %}{{ a }}{{ b }}{{ e }}{% endcall %}{{ a }}", ["m", "d", "c", "e", "a"]),
        ("{% call m() %}{{ a }}{% endcall %}{% set a = 1 %}", ["m", "a"]),
        ("{% with a = b, c = a %}{{ a }}{{ c }}{% set d = 1 %}{% endwith %}{{ a }}{{ d }}", ["b", "a", "a", "d"]),
        ("{% filter replace(a, b) %}{{ c }}{% set d = 1 %}{% endfilter %}{{ d }}", ["c", "a", "b", "d"]),
        ("{% autoescape a %}{% set b = 1 %}{{ b }}{% endautoescape %}{{ b }}", ["a", "b"]),
        ("{% set a = 1 %}{% block x %}{{ a }}{{ b }}{% set b = 1 %}{% endblock %}{{ b }}", ["b", "b"]),
        (
            "{% for a in b %}{% block x %}{{ a }}{% endblock %}{% block y scoped %}{{ a }}{% endblock %}{% endfor %}",
            ["b", "a"],
        ),
        ("{% block x %}{{ super() }}{{ self.x() }}{{ a }}{% endblock %}{% set a = 1 %}", []),
        ("{% import 'x.html' as a %}{{ a.b }}{% from 'x.html' import c, d as e %}{{ c }}{{ e }}{{ d }}", ["d"]),
        ("{% include a %}{% extends b.c %}{% import d as e %}", ["a", "b.c", "d"]),
        (
            "{{ a|f(b, c=d) }}{{ a is eq(b) }}{{ f(*a, **b) }}{{ x|upper(*y) }}",
            ["a", "b", "d", "a", "b", "f", "a", "b", "x", "y"],
        ),
        ("{{ a if b else c }}{{ a if b }}", ["b", "a", "c", "b", "a"]),
        ("{{ a(b)(c).d }}", ["a", "b", "c"]),
        ("{% print a %}{# {{ b }} #}{% raw %}{{ c }}{% endraw %}", ["a"]),
        (
            "{{ config[name] }}{{ config[name].x }}{{ config.get('x') }}",
            ["name", "config", "name", "config", "config.get"],
        ),
    ],
)
def test_names(source: str, uses: list[str]) -> None:
    source = source.replace("|f(", "|replace(")
    assert [str(use) for use in facts(source).uses] == uses


@pytest.mark.parametrize(
    ("source", "guarded"),
    [
        ("{{ a }}", [0]),
        ("{{ a|default(1) }}{{ a.b.c|d }}{{ a is defined }}{{ a.b is undefined }}", [1, 3, 1, 2]),
        ("{{ a|upper|default(1) }}{{ (a or b)|default(1) }}{{ a|default(b) }}", [0, 0, 0, 1, 0]),
        ("{% if a is defined %}{{ a.b }}{% else %}{{ a }}{% endif %}{{ a }}", [1, 1, 0, 0]),
        ("{% if a is undefined %}{{ a }}{% else %}{{ a.b }}{% endif %}", [1, 0, 1]),
        ("{% if a is not defined %}{{ a }}{% elif b %}{{ a }}{% endif %}", [1, 0, 0, 1]),
        ("{% if a.b is defined %}{{ a.b.c }}{{ a.d }}{{ a }}{% endif %}", [2, 2, 1, 1]),
        ("{% if a is defined and a.b %}{{ a }}{% endif %}", [1, 1, 1]),
        ("{% if a is undefined or a.b %}{{ a }}{% endif %}", [1, 1, 0]),
        ("{% if a is defined or b is defined %}{{ a }}{% else %}{{ a }}{% endif %}", [1, 1, 0, 0]),
        ("{% if a is undefined and b %}{% else %}{{ a }}{% endif %}", [1, 0, 0]),
        ("{% if not (a is undefined or b) %}{{ a }}{% endif %}", [1, 0, 1]),
        ("{{ a if a is defined else a }}{{ a.b if a is defined }}", [1, 1, 0, 1, 1]),
        ("{% for x in y if a is defined %}{{ a }}{% endfor %}", [0, 1, 1]),
        ("{% if a[b] is defined %}{{ a }}{% endif %}", [0, 1, 0]),
        ("{% if a() is defined %}{{ a }}{% endif %}", [0, 0]),
    ],
)
def test_guards(source: str, guarded: list[int]) -> None:
    assert [use.guarded for use in facts(source).uses] == guarded


def test_where_names_stand() -> None:
    found = facts("a {{ config.social\n  ['insta'][0] }}\r\n{{ x }}{{ x }}").uses
    assert [tuple(map(tuple, use.spots)) for use in found] == [
        ((1, 6), (1, 13), (2, 5), (2, 13)),
        ((3, 4),),
        ((3, 11),),
    ]
    assert found[0].spot == (1, 6)


def test_what_is_called() -> None:
    source = "{{ config.items() }}{{ config.phone }}{{ f(1) }}{{ f }}{{ a[b]() }}"
    assert [(str(use), use.called) for use in facts(source).uses] == [
        ("config.items", True),
        ("config.phone", False),
        ("f", True),
        ("f", False),
        ("b", False),
        ("a", False),
    ]


@pytest.mark.parametrize(
    ("source", "assigned"),
    [
        ("{% set a = 1 %}{% set b, c = 1, 2 %}{% set d %}{% endset %}{% macro e() %}{% endmacro %}", "a b c d e"),
        ("{% import 'x' as a %}{% from 'x' import b, c as d %}", "a b d"),
        ("{% if x %}{% set a = 1 %}{% elif y %}{% set b = 1 %}{% else %}{% set c = 1 %}{% endif %}", "a b c"),
        ("{% for x in y %}{% set a = 1 %}{% endfor %}{% block b %}{% set c = 1 %}{% endblock %}{% set n.x = 1 %}", ""),
        ("{% with a = 1 %}{% set b = 1 %}{% endwith %}", ""),
    ],
)
def test_what_is_assigned(source: str, assigned: str) -> None:
    assert facts(source).assigned == set(assigned.split())


# --- other words ------------------------------------------------------------------------------


def test_filters_tests_and_blocks() -> None:
    found = facts(
        "{{ a|upper|trim }}\n{% filter lower %}{% endfilter %}{% if a is odd and b is not defined %}{% endif %}"
        "{% set x|title %}{% endset %}{% block main %}{% endblock %}{{ a is\nodd }}"
    )
    assert [(each.word, *each.spot) for each in found.filters] == [
        ("trim", 1, 12),
        ("upper", 1, 6),
        ("lower", 2, 11),
        ("title", 2, 92),
    ]
    assert [(each.word, *each.spot) for each in found.tests] == [("odd", 2, 45), ("defined", 2, 62), ("odd", 2, 147)]
    assert [(each.word, *each.spot) for each in found.blocks] == [("main", 2, 115)]


@pytest.mark.parametrize(
    ("source", "endpoint", "arguments", "complete", "external"),
    [
        ("{{ url_for('home') }}", "home", {}, True, False),
        ("{{ url_for('page', slug='a', n=1) }}", "page", {"slug": "a", "n": 1}, True, False),
        ("{{ url_for('page', slug=x) }}", "page", {"slug": ...}, True, False),
        ("{{ url_for(x, _external=true) }}", None, {"_external": True}, True, True),
        ("{{ url_for('a', _external=x) }}", "a", {"_external": ...}, True, True),
        ("{{ url_for('a', _external=false) }}", "a", {"_external": False}, True, False),
        ("{{ url_for(endpoint='a', **x) }}", "a", {}, False, False),
        ("{{ url_for(*x) }}", None, {}, False, False),
        ("{{ url_for(3) }}", None, {}, True, False),
        ("<a href={{ url_for('a')|e }}>", "a", {}, True, False),
    ],
)
def test_url_for(
    source: str,
    endpoint: str | None,
    arguments: dict[str, object],
    complete: bool,
    external: bool,
) -> None:
    (call,) = facts(source).urls
    assert call.endpoint == endpoint
    assert {each.name: each.value if each.is_constant else ... for each in call.arguments} == arguments
    assert (call.is_complete, call.is_external) == (complete, external)


def test_url_for_of_their_own() -> None:
    found = facts(
        "{% macro url_for(x) %}{% endmacro %}{{ url_for('a') }}{{ other.url_for('a') }}{{ urls['for']('a') }}"
    )
    assert not found.urls


def test_where_url_for_stands() -> None:
    (call,) = facts("\n  {{ url_for('static', filename='a.css') }}").urls
    assert (call.spot, call.endpoint_spot, call.arguments[0].spot) == ((2, 6), (2, 14), (2, 33))


@pytest.mark.parametrize(
    ("source", "kind", "names", "flags"),
    [
        ("{% extends 'a.html' %}", "extends", ["a.html"], ""),
        ("{% extends x %}", "extends", [], "dynamic"),
        ("{% extends 'a.html' if x else 'b.html' %}", "extends", ["a.html", "b.html"], ""),
        ("{% extends 'a.html' if x %}", "extends", [], "dynamic"),
        ("{% extends 'a.html' if x else y %}", "extends", [], "dynamic"),
        ("{% include 'a.html' %}", "include", ["a.html"], ""),
        ("{% include ['a.html', 'b.html'] %}", "include", ["a.html", "b.html"], "first"),
        ("{% include ['a.html', x] %}", "include", [], "first dynamic"),
        ("{% include 'a.html' ignore missing without context %}", "include", ["a.html"], "missing alone"),
        ("{% if x %}{% include 'a.html' %}{% endif %}", "include", ["a.html"], "conditional"),
        ("{% for x in y %}{% include 'a.html' %}{% endfor %}", "include", ["a.html"], "conditional"),
        ("{% macro m() %}{% include 'a.html' %}{% endmacro %}", "include", ["a.html"], "conditional"),
        ("{% block x %}{% with %}{% include 'a.html' %}{% endwith %}{% endblock %}", "include", ["a.html"], ""),
        ("{% include 'a' ~ '.html' %}", "include", [], "dynamic"),
        ("{% import 'a.html' as x %}", "import", ["a.html"], "alone"),
        ("{% from 'a.html' import x with context %}", "from", ["a.html"], ""),
    ],
)
def test_references(source: str, kind: str, names: list[str], flags: str) -> None:
    (found,) = facts(source).references
    shown = {
        "first": found.first_found,
        "missing": found.ignore_missing,
        "alone": not found.with_context,
        "conditional": found.conditional,
        "dynamic": found.is_dynamic,
    }
    assert (found.kind, [*found.names], " ".join(each for each in shown if shown[each])) == (kind, names, flags)
    assert len(found.spots) == max(len(names), 1)


def test_details_of_references() -> None:
    (found,) = facts("\n{% from 'a.html' import b, c as d %}").references
    assert (found.imported, found.spots) == (("b", "c"), ((2, 9),))
    source = "{% set a = 1 %}{% for b in c %}{% include 'x' %}{% endfor %}"
    source += "{% for b in c %}{{ loop }}{% include 'x' %}{% endfor %}"
    assert [each.scope for each in facts(source).references] == [{"a", "b"}, {"a", "b", "loop"}]


# --- links ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "links"),
    [
        ('<a href="/x">', ["a href /x 1:10"]),
        ("<p>\n<A class=x HREF='/x?a=1&amp;b'>", ["a href /x?a=1&b 2:18"]),
        ("<img src=/x.png alt=y><form action = /y>", ["img src /x.png 1:10", "form action /y 1:38"]),
        (
            '<a href="/x/{{ y }}"><a href="{{ y }}"><a {{ z }} href="/z"><a href="/a{% if b %}/c{% endif %}">',
            ["a href /z 1:57"],
        ),
        ('<a {% if x > 1 %}class="x"{% endif %} href="/x" title="{{ a > b }}">', ["a href /x 1:45"]),
        (
            '<!-- <a href="/no"> --><script src="/s.js">"<a href=/no>"</script><a href=/x>',
            ["script src /s.js 1:37", "a href /x 1:75"],
        ),
        ("<style>a{}</style><title><a href=/no></title><textarea><a href=/no></textarea>", []),
        ('{# <a href="/no"> #}{% raw %}<a href="/{{ x }}">{% endraw %}', ["a href /{{ x }} 1:39"]),
        ('{%- if x -%}\n  <a href="/x">  \n{%- endif %}\n<a href="/y">', ["a href /x 2:12", "a href /y 4:10"]),
        ('<a data-href="/no" xlink:href="/no" href>', []),
        ('<a href="/x"', []),
        ('<use href="#icon"/><a href=" /x ">', ["use href #icon 1:12", "a href /x 1:29"]),
    ],
)
def test_links(source: str, links: list[str]) -> None:
    found = facts(source).links
    assert [f"{each.tag} {each.attribute} {each.value} {each.line}:{each.column}" for each in found] == links


# --- templates together -----------------------------------------------------------------------


def test_a_closure() -> None:
    found = drawn(
        {
            "page.html": '{% extends "base.html" %}{% include ["no.html", "row.html"] %}'
            '{% include "gone.html" ignore missing %}'
            '{% include "lost.html" %}{% include x %}',
            "base.html": '{% import "lib.html" as lib %}{% include ["a.html", "b.html"] %}{% include "row.html" %}',
            "lib.html": "",
            "row.html": "",
            "other.html": "",
        }
    )
    assert [*found.templates] == ["page.html", "base.html", "lib.html", "row.html"]
    assert [(each.template, each.reference.names) for each in found.missing] == [
        ("base.html", ("a.html", "b.html")),
        ("page.html", ("lost.html",)),
    ]
    assert [(each.template, each.reference.spots) for each in found.dynamic] == [("page.html", ((1, 139),))]
    assert not found.cycles
    assert not drawn({}).templates


@pytest.mark.parametrize(
    ("templates", "cycles"),
    [
        ({"page.html": '{% extends "page.html" %}'}, [(["page.html"], True)]),
        ({"page.html": '{% include "a" %}', "a": '{% include "b" %}', "b": '{% include "a" %}'}, [(["a", "b"], True)]),
        ({"page.html": '{% if x %}{% include "page.html" %}{% endif %}'}, [(["page.html"], False)]),
        (
            {"page.html": '{% include "a" %}', "a": '{% for x in y %}{% include "page.html" %}{% endfor %}'},
            [(["page.html", "a"], False)],
        ),
        ({"page.html": '{% include "a" %}{% include "a" %}', "a": ""}, []),
        ({"page.html": '{% include "a" %}{% import "b" as b %}', "a": '{% import "b" as b %}', "b": ""}, []),
    ],
)
def test_cycles(templates: dict[str, str], cycles: list[tuple[list[str], bool]]) -> None:
    found = drawn(templates).cycles
    assert [([step.template for step in each.steps], each.is_endless) for each in found] == cycles


@pytest.mark.parametrize(
    ("templates", "uses"),
    [
        ({"page.html": "{{ a }}{% set b = 1 %}{{ b }}"}, ["page.html a"]),
        (
            {
                "page.html": '{% extends "base" %}{% set title = 1 %}{% block x %}{{ foot }}{% endblock %}',
                "base": "{{ title }}{{ a }}{% set foot = 1 %}{% block x %}{{ title }}{% endblock %}",
            },
            ["base a"],
        ),
        (
            {
                "page.html": '{% for row in rows %}{% include "row" %}{% endfor %}{% include "row" %}',
                "row": "{{ row }}{{ b }}",
            },
            ["page.html rows", "row b", "row row"],
        ),
        (
            {"page.html": '{% set a = 1 %}{% include "x" %}{% include "x" without context %}', "x": "{{ a }}{{ b }}"},
            ["x b", "x a alone", "x b alone"],
        ),
        (
            {
                "page.html": '{% set a = 1 %}{% from "lib" import m %}{% import "lib" as l with context %}{{ m() }}',
                "lib": '{% macro m() %}{{ a }}{{ b }}{% include "deep" %}{% endmacro %}',
                "deep": "{{ c }}",
            },
            ["lib a alone", "lib b alone", "deep c alone", "lib b", "deep c"],
        ),
        ({"page.html": '{{ a }}{% if x %}{% include "page.html" %}{% endif %}'}, ["page.html a", "page.html x"]),
        ({"page.html": '{% extends "page.html" %}{{ a }}'}, ["page.html a"]),
        ({"page.html": '{% extends "none" %}{% include "none" %}{{ a }}'}, ["page.html a"]),
    ],
)
def test_free_uses(templates: dict[str, str], uses: list[str]) -> None:
    found = free_uses(drawn(templates))
    assert [f"{each.template} {each.use}{' alone' * each.isolated}" for each in found] == uses


@pytest.mark.parametrize(
    ("source", "reasons"),
    [
        ("{{ config.x }}{{ item }}{{ url_for('a') }}", []),
        ("{{ request.path }}{{ request.method.lower() }}{{ request.endpoint }}", []),
        ("{{ request.args.q }}{{ request['cookies'] }}", ["looks at request.args", "looks at request.cookies"]),
        ("{{ request }}{{ f(request) }}{{ request[x] }}", ["passes request on"] * 3),
        (
            "{{ g.user }}{{ session.name }}{{ session }}",
            ["looks at g.user", "looks at session.name", "passes session on"],
        ),
        ("{% for m in get_flashed_messages() %}{% endfor %}", []),
        ("{{ rows|random }}", ["picks something at random"]),
        ("{% set request = 1 %}{{ request }}{% for g in x %}{{ g }}{% endfor %}", []),
        ("{% include x %}", []),
        ("{% include request.args.x %}", ["looks at request.args"]),
        (
            "{{ request.args.q|default('') }}{% if session is defined %}{% endif %}",
            ["looks at request.args", "passes session on"],
        ),
    ],
)
def test_visitor_reasons(source: str, reasons: list[str]) -> None:
    constant = ["request.path", "request.method", "request.endpoint"]
    assert [each.words for each in visitor_reasons(drawn({"page.html": source}), constant)] == reasons


def test_where_reasons_stand() -> None:
    templates = {
        "page.html": '{% extends "base.html" %}{% import "lib.html" as lib %}',
        "base.html": "\n{{ request.path }}",
        "lib.html": "{% macro m() %}\n{{ [1]|random }}{{ g }}{% endmacro %}",
    }
    assert [(each.template, *each.spot, each.words) for each in visitor_reasons(drawn(templates))] == [
        ("base.html", 2, 4, "looks at request.path"),
        ("lib.html", 2, 20, "passes g on"),
        ("lib.html", 2, 8, "picks something at random"),
    ]


@pytest.mark.parametrize(
    ("source", "used"),
    [
        ("{{ config.x }}", []),
        ("{{ request.path }}", ["request.path"]),
        ("{{ request.path.x }}{{ request.args }}", ["request.path"]),
        ("{{ f(request) }}", ["request.method", "request.path"]),
        ("{% set request = 1 %}{{ request.path }}", []),
    ],
)
def test_names_used(source: str, used: list[str]) -> None:
    assert sorted(names_used(drawn({"page.html": source}), ["request.path", "request.method", "config"])) == sorted(
        [*used, *(["config"] if "config" in source else [])]
    )


# --- properties -------------------------------------------------------------------------------

NAME = st.sampled_from(["a", "b", "c"])
WRAPPERS = [
    "{{% set {0} %}}{1}{{% endset %}}",
    "{{% for {0} in [1, 2] %}}{1}{{% endfor %}}",
    "{{% with {0} = 1 %}}{1}{{% endwith %}}",
    "{{% filter upper %}}{1}{{% endfilter %}}",
    "{{% autoescape true %}}{1}{{% endautoescape %}}",
    "{{% call({0}) run() %}}{1}{{% endcall %}}",
]
STATEMENT = st.one_of(st.builds("{{{{ {} }}}}".format, NAME), st.builds("{{% set {} = 1 %}}".format, NAME))


def wrapped(statements: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    body = st.lists(statements, max_size=3).map("".join)
    return st.builds(str.format, st.sampled_from(WRAPPERS), NAME, body)


@settings(max_examples=50)
@given(st.lists(st.recursive(STATEMENT, wrapped, max_leaves=6), max_size=4).map("".join))
def test_what_a_rendering_misses_was_known_before(source: str) -> None:
    known = {str(use) for use in facts(source).uses}
    with recording() as found:
        render(ENVIRONMENT.text(source, "page.html"), {"run": lambda caller: caller(1)})
    assert {missing.name for missing in found} <= known


PIECES = [*"{}%#'\"<>= \n\rabc|.()-", "{{", "}}", "{%", "%}", "if", "for", "endif", "set", "href"]


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_any_text_is_a_template_or_broken(source: str) -> None:
    with suppress(BrokenTemplate):
        facts(source)
        ENVIRONMENT.text(source, "page.html")
