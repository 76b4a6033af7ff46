"""Broken templates are explained in plain words, at the line where it began."""

import pytest

from declweb.templating import BrokenTemplate, Environment, environment

ENVIRONMENT = Environment()


def broken(source: str) -> BrokenTemplate:
    with pytest.raises(BrokenTemplate) as caught:
        ENVIRONMENT.text(source, "page.html")
    assert caught.value.template == "page.html"
    assert (
        caught.value.line is None
        or caught.value.word in source.replace("\r\n", "\n").split("\n")[caught.value.line - 1]
    )
    return caught.value


@pytest.mark.parametrize(
    ("source", "line", "word", "noticed", "help_"),
    [
        ("\n{% if x %}\n\na", 2, "if", None, "add `{% endif %}`"),
        ("{% for a in b %}\n{% if x %}\n{% endfor %}", 2, "if", 3, "add `{% endif %}`"),
        ("{% for a in b %}\r\n{% if x %}\r\n{% endfor %}", 2, "if", 3, "add `{% endif %}`"),
        ("{% block a %}\n{% block b %}{% endblock %}", 1, "block", None, "add `{% endblock %}`"),
        ("{% if a %}\n  {% if b %}\n    {% if c %}\n  {% endif %}\n{% endif %}\n", 3, "if", None, "add `{% endif %}`"),
        (
            "{% for a in b %}\n  {% for c in d %}\n{% endfor %}\n{% if x %}{% endif %}",
            2,
            "for",
            None,
            "add `{% endfor %}`",
        ),
        ("{% if a %}\n  {% if b %}\nx {% endif %}", 1, "if", None, "add `{% endif %}`"),
        ("{% if a %}\n x {% if b %}\n{% endif %}", 1, "if", None, "add `{% endif %}`"),
        ("{% if a %}\n  {% for x in y %}\n{% elif b %}{% endif %}", 2, "for", 3, "add `{% endfor %}`"),
        ("{% macro m(a) %}\n{{ a }}", 1, "macro", None, "add `{% endmacro %}`"),
        ("{% set x %}\n{% set y = 1 %}", 1, "set", None, "add `{% endset %}`"),
        ("{%- call m() -%}\nx", 1, "call", None, "add `{% endcall %}`"),
        ("{# {% if %} #}{% raw %}{% if %}{% endraw %}\n{% with %}", 2, "with", None, "add `{% endwith %}`"),
    ],
)
def test_blocks_that_are_never_closed(source: str, line: int, word: str, noticed: int | None, help_: str) -> None:
    error = broken(source)
    assert (error.line, error.word, error.noticed, error.help) == (line, word, noticed, help_)
    assert error.message == f"`{{% {word} %}}` is never closed"


