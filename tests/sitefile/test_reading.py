"""Several files, environments and variables as one tree, and places in all of it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from declweb.problems import CODES
from declweb.sitefile import ABSENT, Document, NoSiteFile, Reading, read

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(main: str, **others: str) -> Path:
        for name, text in {"site.toml": main, **{f"{name}.toml": text for name, text in others.items()}}.items():
            path = tmp_path / name.replace("__", "/")
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        return tmp_path

    return write


def said(reading: Reading | Document) -> list[tuple[str, str, int | None, int | None]]:
    for problem in reading.problems:
        assert problem.code in CODES
    return [(p.code, Path(p.place.file).name, p.place.line, p.place.column) for p in reading.problems]


# --- the main file ----------------------------------------------------------------------------------------------------


def test_a_folder_or_its_file(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write("[site]\nname = 'x'\n")
    monkeypatch.chdir(folder.parent)
    for given in (Path(folder.name), Path(folder.name) / "site.toml"):
        reading = read(given, {})
        assert reading.file == f"{folder.name}/site.toml"
        assert reading.folder == folder
        assert reading.files == (folder / "site.toml",)
        assert reading.document().data == {"site": {"name": "x"}}
    monkeypatch.chdir(folder)
    assert read(Path(), {}).file == "site.toml"


def test_no_site_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "link.toml").symlink_to("/etc/passwd")
    for name, words in {
        "": f"there is no site.toml in the folder {tmp_path}",
        "nope": f"there is no file or folder {tmp_path}/nope",
        "pipe.toml": f"{tmp_path}/pipe.toml is not a file that can be read",
        "link.toml": f"{tmp_path}/link.toml is a link that leads out of its folder, or nowhere",
    }.items():
        with pytest.raises(NoSiteFile) as raised:
            read(tmp_path / name, {})
        assert str(raised.value) == words
        assert isinstance(raised.value, OSError)


# --- include ----------------------------------------------------------------------------------------------------------


def test_tables_merge_and_lists_of_tables_are_appended(write: Write) -> None:
    folder = write(
        "include = ['b.toml', 'a*.toml']\n[x]\na = 1\n[[l]]\nn = 1\n",
        b="[x]\nb = 2\n[[l]]\nn = 3\n",
        a1="x.c = { d = 1 }\n[[l]]\nn = 2\nm.k = 5\n",
        a2="[x.c]\ne = 2\n[y]\n",
    )
    reading = read(folder, {})
    assert reading.problems == ()
    assert [path.name for path in reading.files] == ["site.toml", "a1.toml", "a2.toml", "b.toml"]
    document = reading.document()
    assert document.data == {
        "x": {"a": 1, "b": 2, "c": {"d": 1, "e": 2}},
        "l": [{"n": 1}, {"n": 2, "m": {"k": 5}}, {"n": 3}],
        "y": {},
    }
    for path, file, line, column in [
        (("x", "a"), "site.toml", 3, 5),
        (("x", "b"), "b.toml", 2, 5),
        (("x", "c", "d"), "a1.toml", 1, 13),
        (("x", "c", "e"), "a2.toml", 2, 5),
        (("l", 0, "n"), "site.toml", 5, 5),
        (("l", 1, "m", "k"), "a1.toml", 4, 7),
        (("l", 2, "n"), "b.toml", 4, 5),
        (("l", 2), "b.toml", 3, 1),
        (("x",), "site.toml", 2, 1),
        (("y",), "a2.toml", 3, 1),
        (("l", 2, "nope", 3), "b.toml", 3, 1),
        (("l", 3), "site.toml", 4, 1),
    ]:
        place = document.place(path)
        assert (place.file, place.line, place.column) == (str(folder / file), line, column), path


def test_one_key_in_two_files_is_an_error_with_both_places(write: Write) -> None:
    folder = write(
        "include = '*.toml'\n[x]\na = true\nl = [{ n = 1 }]\nt = 1\n[[m]]\n",
        other="[x]\na = true\nl = [{ n = 2 }]\n[x.t]\nu = 1\n[m]\nx = 1\n",
        third="x.a = true\n",
    )
    reading = read(folder, {})
    assert said(reading) == [
        ("doubled-key", "other.toml", 2, 1),
        ("doubled-key", "other.toml", 3, 1),
        ("doubled-key", "other.toml", 4, 4),
        ("doubled-key", "other.toml", 6, 2),
        ("doubled-key", "third.toml", 1, 3),
    ]
    assert [problem.also[0].place.line for problem in reading.problems] == [3, 4, 5, 6, 3]
    document = reading.document()
    assert document.data == {"x": {"a": True, "l": [{"n": 1}], "t": 1}, "m": [{}]}
    assert document.place(("x", "a")).line == 3
    assert document.place(("m", 0)).line == 6


@pytest.mark.parametrize(
    ("include", "code", "words"),
    [
        ("'moer.toml'", "missing-file", "did you mean `more.toml`?"),
        ("['zzz']", "missing-file", "never leave it"),
        ("'../outside.toml'", "missing-file", "never leave it"),
        ("'/etc/passwd'", "missing-file", "never leave it"),
        ("'link.toml'", "missing-file", "did you mean"),
        ("''", "missing-file", "names begin at"),
        ("'none/*.toml'", "empty-include", "until there is one"),
        ("'../*.toml'", "empty-include", "until there is one"),
        ("'site.toml'", "include-of-itself", "take it out"),
        ("3", "wrong-kind", '["more.toml"]'),
        ("[['more.toml']]", "wrong-kind", '["more.toml"]'),
        ("'${NOPE}.toml'", "missing-variable", "set it"),
        ("'${'", "bad-variable", "write ${NAME}"),
    ],
)
def test_includes_that_do_not_work(write: Write, include: str, code: str, words: str) -> None:
    folder = write(f"include = {include}\n[x]\n", more="[y]\n", **{"../outside": "[z]\n"})
    (folder / "link.toml").symlink_to("/etc/passwd")
    reading = read(folder, {})
    (problem,) = reading.problems
    assert (problem.code, problem.place.line) == (code, 1)
    assert words in (problem.help or "")
    assert reading.document().data == {"x": {}}


def test_an_include_may_hold_a_variable_and_name_a_folder(write: Write) -> None:
    folder = write("include = ['sub/${WHICH}.toml', 'sub/*']\n", sub__a="[a]\n", sub__b="[b]\n")
    reading = read(folder, {"WHICH": "a"})
    assert reading.problems == ()
    assert reading.document().data == {"a": {}, "b": {}}


def test_included_files_include_nothing_and_know_no_environments(write: Write) -> None:
    folder = write("include = ['more.toml']\n", more="include = ['x']\n[env.production]\n[env.test.x]\ny = 1\n")
    reading = read(folder, {})
    assert said(reading) == [("misplaced-key", "more.toml", 1, 1), ("misplaced-key", "more.toml", 2, 2)]
    assert reading.environments == ()
    assert reading.document().data == {}


def test_mistakes_in_an_included_file(write: Write) -> None:
    reading = read(write("include = ['more.toml']\n[x]\na = 1\n", more="[x]\nb = yes\nc = 3\n"), {})
    assert said(reading) == [("wrong-boolean", "more.toml", 2, 5)]
    document = reading.document()
    assert document.data == {"x": {"a": 1, "b": ABSENT, "c": 3}}
    assert document.absent == {("x", "b")}
    assert document.place(("x", "b")).line == 2


def test_an_include_that_could_not_be_read(write: Write) -> None:
    assert said(read(write("include = more.toml\n[x]\n", more="[y]\n"), {})) == [("missing-quotes", "site.toml", 1, 11)]


def test_an_included_file_that_nobody_may_read(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write("include = ['more.toml']\n", more="")

    def refuse(_: object, name: str) -> bytes:
        if name == "more.toml":
            raise PermissionError(13, "Permission denied", name)
        return (folder / name).read_bytes()

    monkeypatch.setattr("declweb.files.Folder.read_bytes", refuse)
    (problem,) = read(folder, {}).problems
    assert (problem.code, problem.help) == ("unreadable-file", "Permission denied")


# --- environments -----------------------------------------------------------------------------------------------------

OVERLAID = """
[site]
name = "x"
tags = ["a"]
[server]
port = 1
[[l]]
n = 1
[env.production.site]
tags = []
new = 1
[env.production]
l = [{ n = 2 }, { n = 3 }]
server = "off"
proxy.trust = 1
[env.test]
"""


def test_an_overlay_merges_tables_and_replaces_everything_else(write: Write) -> None:
    reading = read(write(OVERLAID), {})
    assert reading.environments == ("production", "test")
    base = {"site": {"name": "x", "tags": ["a"]}, "server": {"port": 1}, "l": [{"n": 1}]}
    assert reading.document().data == reading.document("test").data == reading.document("nope").data == base
    document = reading.document("production")
    assert document.environment == "production"
    assert document.data == {
        "site": {"name": "x", "tags": [], "new": 1},
        "server": "off",
        "l": [{"n": 2}, {"n": 3}],
        "proxy": {"trust": 1},
    }
    for path, line, column in [
        (("site",), 2, 1),
        (("site", "name"), 3, 8),
        (("site", "tags"), 10, 8),
        (("site", "new"), 11, 7),
        (("l", 1, "n"), 13, 23),
        (("server",), 14, 10),
        (("proxy", "trust"), 15, 15),
        (("proxy",), 15, 1),
    ]:
        place = document.place(path)
        assert (place.line, place.column) == (line, column), path
    assert document.key_place(("site", "new")).column == 1
    assert not document.find(("l", 2))
    assert not document.find(("server", "port"))


def test_headers(write: Write) -> None:
    document = read(write(OVERLAID), {}).document("production")
    assert document.header_place(("site", "new")).line == 9
    assert document.header_place(("site", "nope")).line == 2
    assert document.header_place(("proxy", "nope")).line == 12
    for path in ((), ("nope",)):
        for place in (document.header_place, document.place, document.key_place):
            assert (place(path).file, place(path).line) == (document.file, None)


def test_the_place_of_a_key_that_is_not_written_is_what_is_around_it(write: Write) -> None:
    document = read(write("[a]\nb = 1\n"), {}).document()
    assert document.find(("a", "b"))
    assert str(document.key_place(("a", "b"))) == f"{document.file}:2:1"
    assert str(document.key_place(("a", "c"))) == f"{document.file}:1:1"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("env = 1", [("wrong-environment", "site.toml", 1, 7)]),
        ("env.x = 1", [("wrong-environment", "site.toml", 1, 9)]),
        ("[env.x]\ninclude = []", [("misplaced-key", "site.toml", 2, 1)]),
        ("[env.x.env.y]", [("misplaced-key", "site.toml", 1, 8)]),
        ("env.x = yes", [("wrong-boolean", "site.toml", 1, 9)]),
        ("env = yes", [("wrong-boolean", "site.toml", 1, 7)]),
    ],
)
def test_environments_that_are_none(write: Write, text: str, expected: object) -> None:
    reading = read(write(text), {})
    assert said(reading) == expected
    assert reading.document("x").data == {}


# --- variables --------------------------------------------------------------------------------------------------------


def test_missing_variables_are_errors_at_their_place(write: Write) -> None:
    text = "[a]\nx = \"$${ ${B} ${MISSING}\"\ny = '''\n\n ${MISSING}'''\nz = \"${\"\nu = \"\\u0024{MISSING}\"\n"
    document = read(write(text), {"B": "b"}).document()
    assert said(document) == [
        ("missing-variable", "site.toml", 2, 15),
        ("missing-variable", "site.toml", 5, 2),
        ("bad-variable", "site.toml", 6, 6),
        ("missing-variable", "site.toml", 7, 5),
    ]
    assert document.data == {"a": dict.fromkeys("xyzu", ABSENT)}
    assert document.absent == {("a", key) for key in "xyzu"}


def test_variables_in_overlays_and_included_files(write: Write) -> None:
    folder = write(
        "include = ['more.toml']\nx.a = 'plain'\n[env.test]\nx.a = '${A}'\nx.b = ' ${NOPE}'\n",
        more="[x]\nc = '${NOPE}'\n",
    )
    reading = read(folder, {"A": "filled"})
    assert said(reading.document()) == [("missing-variable", "more.toml", 2, 6)]
    document = reading.document("test")
    assert document.data["x"]["a"] == "filled"  # type: ignore[index] # a table: else it fails
    assert said(document) == [("missing-variable", "more.toml", 2, 6), ("missing-variable", "site.toml", 5, 9)]


def test_an_optional_table_is_left_out(write: Write) -> None:
    text = "[[a.b.send]]\nhook = '${HOOK}'\nsecret = '${SECRET}${HOOK}'\noptional = true\n"
    text += "[x.y]\noptional = true\nz = '${Z}'\n"
    document = read(write(text), {}).document()
    assert said(document) == [("left-out", "site.toml", 1, 1), ("left-out", "site.toml", 5, 1)]
    assert [problem.message for problem in document.problems] == [
        "this is left out until HOOK and SECRET are set in the environment",
        "this is left out until Z is set in the environment",
    ]
    assert not any(problem.is_error for problem in document.problems)
    assert document.absent == {("a", "b", "send", 0, "hook"), ("a", "b", "send", 0, "secret"), ("x", "y", "z")}


def test_what_has_no_place_of_its_own_is_in_the_file(write: Write) -> None:
    document = read(write("[[a]\nb = 1\n"), {}).document()
    assert document.data == {"a": ABSENT}
    assert document.place(("a",)).line is None


def test_a_variable_whose_text_has_no_place_of_its_own(write: Write) -> None:
    document = read(write("x = 1\na = { b = 1 c = '${C}' }\n"), {}).document()
    assert said(document) == [("missing-variable", "site.toml", 2, 5)]
