"""Templates that try to use the machine up: each is cut off, and the next rendering works."""

import datetime
import itertools
import threading
from collections.abc import Iterator
from time import thread_time

import pytest

from declweb.templating import Budget, Environment, OverBudget, RenderError, Unsafe, recording, render

BUDGET = Budget(seconds=0.1, output=1_000_000, steps=100_000)
BIG = "{% set big = 'a' * 900000 %}"
NS = "{% set n = namespace(text='ab', list=[1], tuple=(1, 2), other=none) %}"
DOUBLED = NS + "{% for _ in range(60) %}"
TEMPLATES = {
    "self.html": '{% include "self.html" %}',
    "twice.html": '{% include "twice.html" %}{% include "twice.html" %}',
    "parent.html": '{% extends "parent.html" %}',
    "module.html": '{% import "module.html" as module %}',
    "empty.html": "",
    "big.html": "a" * 10_000,
}


def endless() -> Iterator[int]:
    return itertools.count()


VALUES = {
    "endless": endless,
    "counting": endless(),
    "when": datetime.date(2026, 7, 31),
    "rows": [{"name": f"row {number}", "tags": ["a", "b"]} for number in range(200)],
}
ENVIRONMENT = Environment(TEMPLATES.get)


def cut_off(source: str, budget: Budget = BUDGET) -> OverBudget:
    template = ENVIRONMENT.text(source, "attack.html")
    start = thread_time()
    with pytest.raises(OverBudget) as caught:
        render(template, VALUES, budget)
    assert thread_time() - start < 1
    assert render(ENVIRONMENT.text("{{ 1 + 1 }}", "next.html"), {}) == "2"
    return caught.value