@pytest.mark.parametrize(
    ("source", "line", "message", "help_"),
    [
        ("a\n{{ x }\nb {{ c }}", 2, "`{{` is never closed", "add `}}`"),
        ("a\n{{ x\n<p>it's</p>", 2, "`{{` is never closed", "add `}}`"),
        ("{{ x %}", 1, "`{{` is never closed", "add `}}`"),
        ("{{ {'a': {'b': 1} }}", 1, "`{{` is never closed", "add `}}`"),
        ("{% if x %} {{ y } {% endif %}", 1, "`{{` is never closed", "add `}}`"),
        ("\n{% include 'a' %", 2, "`{%` is never closed", "add `%}`"),
        ("\n{# abc", 2, "`{#` is never closed", "add `#}`"),
        ("\n{% raw %} {{ abc", 2, "`{% raw %}` is never closed", "add `{% endraw %}`"),
        ("{{ x|default('a) }}\n<p>it's</p>", 1, "a text that begins with ' is never closed", "add the second '"),
        ('{{ x|default("a) }}', 1, 'a text that begins with " is never closed', 'add the second "'),
        ("{% fro x in y %}{% endfor %}", 1, "there is no tag `fro`", "did you mean `for`?"),
        ("{% fi x %}{% endif %}", 1, "there is no tag `fi`", "did you mean `if`?"),
        ("{% for x in y %}\n{% esle %}{% endfor %}", 2, "there is no tag `esle`", "did you mean `else`?"),
        ("{% for x in y %}{% if z %}\n{% endfi %}{% endfor %}", 2, "there is no tag `endfi`", "did you mean `endif`?"),
        ("{% for x in y %}\n{% end %}", 2, "there is no tag `end`", "did you mean `endfor`?"),
        ("{% end %}", 1, "there is no tag `end`", None),
        ("{% if x %}{% elseif y %}{% endif %}", 1, "there is no tag `elseif`", "did you mean `elif`?"),
        ("{% xyzzy %}", 1, "there is no tag `xyzzy`", None),
        ("{% endif %}", 1, "`{% endif %}` stands without `{% if %}`", None),
        ("{% raw %}{{ {% endraw %}{% endif %}", 1, "`{% endif %}` stands without `{% if %}`", None),
        ("{% endif %}\n{{ x", 1, "`{% endif %}` stands without `{% if %}`", None),
        ("{% else %}", 1, "`{% else %}` stands without `{% if %}` or `{% for %}`", None),
        ("{% if x %}{% endfor %}{% endif %}", 1, "`{% endfor %}` stands without `{% for %}`", None),
        ("{{ x|uper }}", 1, "there is no filter named `uper`", "did you mean `upper`?"),
        ("{% if false %}{{ x|uper }}{% endif %}", 1, "there is no filter named `uper`", "did you mean `upper`?"),
        ("{% if x is defnied %}{% endif %}", 1, "there is no test named `defnied`", "did you mean `defined`?"),
        ("{{ x && y }}", 1, "`&&` has no meaning here", "write `and`"),
        ("{{ 'a' || y }}", 1, "`||` has no meaning here", "write `or`"),
        ("{{ a ? b : c }}", 1, "`?` has no meaning here", "write `a if condition else b`"),
        ("{{ “x” }}", 1, "`“` has no meaning here", 'write straight quotes: "'),
        ("{% if x = 'a=b' %}{% endif %}", 1, "`=` does not compare", "write `==`"),
        ("{% if x %}{% else if y %}{% endif %}", 1, "`else` takes no condition", "write `elif`"),
        ("{{ '?' }}\n{{ x y }}", 2, "expected `}}`, got `y`", None),
        ("{{ f('?' y) }}{{ x }}", 1, "expected `,`, got `y`", None),
        ("{{ (x }}", 1, "unexpected `}`, expected `)`", None),
        ("{% set 3 = x %}", 1, "can't assign to `const`", None),
        ("{{ }}", 1, "expected an expression, got `}}`", None),
        ("{% for x y %}{% endfor %}", 1, "expected `in`, got `y`", None),
        ("{% block a %}{% endblock %}\n{% block a %}{% endblock %}", 2, "block `a` defined twice", None),
        ("{{ 1" + "0" * 5000 + " }}", None, "holds a number that is too long", None),
        ("{{ a" + ".a" * 300 + " }}", None, "nests its tags or expressions too deeply", None),
        ("{% for a in b %}" * 30 + "{% endfor %}" * 30, None, "nests its tags or expressions too deeply", None),
        ("{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}", None, "nests its tags or expressions too deeply", None),
        ("{{ 1" + " + 1" * 5000 + " }}", None, "nests its tags or expressions too deeply", None),
    ],
)
def test_what_else_people_write(source: str, line: int | None, message: str, help_: str | None) -> None:
    error = broken(source)
    assert (error.line, error.message, error.help) == (line, message, help_)


def test_templates_that_take_too_long_to_compile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "LONGEST", 20)
    ENVIRONMENT.text("text " * 100 + "{{ x }}", "page.html")
    assert broken("{{ x }}" * 10).message == "has more than 20 words and signs between its braces"


def test_facts_of_a_broken_template() -> None:
    with pytest.raises(BrokenTemplate) as caught:
        ENVIRONMENT.facts("\n{% if x %}", "page.html")
    assert (caught.value.template, caught.value.line) == ("page.html", 2)
    with pytest.raises(BrokenTemplate) as caught:
        ENVIRONMENT.facts("{{ " + "(" * 3000, "page.html")
    assert str(caught.value) == "page.html: nests its tags or expressions too deeply"


def test_a_bug_of_ours_stays_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Environment, "_generate", lambda *_args, **_options: "def (")
    with pytest.raises(SyntaxError):
        ENVIRONMENT.text("compiled by nobody before", "page.html")


def test_a_tree_has_no_source_to_explain() -> None:
    tree = ENVIRONMENT.parse("{% block a %}{% endblock %}{% block a %}{% endblock %}", "page.html")
    with pytest.raises(Exception, match="defined twice"):
        ENVIRONMENT.compile(tree, "page.html")
