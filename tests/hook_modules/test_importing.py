"""The Python of a site: where it comes from, how long it stays, and who sees it."""

import gc
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from cases import Exchange, ask, strict_client, write

from declweb.app import App
from declweb.hook_modules import CannotImport, Modules
from declweb.hook_modules.finding import PREFIX
from declweb.loading import Loaded, check_site, load_site

SITE = '[site]\nname = "Hooks"\n[hooks]\nmodule = "hooks"\ntemplate_globals = ["say"]\n'
ROUTE = '[routes.home]\npath = "/"\ntext = "{{ say() }}"\n'


def loaded(folder: Path) -> Loaded:
    found = load_site(folder, None, {})
    assert found.app is not None, [f"{each.place} {each.message}" for each in found.problems]
    return found


def said(app: App | None) -> str:
    assert app is not None
    return ask(strict_client(app), Exchange("GET", "/")).get_data(as_text=True)


def site(folder: Path, hooks: str, *more: tuple[str, str]) -> Path:
    return write(folder, {"site.toml": SITE + ROUTE, "hooks.py": hooks, **dict(more)})


def modules_of_sites() -> set[str]:
    return {name for name in sys.modules if name.startswith(PREFIX)}


def test_two_sites_have_hooks_of_their_own(tmp_path: Path) -> None:
    one = loaded(site(tmp_path / "one", 'WORD = "one"\ndef say():\n    return WORD\n'))
    two = loaded(
        site(tmp_path / "two", "from words import WORD\ndef say():\n    return WORD\n", ("words.py", 'WORD = "two"'))
    )
    assert (said(one.app), said(two.app)) == ("one", "two")
    assert "hooks" not in sys.modules or not str(sys.modules["hooks"].__file__).startswith(str(tmp_path))


def test_a_load_sees_the_files_as_they_are_now_and_the_last_one_keeps_its_own(tmp_path: Path) -> None:
    helper = ("helper.py", 'WORD = "before"')
    folder = site(tmp_path, "def say():\n    import helper\n    return helper.WORD\n", helper)
    before = loaded(folder)
    assert said(before.app) == "before"
    for word in ("after1", "after2"):  # of one length, within one second
        (folder / "helper.py").write_text(f'WORD = "{word}"')
        after = loaded(folder)
        assert said(after.app) == word
    assert said(before.app) == "before"
    assert not list(folder.rglob("*.pyc"))


def test_what_no_site_needs_any_more_is_let_go(tmp_path: Path) -> None:
    folder = site(tmp_path, 'def say():\n    return "x"\n')
    gc.collect()
    before = modules_of_sites()
    found: Loaded | None = loaded(folder)
    assert len(modules_of_sites() - before) == 2
    del found
    gc.collect()
    assert modules_of_sites() <= before
    assert check_site(folder, {}) == ()
    (folder / "hooks.py").write_text("raise ValueError")
    assert load_site(folder, None, {}).app is None
    assert modules_of_sites() <= before


def test_a_module_is_imported_once_for_each_load_not_for_each_environment(tmp_path: Path) -> None:
    count = 'from pathlib import Path\nwith Path(__file__).with_name("count").open("a") as file:\n    file.write("x")\n'
    folder = site(tmp_path, count + 'def say():\n    return "x"\n')
    with (folder / "site.toml").open("a") as file:
        file.write('[env.test.site]\nname = "Other"\n[env.production.site]\nname = "Third"\n')
    assert check_site(folder, {}) == ()
    assert (folder / "count").read_text() == "x"
    loaded(folder)
    assert (folder / "count").read_text() == "xx"


def test_nothing_is_imported_where_nothing_is_declared(tmp_path: Path) -> None:
    write(tmp_path, {"site.toml": '[site]\nname = "Data"\n', "hooks.py": "raise SystemExit(3)"})
    program = (
        "import sys; from pathlib import Path; from declweb.loading import load_site, check_site;"
        "folder = Path(sys.argv[1]); assert check_site(folder, {}) == (); assert load_site(folder, None, {}).app;"
        f"print([name for name in sys.modules if name.startswith({PREFIX!r}) or name == 'click'])"
    )
    run = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


def test_check_without_code_imports_nothing_and_judges_the_rest(tmp_path: Path) -> None:
    text = (
        SITE + ROUTE + '[routes.other]\npath = "/<isbn:number>"\ntext = "{{ menu }} {{ 3|money }} {{ site.nothing }}"\n'
    )
    text = text.replace(
        "[routes.home]", 'context_processors = "menu"\nconverters = { isbn = "Isbn" }\n[routes.home]', 1
    )
    text = text.replace("[routes.home]", 'template_filters = ["money"]\n[routes.home]', 1)
    text = text.replace('module = "hooks"', 'module = "bakery_hooks"')
    write(tmp_path, {"site.toml": text, "bakery_hooks.py": "raise SystemExit(3)"})
    (problem,) = check_site(tmp_path, {}, imports=False)
    assert (problem.code, problem.message) == ("unknown-name", "site has no `nothing`")
    (tmp_path / "bakery_hooks.py").unlink()
    codes = {each.code for each in check_site(tmp_path, {}, imports=False)}
    assert codes == {"missing-module", "unknown-name"}


def test_both_places_are_told(tmp_path: Path) -> None:
    hooks = "def other():\n    pass\n\n\ndef say(first):\n    return first\n"
    folder = write(tmp_path, {"site.toml": SITE + '[routes.home]\npath = "/"\nhandler = "say"\n', "hooks.py": hooks})
    (problem,) = check_site(folder, {})
    (also,) = problem.also
    assert (problem.place.line, problem.place.column) == (8, 12)
    assert (Path(also.place.file).name, also.place.line, also.place.text) == ("hooks.py", 5, "def say(first):")
    assert also.note == "is where it is written"


