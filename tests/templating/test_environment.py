"""Templates give what plain Jinja gives, and differ where a site needs it."""

import datetime
import re
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Any

import jinja2
import pytest
from jinja2 import pass_context, pass_environment, pass_eval_context
from jinja2.filters import FILTERS
from jinja2.tests import TESTS
from markupsafe import Markup

from declweb.templating import BrokenTemplate, Budget, Environment, RenderError, Template, recording, render
from declweb.templating.guards import CHECKS, NATIVE, NATIVE_TESTS, TEST_CHECKS
from declweb.templating.methods import ATTRIBUTES

TEMPLATES = {
    "base.html": "<title>{% block title %}{{ name }}{% endblock %}</title>{% block main scoped %}base{% endblock %}"
    "{% macro foot(x) %}[{{ x }}]{% endmacro %}{{ foot(name) }}",
    "page.html": '{% extends "base.html" %}{% set name = "set" %}{% block title %}<{{ super() }}>{% endblock %}'
    "{% block main %}{{ self.title() }}{{ super() }}{% endblock %}",
    "sometimes.html": '{% if flag %}{% extends "base.html" %}{% endif %}{% block main %}own{% endblock %}text',
    "macros.html": "{% macro field(name, value='<', type='text') %}"
    "<input {{ name }} {{ value }} {{ type }}{{ varargs|list }}"
    "{{ kwargs|length }}>{% endmacro %}{% macro wrap() %}({{ caller('x') }}){% endmacro %}{% set answer = 42 %}",
    "row.html": "{{ row }}{{ loop is defined and loop.index }}{{ name }};",
    "plain.txt": "{{ evil }}",
    "free.html": "{{ name }}!",
    "required.html": "{% block must required %}{% endblock %}",
}
ROWS = [{"name": "Rye", "price": 4.5, "kind": "bread"}, {"name": "Éclair & <co>", "price": 3, "kind": "cake"}]
VALUES: dict[str, Any] = {
    "name": "Bäcker & Söhne",
    "evil": "<script>\"'&",
    "safe": Markup("<b>bold</b>"),
    "rows": ROWS,
    "numbers": [3, 1, 2, 10],
    "words": ["b", "A", "c", "a"],
    "nested": {"a": {"b": [1, 2, {"c": "deep"}]}},
    "thing": SimpleNamespace(title="T", price=5, children=[SimpleNamespace(title="C", price=1, children=[])]),
    "nothing": None,
    "flag": True,
    "day": datetime.date(2026, 7, 31),
    "text": "The quick brown fox\njumps over http://a.example/x?y=1&z=2 and me@a.example.\n\nEnd",
    "tree": [{"n": 1, "c": [{"n": 2, "c": []}]}, {"n": 3, "c": []}],
    "greet": lambda who="you", *, loud=False: f"hi {who}{'!' * loud}",
    "steps": lambda: iter([1, 2, 3]),
    "half": 0.5,
}

SAME = Path(__file__).parent / "same"
"""One template for each part of Jinja."""


def plain() -> jinja2.Environment:
    return jinja2.Environment(loader=jinja2.DictLoader(TEMPLATES), autoescape=True)


@pytest.fixture
def environment() -> Environment:
    return Environment(TEMPLATES.get)


@pytest.mark.parametrize("file", sorted(SAME.iterdir()), ids=lambda file: file.stem)
def test_the_same_as_plain_jinja(file: Path, environment: Environment) -> None:
    source = file.read_text()
    expected = plain().from_string(source).render(VALUES)
    assert render(environment.text(source, "page.html"), VALUES) == expected
    again = environment.text(source, "page.html")
    assert render(again, VALUES) == render(again, VALUES) == expected


def test_a_namespace_does_not_write_out_what_it_holds(environment: Environment) -> None:
    assert render(environment.text("{{ [namespace(a=1)] }}", "a.txt"), {}) == "[<namespace>]"


def test_templates_by_name(environment: Environment) -> None:
    page = environment.get_template("page.html")
    assert isinstance(page, Template)
    assert render(page, VALUES) == plain().get_template("page.html").render(VALUES)
    assert environment.get_template("page.html") is page