LOOPS = [
    "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}",
    (
        "{% for a in 'abcdefgh' %}{% for a in 'abcdefgh' %}{% for a in 'abcdefgh' %}{% for a in 'abcdefgh' %}"
        "{% for a in 'abcdefgh' %}{% for a in 'abcdefgh' %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}"
        "{% endfor %}"
    ),
    "{% for a in range(10 ** 9) %}{% endfor %}",
    "{% for a in range(10 ** 99) %}{% endfor %}",
    "{{ range(10 ** 9)|list }}",
    "{{ range(10 ** 9)|length }}",
    "{% for a in range(3)|slice(10 ** 9) %}{% endfor %}",
    "{{ range(3)|slice(10 ** 9)|list }}",
    "{{ range(3)|slice(10 ** 9, 'x')|list }}",
    "{% for a in counting %}{% endfor %}",
    "{{ counting|list }}",
    "{{ endless()|join }}",
    "{{ endless()|sum }}",
    "{{ endless()|map('string')|list }}",
    "{{ endless()|select('odd')|list }}",
    "{{ endless()|select('string')|first }}",
    "{{ endless()|batch(2)|list }}",
    "{{ endless()|unique|list }}",
    "{{ endless()|max }}",
    "{{ endless()|groupby(0) }}",
    "{{ ''.join(endless()) }}",
    BIG + "{% for a in big %}{% endfor %}",
    BIG + "{{ big|list|length }}",
    "{{ (range(90000)|list)|sort|length }}",
    "{{ ({'a': 1}.items()|list * 50000)|map('first')|list|length }}{% for a in range(99999) %}{% endfor %}",
    "{{ ('a ' * 400000)|wordcount }}",
    "{{ ('a ' * 400000)|title|length }}",
    "{{ ('a ' * 400000).split()|length }}",
    "{{ ('a ' * 400000).rsplit(' ')|length }}",
    "{{ ('\\n' * 900000).splitlines()|length }}",
    "{{ ('<a>' * 300000)|striptags }}",
    "{{ (('<a>' * 300000)|safe).striptags() }}",
    "{{ ('{0}' * 300000).format('a') }}",
    "{% for a in range(99999) %}{% include 'empty.html' %}{% endfor %}",
    "{% for a in range(99999) %}{% import 'empty.html' as x %}{% endfor %}",
    "{% for a in range(99999) %}{% from 'empty.html' import x %}{% endfor %}",
    "{% for a in range(99999) %}{% include ['no' ~ a, 'none' ~ a] ignore missing %}{% endfor %}",
    "{% for a in range(99999) %}{% include 'big.html' without context %}{% endfor %}",
    "{{ (range(9000)|list)|sort(attribute='a,' * 400) }}",
]
RECURSION = [
    "{% macro m(n) %}{{ m(n + 1) }}{% endmacro %}{{ m(0) }}",
    "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}",
    "{% macro m(n) %}{% if n %}{% set x = m(n - 1) %}{{ x }}{{ x }}{% endif %}text{% endmacro %}{{ m(60) }}",
    (
        "{% macro m(n) %}{% if n %}{{ m(n - 1, varargs, varargs) }}{% else %}{{ varargs }}{% endif %}{% endmacro %}"
        "{{ m(100, 1, 2) }}"
    ),
    (
        "{% macro m(n) %}{% if n %}{{ m(n - 1, a=kwargs, b=kwargs) }}{% else %}{{ kwargs }}{% endif %}{% endmacro %}"
        "{{ m(100) }}"
    ),
    (
        "{% macro m() %}{{ caller() }}{% endmacro %}{% macro r(n) %}{% call m() %}{{ r(n) }}{% endcall %}{% endmacro %}"
        "{{ r(1) }}"
    ),
    '{% include "self.html" %}',
    '{% include "twice.html" %}',
    '{% extends "parent.html" %}',
    '{% import "module.html" as module %}',
    "{% block a %}{{ self.a() }}{% endblock %}",
    "{% block a %}{{ self.a() }}{{ self.a() }}{% endblock %}",
    "{% for item in [1, 2] recursive %}{{ loop([1, 2]) }}{% endfor %}",
    "{% for item in [[1]] recursive %}{{ loop([item]) }}{% endfor %}",
    NS + "{% for _ in range(9999) %}{% set n.list = [n.list] %}{% endfor %}",
    NS + "{% for _ in range(9999) %}{% set n.tuple = (n.tuple,) %}{% endfor %}",
]
NUMBERS = [
    "{{ 7 ** 9999999 }}",
    "{{ 7 ** 9999 ** 9999 }}",
    "{{ (9 ** 999) * (9 ** 999) }}",
    "{% set n = namespace(x=3) %}{% for _ in range(99) %}{% set n.x = n.x * n.x %}{% endfor %}",
    "{% set n = namespace(x=3) %}{% for _ in range(9999) %}{% set n.x = n.x + n.x %}{% endfor %}",
    "{% set n = namespace(x=3) %}{% for _ in range(9999) %}{% set n.x = n.x - -n.x %}{% endfor %}",
    "{{ ('f' * 900000)|int(0, 16) }}",
    "{{ 3|round(10 ** 9) }}",
    "{{ 3|round(-10 ** 9) }}",
    "{{ 3.0|round(10 ** 9, 'ceil') }}",
    "{{ ([2 ** 2000] * 3)|sum * 2 ** 2000 * 2 ** 200 }}",
]
TEXTS = [
    "{{ 'a' * 400000000 }}",
    "{{ 400000000 * ('a'|safe) }}",
    "{{ [1] * 400000000 }}",
    "{{ 400000000 * (1,) }}",
    "{{ [[1] * 100] * 100000 }}",
    DOUBLED + "{% set n.text = n.text ~ n.text %}{% endfor %}",
    DOUBLED + "{% set n.text = n.text + n.text %}{% endfor %}",
    DOUBLED + "{% set n.text = [n.text, n.text]|join %}{% endfor %}",
    DOUBLED + "{% set n.text = ''.join([n.text, n.text]) %}{% endfor %}",
    DOUBLED + "{% set n.text = '%s%s' % (n.text, n.text) %}{% endfor %}",
    DOUBLED + "{% set n.text = '%s%s'|format(n.text, n.text) %}{% endfor %}",
    DOUBLED + "{% set n.text = '{0}{0}'.format(n.text) %}{% endfor %}",
    DOUBLED + "{% set n.text %}{{ n.text }}{{ n.text }}{% endset %}{% endfor %}",
    DOUBLED + "{% set n.text = n.text|replace('a', 'aa')|replace('b', 'bb') %}{% endfor %}",
    DOUBLED + "{% set n.text = n.text|e ~ n.text %}{% endfor %}",
    DOUBLED + "{% set n.list = n.list + n.list %}{% endfor %}",
    DOUBLED + "{% set n.list = [n.list, n.list] %}{% endfor %}",
    DOUBLED + "{% set n.list = {'a': n.list, 'b': n.list} %}{% endfor %}",
    DOUBLED + "{% set n.list = dict(a=n.list, b=n.list) %}{% endfor %}",
    DOUBLED + "{% set n.list = [0, 0]|map('default', n.list, true)|list %}{% endfor %}",
    DOUBLED + "{% set n.list = [n, n]|map(attribute='list')|list %}{% endfor %}",
    DOUBLED + "{% set n.list = [0]|batch(2, n.list)|list * 2 %}{% endfor %}",
    DOUBLED + "{% set n.list = [n.list]|batch(9, n.list)|list %}{% endfor %}",
    DOUBLED + "{% set n.list = [n.list]|slice(9, n.list)|list %}{% endfor %}",
    DOUBLED + "{% set n.tuple = (n.tuple, n.tuple) %}{% endfor %}",
    DOUBLED + "{% set n.tuple = cycler(n.tuple, n.tuple).items %}{% endfor %}",
    DOUBLED + "{% set n.tuple = [n.tuple, n.tuple]|sum(start=()) %}{% endfor %}",
    (
        "{% set a = namespace(l=[1, 2]) %}{% set b = namespace(l=[2, 1]) %}{% for _ in range(60) %}"
        "{% set r = [a, b]|groupby('l') %}{% set a.l = r %}{% set b.l = r[::-1] %}{% endfor %}"
    ),
    "{% set a = namespace(l=range(9000)|list) %}{{ ([a] * 9000)|sort(attribute='l')|length }}",
    "{% set a = namespace(l='a' * 9000) %}{{ ([a] * 9000)|map(attribute='l')|join }}",
    "{% set a = namespace(l='a' * 9000) %}{{ ([a] * 9000)|join(attribute='l') }}",
    "{{ range(99999)|join('a' * 1000) }}",
    BIG + "{{ [big, big]|join }}",
    BIG + "{{ big|replace('a', big) }}",
    BIG + "{{ big|replace('', big) }}",
    BIG + "{{ big.replace('a', big) }}",
    "{{ ('<' * 200000)|replace('l', ('x' * 1000)|safe) }}",
    BIG + "{{ '%s%s' % (big, big) }}",
    BIG + "{{ ('%(b)s' * 99) % {'b': big} }}",
    BIG + "{{ ('{0}' * 99).format(big) }}",
    BIG + "{{ big.join(range(99)|map('string')) }}",
    BIG + "{{ [big] * 9 }}",
    BIG + "{% for _ in range(99) %}{{ big }}{% endfor %}",
    BIG + "{% macro m() %}{% for _ in range(99) %}{{ big }}{% endfor %}{% endmacro %}{% set x = m() %}",
    BIG + "{% macro m() %}{{ big }}{% endmacro %}{% for _ in range(99) %}{% set x = m() %}{% endfor %}",
    BIG + "{% filter upper %}{{ big }}{{ big }}{% endfilter %}",
    BIG + "{{ big }}{{ big }}",
    "{% for _ in range(99999) %}" + "text " * 100 + "{% endfor %}",
    "{% filter upper %}{% for _ in range(99999) %}" + "text " * 100 + "{% endfor %}{% endfilter %}",
    "{{ 'a'|center(10 ** 9) }}",
    "{{ [3]|map('center', 10 ** 9)|list }}",
    "{{ ('a\\n' * 1000)|indent(10 ** 6) }}",
    "{{ ('a\\n' * 1000)|indent('x' * 10 ** 5) }}",
    "{{ '%1000000000d'|format(3) }}",
    "{{ '%*d'|format(10 ** 9, 3) }}",
    "{{ '%.1000000000f' % 3.0 }}",
    "{{ '%.*f' % (10 ** 9, 3.0) }}",
    "{{ '%(a)1000000000d' % {'a': 3} }}",
    "{{ '{:>1000000000}'.format('a') }}",
    "{{ '{:>{}}'.format('a', 10 ** 9) }}",
    "{{ '{0:.1000000000f}'.format(1.5) }}",
    "{{ '{a:>1000000000}'.format_map({'a': 1}) }}",
    "{{ ('{0:>1000000000}'|safe).format(1) }}",
    "{{ 'a'.ljust(10 ** 9) }}",
    "{{ 'a'.rjust(10 ** 9, 'b') }}",
    "{{ 'a'.zfill(10 ** 9) }}",
    "{{ 'a'.center(10 ** 9) }}",
    "{{ ('a'|safe).center(10 ** 9) }}",
    "{{ ('\\t' * 1000).expandtabs(10 ** 9) }}",
    "{{ ('\\t' * 1000).expandtabs(tabsize=10 ** 9) }}",
    "{{ range(3)|batch(10 ** 9, 'x')|list }}",
    "{{ (['a'] * 200000)|tojson }}",
    "{{ ([['a']] * 9000)|tojson(indent=100000) }}",
    "{{ ('<' * 900000)|tojson ~ ('<' * 900000)|tojson }}",
    "{{ when.strftime('%1000000000d') }}",
    "{{ '{:%1000000000d}'.format(when) }}",
    "{{ when.strftime('%d' * 400000) }}",
]
SLOW = [
    "{% for a in range(300) %}{% for b in range(300) %}{{ a * b }}{{ a ~ b }}{{ a ** 3 }}{% endfor %}{% endfor %}",
    "{% for a in range(99000) %}{% set x = a %}{% if a > 5 and x is odd %}{% endif %}"
    + "{% set x = x + 1 %}" * 30
    + "{% endfor %}",
    "{{ range(90000)|map('string')|map('upper')|map('lower')|map('title')|map('center', 900)|list|length }}",
    BIG + "{% for _ in range(99999) %}{% if big == big ~ '' %}{% endif %}{% endfor %}",
    BIG + "{% set other = big[1:] ~ 'a' %}{% for _ in range(99999) %}{% if big == other %}{% endif %}{% endfor %}",
    BIG + "{% for _ in range(99999) %}{% if 'b' in big %}{% endif %}{% endfor %}",
    BIG + "{{ big.rfind('ab' ~ 'a' * 400000) }}",
    BIG + "{{ big.rsplit('ab' ~ 'a' * 400000) }}",
    BIG + "{{ big.strip('b' * 100000) }}",
    BIG + "{{ big|trim('b' * 100000) }}",
    "{% set l = range(20000)|list %}{% for _ in range(70000) %}{% if -1 in l %}{% endif %}{% endfor %}",
    "{% set l = range(20000)|list %}{% for _ in range(70000) %}{{ l.index(19999) }}{% endfor %}",
    "{% set l = range(9000)|list %}{% set m = l[:] %}{% for _ in range(70000) %}{% if l == m %}{% endif %}{% endfor %}",
    "{% set l = range(9000)|list %}{% set m = l[:] %}{% for _ in range(70000) %}{{ l is eq m }}{% endfor %}",
    "{% set l = range(9000)|list %}{% for _ in range(70000) %}{{ loop.changed(l) }}{{ l == l[:] }}{% endfor %}",
    "{% set t = (1,) * 9000 %}{% for _ in range(70000) %}{% set x = {t: 1} %}{% endfor %}",
    "{% set t = (1,) * 9000 %}{% set d = {t: 1} %}{% for _ in range(70000) %}{{ d[t] }}{% endfor %}",
    "{% set l = range(9000)|list %}{% for _ in range(70000) %}{% set x = l[1:] %}{% endfor %}",
    "{{ ('a ' * 400000)|wordwrap(3) }}",
    "{{ ('a' * 90000)|wordwrap(1) }}",
    "{{ ('a ' * 4000)|wordwrap(1, true, 'x' * 100000) }}",
    "{{ ('a ' * 4000)|wordwrap(1, wrapstring='x' * 100000) }}",
    "{{ ('http://a.b/ ' * 50000)|urlize }}",
    "{{ ('a@a.' ~ 'a.' * 40000)|urlize }}",
    "{{ ('a.b ' * 400)|urlize(rel='x' * 100000) }}",
    "{{ (range(40000)|list)|pprint }}",
    "{{ {'a': range(40000)|list}|urlencode }}",
    "{{ {'a': '<' * 900000}|xmlattr }}",
]


