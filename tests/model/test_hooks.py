"""What a site file can say of Python."""

from typing import Any

import pytest
import tomli
from pydantic import ValidationError

from declweb.model import Site
from declweb.model.handlers import BY_METHOD


def site(text: str) -> Site:
    return Site.model_validate(tomli.loads(f'[site]\nname = "x"\n{text}'))


def test_one_or_many_and_string_or_table() -> None:
    hooks = site('[hooks]\nmodule = "hooks"\nbefore_request = "load"\n').hooks
    assert hooks.module == ["hooks"]
    assert [(each.handler, each.paths) for each in hooks.before_request] == [("load", ["/*"])]
    hooks = site('[hooks]\nafter_request = ["a", { handler = "b:c", paths = "/x/*" }]\n').hooks
    assert [(each.handler, each.paths) for each in hooks.after_request] == [("a", ["/*"]), ("b:c", ["/x/*"])]


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ('["money", "shop.views:Rates.euro"]', {"money": "money", "euro": "shop.views:Rates.euro"}),
        ('"hooks:money"', {"money": "hooks:money"}),
        ('{ cash = "hooks:money" }', {"cash": "hooks:money"}),
    ],
)
@pytest.mark.parametrize("key", ["template_filters", "template_tests", "template_globals", "commands"])
def test_functions_have_their_own_names_or_others(key: str, written: str, names: dict[str, str]) -> None:
    assert getattr(site(f"[hooks]\n{key} = {written}\n").hooks, key) == names


def test_one_handler_for_all_methods_or_one_for_each() -> None:
    text = '[routes.a]\npath = "/a"\nhandler = "h"\nmethods = ["GET", "PUT"]\n'
    assert site(text).routes["a"].handlers == {"GET": "h", "PUT": "h"}
    keys = "".join(f'{key} = "{key}_it"\n' for key in BY_METHOD.values())
    for table in (f'[routes.a]\npath = "/a"\n{keys}', f'[json.a]\npath = "/a"\n{keys}'):
        found: Any = site(table)
        handled = found.routes.get("a") or found.json_["a"]
        assert handled.handlers == {method: f"{key}_it" for method, key in BY_METHOD.items()}
        assert handled.methods == list(BY_METHOD)
    assert site('[routes.a]\npath = "/a"\ntext = "x"\n').routes["a"].handlers == {}


@pytest.mark.parametrize(
    "text",
    [
        '[hooks]\nmodule = "a-b"\n',
        '[hooks]\nmodule = "../outside"\n',
        '[hooks]\nmodule = ".relative"\n',
        "[hooks]\nmodule = []\n",
        '[hooks]\nerrors = { 399 = "h" }\n',
        '[hooks]\ntemplate_filters = { "a b" = "h" }\n',
        '[routes.a]\npath = "/a"\nhandler = "os.system(1)"\n',
        '[[middleware]]\nuse = "a:b:c"\n',
        '[[middleware]]\noptions = { a = 1 }\nuse = ""\n',
        '[routes.a]\npath = "/a"\ntext = "x"\nset_cookies = [{ name = "a;b", value = "" }]\n',
        f'[routes.a]\npath = "/a"\ntext = "x"\nset_cookies = [{{ name = "a", value = "{"x" * 4001}" }}]\n',
    ],
)
def test_what_cannot_be_meant_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        site(text)


@pytest.mark.parametrize("name", ["login", "auth.login", "a-b.c_d.e"])
def test_names_of_routes_may_have_dots(name: str) -> None:
    assert name in site(f'[routes."{name}"]\npath = "/a"\ntext = "x"\n').routes


@pytest.mark.parametrize("name", ["form.login", "json.stock", ".a", "a.", "a..b", "1a"])
def test_names_of_forms_and_endpoints_are_theirs(name: str) -> None:
    with pytest.raises(ValidationError):
        site(f'[routes."{name}"]\npath = "/a"\ntext = "x"\n')