@pytest.mark.parametrize(
    ("hooks", "line", "column"),
    [
        ("def f():\n    return 1 / 0\n\n\nf()\n", 2, 5),
        ("x = 1\ndef f(:\n", 2, 7),
        ("from helper import x\n", 1, 1),
        ("import helper\nhelper.broken()\n", 2, 5),
    ],
)
def test_where_a_module_goes_wrong_is_told(tmp_path: Path, hooks: str, line: int, column: int) -> None:
    helper = "def broken():\n    raise RuntimeError\n"
    write(tmp_path, {"site.toml": SITE, "hooks.py": hooks, "helper.py": helper})
    (problem,) = check_site(tmp_path, {})
    assert problem.code == "failing-module"
    assert problem.place.line == 4
    assert (problem.also[0].place.line, problem.also[0].place.column) == (line, column)


def test_a_decorated_function_is_judged_as_it_is_called(tmp_path: Path) -> None:
    hooks = """
from functools import wraps

def with_user(view):
    @wraps(view)
    def wrapped(**variables):
        return view("anna", **variables)
    return wrapped

@with_user
def say(user, number):
    return f"{user} {number}"
"""
    text = SITE + '[routes.home]\npath = "/<int:number>"\nhandler = "say"\n'
    write(tmp_path, {"site.toml": text, "hooks.py": hooks})
    assert check_site(tmp_path, {}) == ()


def test_installed_modules_are_found_and_site_files_come_first(tmp_path: Path) -> None:
    write(tmp_path, {"pygments.py": "STYLE = 1", "hooks.py": "import pygments, json\nSTYLE = pygments.STYLE"})
    modules = Modules(tmp_path)
    hooks = modules.get("hooks")
    assert hooks.STYLE == 1
    assert hooks.json is sys.modules["json"]
    assert modules.get("wsgiref.validate") is sys.modules["wsgiref.validate"]
    assert getattr(sys.modules.get("pygments"), "STYLE", None) is None
    assert {path.name for path in modules.files} == {"hooks.py", "pygments.py"}
    modules.forget()


def test_what_a_module_makes_can_be_found_by_its_module(tmp_path: Path) -> None:
    text = """
import dataclasses, typing

@dataclasses.dataclass
class Point:
    x: "int"
    y: "Point | None" = None

HINTS = typing.get_type_hints(Point)
"""
    write(tmp_path, {"hooks.py": text})
    modules = Modules(tmp_path)
    point = modules.get("hooks").Point(3)
    assert pickle.loads(pickle.dumps(point)) == point
    assert sys.modules[type(point).__module__] is modules.get("hooks")
    modules.forget()


def test_a_failure_is_told_each_time_and_imported_once(tmp_path: Path) -> None:
    write(tmp_path, {"hooks.py": "import sys\nsys.tries = getattr(sys, 'tries', 0) + 1\nraise ValueError('no')"})
    modules = Modules(tmp_path)
    try:
        for _ in range(2):
            with pytest.raises(CannotImport) as caught:
                modules.get("hooks")
            assert caught.value.message == "`hooks` cannot be imported: ValueError: no"
        assert vars(sys)["tries"] == 1
    finally:
        del vars(sys)["tries"]
        modules.forget()


@pytest.mark.parametrize("name", ["hooks.py", "package"])
def test_links_that_lead_out_are_not_followed(tmp_path: Path, name: str) -> None:
    outside = write(tmp_path / "outside", {"hooks.py": "raise SystemExit", "package/views.py": "raise SystemExit"})
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / name).symlink_to(outside / name)
    module = "hooks" if name == "hooks.py" else "package.views"
    text = f'[site]\nname = "Links"\n[hooks]\nmodule = "{module}"\n'
    write(inside, {"site.toml": text})
    (problem,) = check_site(inside, {})
    assert problem.code in {"outside-folder", "missing-module"}


def test_imports_of_a_link_that_leads_out_fail(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", {"helper.py": "raise SystemExit"})
    folder = site(tmp_path / "inside", "import helper\n")
    (folder / "helper.py").symlink_to(outside / "helper.py")
    problems = check_site(folder, {})
    assert {each.code for each in problems} == {"outside-folder"}


def test_hooks_in_a_public_folder_are_watched(tmp_path: Path) -> None:
    text = SITE + ROUTE + '[[static]]\npath = "/shop"\nfolder = "shop"\n'
    hooks = "from shop.words import WORD\ndef say():\n    return WORD\n"
    write(tmp_path, {"site.toml": text, "hooks.py": hooks, "shop/words.py": 'WORD = "x"'})
    assert tmp_path / "shop/words.py" in loaded(tmp_path).apart.files


def test_objects_that_raise_when_they_are_looked_at_are_told(tmp_path: Path) -> None:
    hooks = """
class Odd:
    def __getattr__(self, name):
        raise RuntimeError("not now")

    def __call__(self):
        return ""

odd = Odd()

def __getattr__(name):
    if name == "late":
        raise RuntimeError("never")
    raise AttributeError(name)
"""
    text = '[site]\nname = "Odd"\n[hooks]\nmodule = "hooks"\n'
    text += "".join(f'[routes.{name}]\npath = "/{name}"\nhandler = "{name}"\n' for name in ("odd", "late", "none"))
    write(tmp_path, {"site.toml": text, "hooks.py": hooks})
    problems = check_site(tmp_path, {})
    assert [(each.code, each.place.line) for each in problems][-2:] == [
        ("missing-function", 10),
        ("missing-function", 13),
    ]
    assert "RuntimeError: never" in problems[-2].message