@pytest.mark.parametrize("source", [*LOOPS, *RECURSION, *NUMBERS, *TEXTS, *SLOW])
def test_attacks_are_cut_off(source: str) -> None:
    error = cut_off(source)
    assert error.resource in {"time", "steps", "output", "memory", "depth"}
    assert error.template in {"attack.html", *TEMPLATES}


@pytest.mark.parametrize(
    ("source", "resource", "line"),
    [
        ("\n{% for a in range(100) %}\n{% for b in range(100000) %}{% endfor %}{% endfor %}", "steps", 3),
        ("\n\n{{ 'a' * 10000000 }}", "output", 3),
        ("{% macro m() %}\n{{ m() }}{% endmacro %}{{ m() }}", "depth", 2),
        (BIG + "{% for _ in range(99) %}\n{{ big }}{% endfor %}", "memory", 2),
        (BIG + "\n{{ big.rfind('a' * 100000) }}", "time", 2),
        (BIG + "\n{{ big }}{{ big }}", "output", None),
    ],
)
def test_what_ran_out_and_where(source: str, resource: str, line: int | None) -> None:
    error = cut_off(source)
    assert (error.resource, error.template, error.line) == (resource, "attack.html", line)


def test_the_message_names_the_limit() -> None:
    error = cut_off("{% for a in range(1000) %}{% endfor %}", Budget(steps=999))
    assert str(error) == "attack.html:1: goes round its loops and macros more than 999 times"
    slow = "{% for a in range(90000) %}{% for b in range(9) %}{% endfor %}{% endfor %}"
    assert str(cut_off(slow, Budget(seconds=0.05))) == "attack.html:1: takes longer than 0.05 seconds to render"


