"""The site's own Python beside what rules judge: links, converters, environments."""

from pathlib import Path

import pytest
from cases import write

from declweb.loading import check_site, load_site
from declweb.problems import Problem

SITE = '[site]\nname = "Bakery"\n[hooks]\nmodule = "hooks"\n'
LINK = '[routes.home]\npath = "/"\nhtml = \'<a href="/hidden/page">there</a>\'\n'


def found(folder: Path, text: str, hooks: str) -> list[tuple[str, int | None]]:
    write(folder, {"site.toml": text, "hooks.py": hooks})
    return [(each.code, each.place.line) for each in check_site(folder, {})]


@pytest.mark.parametrize(
    ("more", "is_broken"),
    [
        ("", True),
        ('before_request = { handler = "look", paths = ["/hidden/*"] }\n', False),
        ('before_request = { handler = "look", paths = ["/other/*"] }\n', True),
        ('before_request = "look"\n', True),
        ('[[middleware]]\nuse = "around"\n', False),
        ('[[middleware]]\nuse = "around"\noff = true\n', True),
    ],
)
def test_a_link_may_be_answered_by_python(tmp_path: Path, more: str, is_broken: bool) -> None:
    problems = found(tmp_path, SITE + more + LINK, "def look(): ...\ndef around(app):\n    return app\n")
    assert [code for code, _ in problems] == ["broken-link"] * is_broken


def test_converters_are_not_run_to_judge_links(tmp_path: Path) -> None:
    hooks = """
from werkzeug.routing import BaseConverter

class Book(BaseConverter):
    regex = "[0-9]+"

    def __init__(self, map, shelf="a"):
        super().__init__(map)

    def to_python(self, value):
        raise RuntimeError("only for visitors")

class Rest(BaseConverter):
    regex = ".+?"
    part_isolating = False
"""
    text = SITE + 'converters = { book = "Book", rest = "Rest" }\n'
    text += '[routes.book]\npath = "/books/<book:number>"\ntext = "x"\n'
    text += '[routes.shelf]\npath = "/shelf/<book(shelf=\'b\'):number>"\ntext = "x"\n'
    text += '[routes.rest]\npath = "/rest/<rest:path>"\ntext = "x"\n'
    links = '<a href="/books/12">a</a><a href="/rest/a/b">b</a><a href="/books/none">c</a>'
    text += f'[routes.home]\npath = "/"\nhtml = \'{links}\'\n[redirects]\n"/old" = "/books/7"\n'
    assert found(tmp_path, text, hooks) == [("broken-link", 17)]


def test_a_module_that_is_not_there_is_one_problem(tmp_path: Path) -> None:
    text = '[site]\nname = "Bakery"\n[hooks]\nmodule = "bakery_code"\nbefore_request = "a"\ntemplate_filters = ["b"]\n'
    text += 'context_processors = "c"\n[routes.home]\npath = "/"\ntext = "{{ 3|b }} {{ from_c }}"\n'
    write(tmp_path, {"site.toml": text})
    assert [(each.code, each.place.line) for each in check_site(tmp_path, {})] == [("missing-module", 4)]
    assert load_site(tmp_path, None, {}).app is None


def test_each_environment_is_judged_with_what_it_names(tmp_path: Path) -> None:
    text = SITE + '[routes.home]\npath = "/"\nhandler = "home"\n'
    text += '[env.production.hooks]\nmodule = ["hooks", "other"]\n[env.test.routes.home]\nhandler = "nothing"\n'
    write(tmp_path, {"site.toml": text, "hooks.py": "def home(): ...\n", "other.py": ""})
    problems: list[Problem] = list(check_site(tmp_path, {}))
    assert [(each.code, each.place.line) for each in problems] == [("undeclared-module", 7), ("missing-function", 11)]
