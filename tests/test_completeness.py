"""What must be complete: sentences, codes, layers, README and CHANGELOG."""

import ast
import io
import re
import shlex
import tokenize
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import click
import pytest
from cases import Exchange, ask, strict_client, write
from werkzeug.security import generate_password_hash

import declweb
from declweb.cli import main
from declweb.loading import check_site
from declweb.model.kinds import kinds
from declweb.problems import CODES, draw_text

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "declweb"
SOURCES = {path: path.read_text(encoding="utf-8") for path in sorted(PACKAGE.rglob("*.py"))}
README = (ROOT / "README.md").read_text(encoding="utf-8")

# --- sentences --------------------------------------------------------------------------------------------------------


def _fields() -> Iterator[tuple[str, ast.stmt | None]]:
    """Yield each field of each table that is a key of the site file, with what stands below it."""
    tables = {kind.name for kind in kinds().values() if kind.shape != "top" and kind.name != "config"}
    for path, text in SOURCES.items():
        if path.parent.name != "model":
            continue
        for node in ast.parse(text).body:
            if not (isinstance(node, ast.ClassDef) and any(ast.unparse(base) == "Table" for base in node.bases)):
                continue
            for statement, below in zip(node.body, [*node.body[1:], None], strict=True):
                if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                    name = statement.target.id
                    if node.name != "Site" or name.rstrip("_") not in tables:
                        yield f"{node.name}.{name}", below


@pytest.mark.parametrize(("field", "below"), list(_fields()))
def test_every_field_has_a_sentence(field: str, below: ast.stmt | None) -> None:
    assert isinstance(below, ast.Expr)
    assert isinstance(below.value, ast.Constant)
    assert isinstance(below.value.value, str)
    assert re.fullmatch(r"[A-Z`].*[.}`:]", below.value.value, re.DOTALL), below.value.value


# --- codes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_explained_and_used(code: str) -> None:
    assert re.fullmatch(r"[A-Z].*\.", CODES[code].why)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)
    word = re.sub("^more-(error|warning)s$", "more-{severity}s", code)
    assert any(f'"{word}"' in text for path, text in SOURCES.items() if path.name != "problems.py")


def test_codes_are_sorted_and_stand_once() -> None:
    (table,) = (
        node.value
        for node in ast.parse(SOURCES[PACKAGE / "problems.py"]).body
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "CODES"
    )
    assert isinstance(table, ast.Dict)
    written = [key.value for key in table.keys if isinstance(key, ast.Constant)]
    assert written == sorted(CODES)


# --- layers -----------------------------------------------------------------------------------------------------------

LAYERS = (
    "clock", "forking", "discretion", "problems", "problems_data", "problems_html", "files", "memory", "translations",
    "sitefile", "model", "redirect_files", "faults", "validation", "http", "data", "templating", "pages", "routing",
    "storage", "forms", "delivery", "kept", "context", "hooks", "hook_modules", "rules", "app", "inbox", "openapi",
    "compiler", "loading", "trials", "serving", "flask_import", "__init__", "cli", "pytest_plugin",
)  # fmt: skip
"""The package from bottom to top: a module imports only from those before it, and from its own."""


def _layer(module: str) -> str:
    return [*module.split("."), "__init__"][1]