def test_time_is_the_processors() -> None:
    def pause() -> str:
        threading.Event().wait(0.1)
        return "rested"

    template = ENVIRONMENT.text("{{ pause() }}{{ pause() }}{{ pause() }}", "pause.html")
    assert render(template, {"pause": pause}, Budget(seconds=0.15)) == "rested" * 3


def test_memory_that_python_refuses() -> None:
    def refuse() -> None:
        raise MemoryError

    with pytest.raises(OverBudget) as caught:
        render(ENVIRONMENT.text("\n{{ refuse() }}", "refuse.html"), {"refuse": refuse})
    assert (caught.value.resource, caught.value.line) == ("memory", 2)


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__ }}",
        "{{ ''|attr('__class__') }}",
        "{{ ''['__class__'] }}",
        "{{ [1]|map(attribute='__class__')|list }}",
        "{{ '{0.__class__}'.format(1) }}",
        "{{ '{a.__class__}'.format_map({'a': 1}) }}",
        "{{ ('{0.__class__}'|safe).format(1) }}",
        "{{ {}.fromkeys('abc') }}",
        "{{ 'a'.encode('punycode') }}",
        "{{ 'a'.translate({97: 'b'}) }}",
        "{{ (1).to_bytes(10, 'big') }}",
        "{{ [].append(1) }}",
        "{{ {}.update({}) }}",
        "{% macro m() %}{% endmacro %}{{ m.__call__ }}",
        "{% macro m() %}{% endmacro %}{{ m._func }}",
        "{{ range.__globals__ }}",
        "{{ '{:>99}'.format.run(namespace(), [1], {}) }}",
        "{{ endless.__code__ }}",
        "{{ endless().__class__ }}",
        "{{ forbidden() }}",
    ],
)
def test_what_the_sandbox_forbids(source: str) -> None:
    def forbidden() -> None: ...

    forbidden.unsafe_callable = True  # type: ignore[attr-defined] # as `jinja2.sandbox.unsafe` does
    with pytest.raises(Unsafe) as caught:
        render(ENVIRONMENT.text("\n" + source, "attack.html"), {**VALUES, "forbidden": forbidden})
    assert (caught.value.template, caught.value.line) == ("attack.html", 2)