def test_a_template_can_be_rendered_the_way_jinja_does_it(environment: Environment) -> None:
    assert environment.get_template("free.html").render(name="<") == "&lt;!"
    assert str(environment.get_template("free.html").module) == "!"
    assert str(environment.get_template("macros.html")._get_default_module()) == ""
    assert environment.text("{{ 1 / 0 }}", "x.html").render() == ""
    with recording(), pytest.raises(ZeroDivisionError):
        environment.text("{{ 1 / 0 }}", "x.html").render()


def test_what_is_escaped(environment: Environment) -> None:
    def shown(name: str, *, escape: bool = True) -> str:
        return render(environment.text("{{ evil }}", name, escape=escape), {"evil": "<"})

    assert [shown("a.html"), shown("a.xml"), shown("site.toml:41")] == ["&lt;"] * 3
    assert [shown("a.txt"), shown("mail of site.toml:50", escape=False)] == ["<"] * 2
    assert render(environment.get_template("plain.txt"), {"evil": "<&"}) == "<&"
    assert (
        render(environment.text("{{ 3 }}{{ [evil] }}{{ evil ~ evil }}{{ none }}", "a.txt"), {"evil": "<"})
        == "3['<']<<None"
    )


def test_what_is_escaped_is_decided_while_rendering(environment: Environment) -> None:
    source = "{% autoescape flag %}{{ evil }}{{ 'a' ~ safe ~ evil }}{% endautoescape %}"
    for flag, page in ((True, "&lt;a<b>&lt;"), (False, "<a<b><")):
        values = {"flag": flag, "evil": "<", "safe": Markup("<b>")}
        assert render(environment.text(source, "x"), values) == page


@pytest.mark.parametrize("kind", [dict, MappingProxyType])
def test_a_key_beats_a_method_of_that_name(kind: Any, environment: Environment) -> None:
    config = kind({"items": "three", "get": 1})
    assert render(
        environment.text("{{ config.items }}{{ config.get }}{{ config.keys()|list|length }}", "x"), {"config": config}
    ) == ("three12")


def test_values_that_are_no_plain_types(environment: Environment) -> None:
    class Multi(dict[str, str]):
        def getlist(self, _key: str) -> list[str]:
            return ["a", "b"]

    class Word(str):
        __slots__ = ()
        extra = "extra"

    class Callable:
        def __call__(self, what: str) -> str:
            return f"called {what}"

    class Picky:
        def __getattr__(self, name: str) -> str:
            if name.startswith("any"):
                return name
            raise AttributeError(name)

        def __getitem__(self, name: object) -> str:
            return f"item {name}"

    values = {"multi": Multi(q="1"), "word": Word("w<"), "callable": Callable(), "picky": Picky()}
    source = (
        "{{ multi.q }}{{ multi.getlist('q') }}{{ word }}{{ word.extra }}{{ word|upper }}{{ callable('me') }}{{ multi }}"
        "{{ picky.any }}{{ picky.one }}{{ picky['two'] }}{{ picky[3] }}{{ picky is string }}{{ word is in [word] }}"
    )
    assert render(environment.text(source, "x"), values) == plain().from_string(source).render(values)


def test_the_attributes_of_one_type_are_not_remembered_without_end(environment: Environment) -> None:
    class Endless:
        def __getattr__(self, name: str) -> str:
            return name

    source = "{% for n in range(3000) %}{% set x = thing['a' ~ n] %}{% endfor %}{{ thing.last }}"
    assert render(environment.text(source, "x"), {"thing": Endless()}) == "last"
    assert max(len(kind.safe) for kind in environment._kinds.values()) <= 1000


def test_functions_and_filters_of_the_site(environment: Environment) -> None:
    @pass_context
    def who(context: Any) -> str:
        return str(context["name"])

    @pass_environment
    def count(environment: Environment) -> int:
        return len(environment.globals) and 1

    @pass_eval_context
    def mode(context: Any, value: str) -> str:
        return f"{value}{context.autoescape}"

    def stop() -> None:
        raise StopIteration

    environment.globals |= {"who": who, "count": count, "stop": stop, "limits": (n for n in (1, 2))}
    environment.filters |= {"mode": mode, "shout": lambda text: f"{text}!", "center": lambda text: f"<{text}>"}
    environment.tests["short"] = lambda text: len(text) < 3
    source = (
        "{{ who() }}{% for _ in [1] %}{% set name = 'in' %}{{ who() }}{% endfor %}"
        "{{ count() }}{{ 'x'|mode }}{{ 'y'|shout }}{{ stop() }}"
        "{{ 'z'|center }}{{ ['a']|map('center')|first }}{{ 'ab' is short }}{{ ['abc', 'd']|select('short')|list }}"
    )
    assert render(environment.text(source, "x"), {"name": "out"}) == (
        "outin1xTruey!&lt;z&gt;&lt;a&gt;True[&#39;d&#39;]"
    )
    assert environment.call_filter("shout", "a") == "a!"
    assert environment.call_test("short", "a")
    assert environment.globals is environment.make_globals(None)
    assert environment.make_globals({"a": 1})["a"] == 1