def _imported(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written out"
            yield node.module or ""


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_module_imports_only_from_those_above_it(path: Path) -> None:
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    for module in _imported(SOURCES[path]):
        if module.partition(".")[0] == "declweb":
            assert LAYERS.index(_layer(module)) <= LAYERS.index(own), module


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_every_module_says_what_it_owns(path: Path) -> None:
    assert ast.get_docstring(ast.parse(SOURCES[path]))
    assert len(SOURCES[path].splitlines()) <= 1000


def test_every_layer_exists() -> None:
    assert {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in SOURCES} == set(LAYERS)


# --- exceptions -------------------------------------------------------------------------------------------------------

CODE = {
    path: path.read_text("utf-8") for name in ("tests", "benchmarks") for path in sorted((ROOT / name).rglob("*.py"))
}
EXCEPTION = re.compile(
    r"(?:ruff: )?noqa(?P<names>: [A-Z]+\d+(?:, [A-Z]+\d+)*)?|type: ignore(?P<codes>\[[a-z, -]+\])?|pragma: no cover"
)
"""What takes a line out of what holds for all of them."""


def _comments(text: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def test_every_exception_names_what_it_allows_and_gives_a_reason() -> None:
    bare = []
    for path, text in {**SOURCES, **CODE}.items():
        if "node_modules" in path.parts:
            continue
        for line, comment in _comments(text):
            found = list(EXCEPTION.finditer(comment)) if re.match(r"#\s*(ruff: )?(noqa|type:|pragma:)", comment) else []
            is_named = all(each["names"] or each["codes"] or each[0].startswith("pragma") for each in found)
            if found and not (is_named and re.search(r"[a-z]{2}", EXCEPTION.sub("", comment))):
                bare.append(f"{path.relative_to(ROOT)}:{line}: {comment}")
    assert not bare, "\n".join(bare)


def test_nothing_is_skipped_but_for_programs_that_are_missing() -> None:
    skips = re.compile(r"pytest\.skip|mark\.skip|importorskip|mark\.xfail|pytest\.xfail")
    own = Path(__file__)
    assert {path.name for path, text in CODE.items() if path != own and skips.search(text)} == {"outside.py"}


# --- README and CHANGELOG ---------------------------------------------------------------------------------------------


def _blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def _commands() -> list[list[str]]:
    lines = [line for block in _blocks("sh") for line in block.splitlines() if line]
    return [shlex.split(command) for line in lines for command in line.split("&&")]


def test_readme_has_blocks() -> None:
    assert len(_blocks("sh")) >= 4
    assert _blocks("toml")
    assert _blocks("text")


@pytest.mark.parametrize("command", _commands(), ids=" ".join)
def test_every_command_of_readme_exists(command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    program, *arguments = command
    name = program.removeprefix(".venv/bin/")
    if name == "declweb":
        with main.make_context("declweb", list(arguments)) as context:
            word, found, rest = main.resolve_command(context, arguments)
            assert found is not None
            found.make_context(word, rest, parent=context)
            if rest and rest[0].startswith("sites/"):
                assert (ROOT / rest[0]).exists()
    elif name == "gunicorn":
        found_call = re.fullmatch(r'declweb:load\("(.+)"\)', arguments[-1])
        assert found_call
        assert (ROOT / found_call[1]).exists()
        assert callable(declweb.load(found_call[1]))
    elif name == "pip":
        (extra,) = re.fullmatch(r"\.(?:\[(\w+)\])?", arguments[-1]).groups()  # type: ignore[union-attr] # else it fails
        assert extra is None or extra in metadata.metadata("declweb").get_all("Provides-Extra", [])
    else:
        assert name in {"python3", "pytest"}


@pytest.mark.parametrize("block", _blocks("toml"))
def test_every_site_file_of_readme_loads(block: str, tmp_path: Path) -> None:
    templates = {f"templates/{name}": "<h1>{{ site.name }}</h1>" for name in re.findall(r'"([\w/]+\.html)"', block)}
    files = {"hooks.py": "\n".join(_blocks("python")), "data/menu.csv": _blocks("csv")[0]}
    write(tmp_path, {"site.toml": block, **files, **templates})
    variables = dict.fromkeys(re.findall(r"\$\{(\w+_HASH)\}", block), generate_password_hash("a long password"))
    assert check_site(tmp_path, variables) == ()


def test_the_mistake_in_readme_is_reported_like_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (drawn,) = _blocks("text")
    number, line = re.findall(r"^ +(\d+) \| (.+)$", drawn, re.MULTILINE)[0]
    before = '[site]\nname = "My site"\n[routes.home]\npath = "/"\n'
    text = before + "\n" * (int(number) - 1 - before.count("\n")) + line + "\n"
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"my-site/site.toml": text, "my-site/templates/home.html": ""})
    assert draw_text(check_site(Path("my-site"), {})) == drawn.rstrip("\n")


def test_readme_lists_every_command() -> None:
    assert set(re.findall(r"^\| `declweb (\w+)", README, re.MULTILINE)) == set(main.list_commands(click.Context(main)))


def test_readme_links_to_what_is_there() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", README):
        assert (ROOT / target).exists(), target


def test_changelog_mentions_every_table() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    for kind in kinds().values():
        header = {"top": kind.name, "array": f"[[{kind.name}]]"}.get(kind.shape, f"[{kind.name}]")
        assert f"`{header}`" in text, header


def test_the_example_of_readme_answers(tmp_path: Path) -> None:
    loaded = declweb.load(str(write(tmp_path, {"site.toml": _blocks("toml")[0], **_pages()})))
    answer = ask(strict_client(loaded), Exchange("GET", "/hello/Anna"))  # type: ignore[arg-type] # a WSGI application
    assert answer.get_data(as_text=True) == "Hello, Anna! Call +49 30 1234567."


def _pages() -> dict[str, str]:
    return {"templates/home.html": "", "templates/errors/404.html": ""}