@pytest.mark.parametrize(
    "source",
    [
        "{{ '%(a(b))1000000000d' % {'a(b)': 3} }}",
        "{{ '%1000000000d' is odd }}",
        "{{ '%1000000000d' is even }}",
        "{{ '%1000000000d' is divisibleby 3 }}",
        "{{ ['%1000000000d']|select('odd')|list }}",
        "{{ [1]|map(attribute='a.' * 900)|list }}",
        "{{ [1]|sum(attribute='a.' * 900) }}",
        "{{ [1]|sort(attribute='a.' * 900) }}",
        "{{ 10.0 ** 999 }}",
        "{{ 1 / 0 }}",
        "{{ 1 + 'a' }}",
        "{{ [1] + (2,) }}",
        "{{ {} * 3 }}",
        "{{ 'a'.ljust('b') }}",
    ],
)
def test_what_goes_wrong_otherwise(source: str) -> None:
    assert len(render(ENVIRONMENT.text(source, "attack.html"), VALUES)) < 10
    with recording(), pytest.raises(RenderError) as caught:
        render(ENVIRONMENT.text(source, "attack.html"), VALUES)
    assert (caught.value.template, caught.value.line) == ("attack.html", 1)
    assert caught.value.__cause__ is not None


def test_nothing_is_worked_out_while_compiling() -> None:
    sources = [
        "{{ 'a'|center(10 ** 9) }}",
        "{{ 7 ** 9999999 }}",
        "{% autoescape 'a'|center(10 ** 9) %}{% endautoescape %}",
        "{% if 'a' * 10 ** 9 %}{% endif %}",
        "{% set x = ('a' * 10 ** 9)|upper %}",
    ]
    start = thread_time()
    for source in sources:
        ENVIRONMENT.text(source, "attack.html")
    assert thread_time() - start < 0.2