def test_a_format_handed_to_a_function_keeps_its_rules(environment: Environment) -> None:
    template = environment.text("{{ use('{} {a}'.format) }}", "x")
    assert render(template, {"use": lambda function: function("<", a=1)}) == "&lt; 1"


def test_names_that_imported_templates_see() -> None:
    templates = {
        "lib.html": "{% macro path() %}{{ request.path }}{{ other }}{% endmacro %}",
        "part.html": "{{ request.path }}",
    }
    environment = Environment(templates.get, shared=("request", "session"))
    source = '{% from "lib.html" import path %}{{ path() }}{% include "part.html" without context %}'
    values = {"request": {"path": "/a"}, "other": "hidden"}
    assert render(environment.text(source, "x"), values) == "/a/a"


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/../b", "./a", "a//b", "/a", "a\\b", "a\0b", "a/"])
def test_names_that_lead_elsewhere(name: str) -> None:
    environment = Environment({name: "found"}.get)
    with pytest.raises(RenderError, match="there is no template named"):
        render(environment.text("{% include name %}", "x"), {"name": name})


def test_a_loader_of_jinja() -> None:
    environment = Environment(jinja2.DictLoader({"a.html": "a"}))
    assert render(environment.get_template("a.html"), {}) == "a"
    assert environment.loader is not None


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('\n{% include "nope.html" %}', "x:2: there is no template named `nope.html`"),
        ('\n{% include ["a.html", "b.html"] %}', "x:2: there is no template named `a.html` or `b.html`"),
        ("\n{{ 1 + 'a' }}", "x:2: unsupported operand type(s) for +: 'int' and 'str'"),
        ('{% extends "required.html" %}', 'required.html:1: Required block "must" not found'.replace('"', "'")),
        ("{{ fail() }}", "x:1: KeyError"),
        ("{% include 3 %}", None),
        ("{{ [1]|map('nope')|list }}", "x:1: No filter named 'nope'."),
    ],
)
def test_what_goes_wrong_and_where(source: str, message: str | None, environment: Environment) -> None:
    class Silent(KeyError):
        def __str__(self) -> str:
            return ""

    def fail() -> None:
        raise Silent

    Silent.__name__ = "KeyError"
    with recording(), pytest.raises(RenderError) as caught:
        render(environment.text(source, "x"), {"fail": fail})
    assert message is None or str(caught.value) == message
    assert caught.value.line is not None


def test_an_error_without_a_place() -> None:
    assert str(RenderError("odd")) == "odd"
    assert str(RenderError("odd", "a.html")) == "a.html: odd"


def test_a_broken_template_is_named_when_another_includes_it() -> None:
    environment = Environment({"broken.html": "\n{% if x %}"}.get)
    with pytest.raises(BrokenTemplate) as caught:
        render(environment.text('{% include "broken.html" %}', "x"), {})
    assert (caught.value.template, caught.value.line) == ("broken.html", 2)


def test_every_filter_and_test_of_jinja_is_judged() -> None:
    linear = {"capitalize", "e", "escape", "filesizeformat", "float", "forceescape", "int", "lower", "safe", "string"}
    linear |= {"truncate", "upper"}
    assert set(CHECKS) | NATIVE | linear == set(FILTERS)
    comparing = {name for name in TESTS if not re.fullmatch(r"\w{3,}", name)} | {"filter", "test"}
    comparing |= {"equalto", "greaterthan", "lessthan"}
    assert set(TEST_CHECKS) | NATIVE_TESTS | comparing == set(TESTS)


def test_what_plain_types_have_is_listed() -> None:
    for kind, names in ATTRIBUTES.items():
        assert {name for name in names if not hasattr(kind, name)} <= {"is_integer"}  # of int, from Python 3.12 on


def test_budgets_are_values() -> None:
    assert Budget() == Budget(seconds=2.0, output=10_000_000, steps=1_000_000)
    assert Budget(steps=5) != Budget()