def test_nothing_is_kept_between_renderings() -> None:
    environment = Environment(
        {
            "memory.html": "{% set n = namespace(x='') %}"
            "{% macro add() %}{% set n.x = n.x ~ 'a' %}{{ n.x }}{% endmacro %}"
            "{% set turns = cycler('odd', 'even') %}"
        }.get
    )
    source = (
        '{% import "memory.html" as m %}{{ m.add() }}{% import "memory.html" as k %}{{ k.add() }}{{ m.turns.next() }}'
    )
    template = environment.text(source, "page.html")
    assert [render(template, {}) for _ in range(3)] == ["aaaodd"] * 3


def test_threads_do_not_disturb_each_other() -> None:
    fine = ENVIRONMENT.text("{% for row in rows %}{{ row.name }};{% endfor %}", "fine.html")
    attack = ENVIRONMENT.text(SLOW[0], "attack.html")
    expected = render(fine, VALUES)
    pages: list[str] = []
    cut: list[str] = []

    def serve() -> None:
        for _ in range(5):
            pages.append(render(fine, VALUES))
            with pytest.raises(OverBudget) as caught:
                render(attack, VALUES, Budget(seconds=0.02))
            cut.append(caught.value.resource)

    threads = [threading.Thread(target=serve) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert pages == [expected] * 20
    assert cut == ["time"] * 20


def test_a_rendering_within_a_rendering_has_its_own_budget() -> None:
    inner = ENVIRONMENT.text("{% for a in range(900) %}{% endfor %}inner", "inner.html")
    outer = ENVIRONMENT.text("{% for a in range(3) %}{{ show() }}{% endfor %}", "outer.html")
    budget = Budget(steps=1000)
    assert render(outer, {"show": lambda: render(inner, {}, budget)}, budget) == "inner" * 3
    with pytest.raises(OverBudget) as caught:
        render(outer, {"show": lambda: render(inner, {}, Budget(steps=10))}, budget)
    assert caught.value.template == "inner.html"
