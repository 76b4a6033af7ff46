import re
from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from declweb.files import Folder
from declweb.model.redirects import Redirect, each
from declweb.model.urls import UrlPath, UrlTarget, variables
from declweb.problems import CODES, Place, Problem, draw_text, in_order
from declweb.redirect_files import LONGEST, MOST, RedirectFiles, read_redirects
from declweb.redirect_files.csv import Csv
from declweb.redirect_files.netlify import Netlify

Read = Callable[..., RedirectFiles]


def read_files(folder: Path, *names: str) -> RedirectFiles:
    def place(index: int) -> Place:
        return Place("site.toml", 1, index + 1)

    return read_redirects(Folder(folder), names, lambda name: f"site/{name}", place)


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Write files and read their redirects; a text is a `_redirects`."""

    def read(*texts: str | bytes, **files: str | bytes) -> RedirectFiles:
        named: dict[str, str | bytes] = {f"_redirects{number or ''}": text for number, text in enumerate(texts)}
        named |= {name.replace("_csv", ".csv"): text for name, text in files.items()}
        for name, text in named.items():
            (tmp_path / name).write_bytes(text.encode() if isinstance(text, str) else text)
        return read_files(tmp_path, *named)

    return read


def told(found: RedirectFiles) -> list[str]:
    return [f"{one.place.line}:{one.place.column}-{one.place.end_column} {one.code}" for one in found.problems]


def as_data(found: RedirectFiles) -> dict[str, Any]:
    """Redirects as a site author would write them; rewrites under `200 …`."""

    def one(value: str | Redirect) -> Any:
        return value if isinstance(value, str) else value.model_dump(exclude_defaults=True)

    written: dict[str, Any] = {
        source: [one(part) for part in value] if isinstance(value, list) else one(value)
        for source, value in found.redirects.items()
    }
    return written | {f"200 {source}": [one(part) for part in several] for source, several in found.rewrites.items()}


NETLIFY: dict[str, tuple[str, Mapping[str, Any]]] = {
    "plain": ("/home /", {"/home": "/"}),
    "written 301": ("/home   /new\t301", {"/home": "/new"}),
    "302": ("/home / 302", {"/home": {"to": "/", "status": 302}}),
    "308": ("/home / 308", {"/home": {"to": "/", "status": 308}}),
    "force": ("/home / 301!", {"/home": {"to": "/", "status": 301, "force": True}}),
    "external": ("/x https://y.example/z?a=b#c", {"/x": "https://y.example/z?a=b#c"}),
    "port in target": ("/x http://y.example:8080/:x", {}),
    "colon in target": ("/x /wiki/Special:Pages", {"/x": "/wiki/Special:Pages"}),
    "comment": ("# /a /b\n\n   \n/a /b # why\n/c /d #", {"/a": "/b", "/c": "/d"}),
    "fragment is no comment": ("/a /b#c", {"/a": "/b#c"}),
    "windows line endings": ("/a /b\r\n/c /d\r/e /f", {"/a": "/b", "/c": "/d", "/e": "/f"}),
    "byte-order mark": ("\ufeff/a /b", {"/a": "/b"}),
    "escaped": ("/caf%C3%A9%20au-lait /caf%C3%A9", {"/café au-lait": "/caf%C3%A9"}),
    "dot": ("/.well-known/x /y", {"/.well-known/x": "/y"}),
    "placeholders": (
        "/news/:year/:month/:slug.html /blog/:slug-:year?m=:month",
        {"/news/<year>/<month>/<slug>.html": "/blog/<slug>-<year>?m=<month>"},
    ),
    "splat": ("/old/* https://x.example/:splat", {"/old/<path:splat>": "https://x.example/<splat>"}),
    "splat without slash": ("/old* /new", {"/old<path:splat>": "/new"}),
    "query": (
        "/store id=:id tag=a+b%21 print /blog/:id 302",
        {"/store": {"to": "/blog/<id>", "status": 302, "query": {"id": "<id>", "tag": "a b!", "print": True}}},
    ),
    "query in the address": (
        "/store?id=:id&&x= /blog/:id",
        {"/store": {"to": "/blog/<id>", "query": {"id": "<id>", "x": ""}}},
    ),
    "country": ("/ /anz 302 Country=au,nz", {"/": {"to": "/anz", "status": 302, "country": ["AU", "NZ"]}}),
    "language": ("/ /de 302 language=de,,de-AT", {"/": {"to": "/de", "status": 302, "language": ["de", "de-AT"]}}),
    "cookie": ("/ /beta Cookie=beta,b", {"/": {"to": "/beta", "cookie": ["beta", "b"]}}),
    "conditions before the status": (
        "/ /x Cookie=a Country=at 302! Cookie=b",
        {"/": {"to": "/x", "status": 302, "force": True, "country": ["AT"], "cookie": ["a", "b"]}},
    ),
    "domain": (
        "http://Blog.example.com/* https://www.example.com/blog/:splat 302!",
        {
            "/<path:splat>": {
                "to": "https://www.example.com/blog/<splat>",
                "status": 302,
                "force": True,
                "host": ["blog.example.com"],
            }
        },
    ),
    "domain without a path": (
        "https://a.example https://b.example",
        {"/": {"to": "https://b.example", "host": ["a.example"]}},
    ),
    "both schemes of a domain": (
        "http://a.example/x /y\nhttps://a.example/x /y",
        {"/x": {"to": "/y", "host": ["a.example"]}},
    ),
    "rewrite": ("/* /index.html 200", {"200 /<path:splat>": [{"to": "/index.html"}]}),
    "forced rewrite with a condition": (
        "/x /de/x 200! Language=de\n/x /en/x 200!",
        {"200 /x": [{"to": "/de/x", "force": True, "language": ["de"]}, {"to": "/en/x", "force": True}]},
    ),
    "several": (
        "/x /de Language=de\n/x /at Country=at\n/x /en",
        {"/x": [{"to": "/de", "language": ["de"]}, {"to": "/at", "country": ["AT"]}, "/en"]},
    ),
    "redirect and rewrite": (
        "/x /de Language=de\n/x /en 200",
        {"/x": {"to": "/de", "language": ["de"]}, "200 /x": [{"to": "/en"}]},
    ),
}
NETLIFY["port in target"] = (
    "/x http://y.example:8080/y",
    {"/x": "http://y.example:8080/y"},
)


@pytest.mark.parametrize("case", NETLIFY)
def test_netlify(read: Read, case: str) -> None:
    text, expected = NETLIFY[case]
    found = read(text)
    assert found.problems == ()
    assert as_data(found) == expected


CSV: dict[str, tuple[str, Mapping[str, Any]]] = {
    "header": ("from,to\n/a,/b\n", {"/a": "/b"}),
    "no header": ("/a,/b\n/c,/d,302", {"/a": "/b", "/c": {"to": "/d", "status": 302}}),
    "empty": ("", {}),
    "empty rows": ("\n,,\nfrom,to,\n\n , \n/a,/b,\n,,\n", {"/a": "/b"}),
    "status": (
        "from,to,status\n/a,/b,301\n/c,/d,\n/e,/f, 308 \n/g,/h",
        {"/a": "/b", "/c": "/d", "/e": {"to": "/f", "status": 308}, "/g": "/h"},
    ),
    "semicolons": ("from;to\n/a,b;/c\n", {"/a,b": "/c"}),
    "tabs": ("Old\tNew\n/a\t /b \n", {"/a": "/b"}),
    "semicolons without a header": ("/a,x;/b\n", {"/a,x": "/b"}),
    "said to excel": ("sep=;\nfrom;to\n/a;/b", {"/a": "/b"}),
    "german": ("Von;Nach;Status\n/a;/b;301\n", {"/a": "/b"}),
    "any order": ("code,target,source\n302,/b,/a\n301,/d,/c\n", {"/a": {"to": "/b", "status": 302}, "/c": "/d"}),
    "empty column": ("from,,to\n/a,,/b\n", {"/a": "/b"}),
    "quotes": (
        '"from","to","status"\n"/a","/b","301"\n" /c ", "/d" ,"302"\n"/e,f",/g\n',
        {"/a": "/b", "/c": {"to": "/d", "status": 302}, "/e,f": "/g"},
    ),
    "quotes in quotes": ('from,to\n"/a""b",/c\n/d"e,/f\n', {'/a"b': "/c", '/d"e': "/f"}),
    "variables": (
        "from,to\n/a/<slug>,/b/<slug>\n/c/<path:rest>,https://x.example/<rest>\n",
        {"/a/<slug>": "/b/<slug>", "/c/<path:rest>": "https://x.example/<rest>"},
    ),
    "full addresses": ("from,to\nhttps://old.example/a,/b\nHTTP://old.example,/c\n", {"/a": "/b", "/": "/c"}),
    "query": (
        "from,to\nhttps://old.example/p?id=7&x=%26,/seven\n/p?id=<id>,/any/<id>\n",
        {"/p": [{"to": "/seven", "query": {"id": "7", "x": "&"}}, {"to": "/any/<id>", "query": {"id": "<id>"}}]},
    ),
    "spaces": (
        "from,to\n/my%20file.pdf,/file\n/my other.pdf,/other\n",
        {"/my file.pdf": "/file", "/my other.pdf": "/other"},
    ),
    "forced": ("from,to,status\n/a,/b,302!\n", {"/a": {"to": "/b", "status": 302, "force": True}}),
}


@pytest.mark.parametrize("case", CSV)
def test_csv(read: Read, case: str) -> None:
    text, expected = CSV[case]
    found = read(moved_csv=text)
    assert draw_text(found.problems) == ""
    assert as_data(found) == expected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
def test_encodings(read: Read, encoding: str) -> None:
    found = read(moved_csv="von;nach\r\n/größe;/size\r\n".encode(encoding))
    assert found.problems == ()
    assert found.redirects == {"/größe": "/size"}


def test_lines_in_different_encodings(read: Read) -> None:
    found = read(b"\xef\xbb\xbf/\xc3\xa9 /a\r\n/\xe9\xe9 /b\n/\x81\xe9 /c\n/d /e")
    assert found.redirects == {"/é": "/a", "/éé": "/b", "/d": "/e"}
    assert told(found) == ["3:1-7 bad-encoding"]
    assert found.problems[0].place.text == "/\ufffd\ufffd /c"


@pytest.mark.parametrize("data", [b"PK\x03\x04\0\0", b"\xff\xfe\0", b"\xff\xfe\x00\xd8,\x00"])
def test_what_is_no_text(read: Read, data: bytes) -> None:
    (problem,) = read(moved_csv=data).problems
    assert (problem.code, problem.place) == ("bad-encoding", Place("site/moved.csv"))


def test_utf_16_may_hold_anything(read: Read) -> None:
    assert told(read("/a\0 /b".encode("utf-16"))) == ["1:1-4 bad-path"]


NETLIFY_PROBLEMS = """
/a                                      # 1-3 bad-row: write behind it
/a 301                                  # 1-3 bad-row: write behind it
/a x=1                                  # 1-3 bad-row: write behind it
/a 301 /b                               # 4-7 bad-row: behind the target
/a b.html                               # 4-10 bad-target: write "/b.html"
a /b                                    # 1-2 bad-path: write "/a"
/a //b.example                          # 4-15 bad-target: https://
a b                                     # 1-2 bad-path: write "/a"; 3-4 bad-target: write "/b"
/a /b 404                               # 7-10 bad-status: 404 = "errors/404.html"
/a /b 410!                              # 7-11 bad-status: [errors]
/a /b 201                               # 7-10 bad-status: write one of 200, 301, 302
/a /b 3O1                               # 7-10 bad-status: write one of 200
/a /b permanent                         # 7-16 unknown-word: conditions are
/a /b 302 Contry=at                     # 11-17 unknown-word: did you mean `Country`?
/a /b 302 Country=                      # 11-19 empty-value: write something
/a /b 302 Country=au,nzl                # 11-25 bad-name: two capital letters
/a /b 302 Role=admin                    # 11-21 unsupported-rule: take the line out
/a /b 302 Signed=KEY                    # 11-21 unsupported-rule: take it out
/a https://b.example/ 200               # 4-22 unsupported-rule: write 302 instead of 200
/a /.netlify/functions/b                # 4-25 unsupported-rule: take the line out
http://a.example/* https://A.example/:splat # 20-44 unsupported-rule: take the line out
https://a.example http://a.example      # 19-35 unsupported-rule: take the line out
http:///a /b                            # 1-10 bad-url: such as
http://*.example/a /b                   # 1-19 bad-url: such as
/a/*/b /c                               # 1-7 bad-path: write `:name`
/*/:splat /c                            # 1-10 bad-path: write `:name`
/a/:splat/* /c                          # 1-12 bad-path: give one of them
/a#b /c                                 # 1-5 bad-path: take it out
/a%3Cb /c                               # 1-7 bad-path: delete the row
/a%E9 /c                                # 1-6 bad-path: write the letters
/a =1 /c                                # 4-6 bad-row: write its name in front
/a b=<c /c                              # 4-8 bad-path: write it `<name>`
/a %E9=b /c                             # 4-9 bad-path: write the letters
/a b=%3cc%3e /c                         # 4-13 bad-path: delete the row
/a/:slug /b/:slog                       # 13-18 unknown-variable: did you mean `:slug`?
/a/:slug /b-:slog                       # 13-18 unknown-variable: did you mean `:slug`?
/a/:slug/:id /b/:x                      # 17-19 unknown-variable: it has `:id`, `:slug`
/a /b/:splat                            # 7-13 unknown-variable: `*` at its end
/a/:slug /b/<name>                      # 13-19 unknown-variable: it has slug
/a /b/<name>                            # 7-13 unknown-variable: no variables
/a/:x/:x /b/:x                          # 1-9 bad-path: give one of them
/a:b/:c%zz /b                           # 1-11 bad-path: write the letter
x/:y z/:w 404 Contry=x                  # 1-5 bad-path: ; 6-10 bad-target: ; 11-14 bad-status: ; 15-21 unknown-word:
/a k=v /b 301                           # 11-14 permanent-condition-302: write 302
/a /b 308 Cookie=x                      # 7-10 permanent-condition-302: write 302
"""

CSV_PROBLEMS = """
/a                                      # 3-4 bad-row: write a target
/a,,302                                 # 4-5 bad-row: write a target
,/b                                     # 1-2 bad-row: write it
"/a,/b                                  # 1-4 bad-row: close it
"/a"b,/b                                # 1-6 bad-row: close it
",/b                                    # 1-2 bad-row: close it
/a,b,/c                                 # 4-5 bad-target: write "/b"; 6-8 bad-status:
/a,/b,301,x                             # 11-12 bad-row: address with a comma in quotes
/a,/b,200                               # 7-10 bad-status: write one of 301
/a/*,/b                                 # 1-5 bad-path: a variable is written
/a/:b,/b                                # 1-6 bad-path: write it `<name>`
/a/<b,/c                                # 1-6 bad-path: write `<name>` or
"/a/<b>",/c/<d>                         # 13-16 unknown-variable: it has b
"/a/<b>","/c/<xyz>"                     # 14-19 unknown-variable: it has b
/a?b=<int:c>,/c                         # 1-13 bad-path: write it `<name>`
/a?b=<c>,/c/<d>                         # 13-16 unknown-variable: it has c
/a?b=1,/c,301                           # 11-14 permanent-condition-302: write 302
b?b=<c>,d/<e>                           # 1-8 bad-path: write "/b"; 9-14 bad-target: https://
"""


def rejected(table: str) -> list[tuple[str, str]]:
    return [(line.partition(" #")[0].rstrip(), line.partition(" # ")[2]) for line in dedent(table).strip().splitlines()]


def check(found: RedirectFiles, line: int, expected: str) -> None:
    wanted = [re.fullmatch(r"(\d+)-(\d+) ([\w-]+): ?(.*)", one) for one in expected.split("; ")]
    problems = in_order(found.problems)
    assert len(problems) == len(wanted), draw_text(problems)
    for problem, one in zip(problems, wanted, strict=True):
        assert one is not None
        place = problem.place
        assert (place.line, place.column, place.end_column) == (line, int(one[1]), int(one[2])), draw_text([problem])
        assert problem.code == one[3]
        assert one[4] in (problem.help or "")
        assert problem.message


@pytest.mark.parametrize(("line", "expected"), rejected(NETLIFY_PROBLEMS))
def test_netlify_problems(read: Read, line: str, expected: str) -> None:
    found = read(f"/first /one\n{line}\n/last /one")
    check(found, 2, expected)
    is_left_out = any(problem.is_error for problem in found.problems)
    assert found.redirects.keys() - {"/a"} == {"/first", "/last"}
    assert ("/a" in found.redirects) is not is_left_out
    assert all(problem.place.text == line for problem in found.problems)


@pytest.mark.parametrize(("line", "expected"), rejected(CSV_PROBLEMS))
def test_csv_problems(read: Read, line: str, expected: str) -> None:
    found = read(moved_csv=f"from,to,status\n{line}\n/last,/one")
    check(found, 2, expected)
    assert found.redirects["/last"] == "/one"
    assert ("/a" in found.redirects) is not any(problem.is_error for problem in found.problems)


@pytest.mark.parametrize(
    ("text", "expected", "redirects"),
    [
        ("form,to\n/a,/b", "1-5 bad-column: did you mean `from`?", {"/a": "/b"}),
        ("from,to,stauts\n/a,/b,301", "9-15 bad-column: did you mean `status`?", {"/a": "/b"}),
        ("from,to,hits\n/a,/b,301", "9-13 bad-column: take it out", {"/a": "/b"}),
        ("from,to,old\n/a,/b,/c", "9-12 bad-column: take one of them out", {"/c": "/b"}),
        ("from,status\n/a,/b", "1-12 bad-column: name it `to`", {}),
        (
            "a,b\n/a,/b",
            "1-4 bad-column: `from`; 1-4 bad-column: `to`; 1-2 bad-column: out; 3-4 bad-column: out",
            {},
        ),
        ("from,,to\n/a,/b,/c", "4-6 bad-row: take the cell out", {}),
    ],
)
def test_headers(read: Read, text: str, expected: str, redirects: dict[str, str]) -> None:
    found = read(moved_csv=text)
    check(found, 2 if "row" in expected else 1, expected)
    assert found.redirects == redirects


HIDDEN = [
    ("/a /b\n/a /c", ["2:1 1:1"], {"/a": "/b"}),
    ("/a /b\n/a /b 302", ["2:1 1:1"], {"/a": "/b"}),
    ("/a /b 200\n/a /c", ["2:1 1:1"], {"200 /a": [{"to": "/b"}]}),
    ("/a /b Cookie=x\n/a /c\n/a /d Cookie=y", ["3:1 2:1"], {"/a": [{"to": "/b", "cookie": ["x"]}, "/c"]}),
    ("/a /b Cookie=x\n/a /c Cookie=x\n/a /b Cookie=x", ["2:1 1:1"], {"/a": {"to": "/b", "cookie": ["x"]}}),
    ("/a /b 200 Cookie=x\n/a /c", ["2:1 1:1"], {"/a": "/c", "200 /a": [{"to": "/b", "cookie": ["x"]}]}),
    (
        "/a /b Cookie=x\n/a /c 302!",
        ["2:1 1:1"],
        {"/a": [{"to": "/b", "cookie": ["x"]}, {"to": "/c", "status": 302, "force": True}]},
    ),
]


@pytest.mark.parametrize(("text", "expected", "redirects"), HIDDEN)
def test_what_never_happens(read: Read, text: str, expected: list[str], redirects: dict[str, Any]) -> None:
    found = read(text)
    assert {problem.code for problem in found.problems} == {"hidden-address"}
    places = [(problem.place, problem.also[0].place) for problem in found.problems]
    assert [f"{here.line}:{here.column} {there.line}:{there.column}" for here, there in places] == expected
    assert as_data(found) == redirects


def test_the_first_file_wins(read: Read) -> None:
    found = read("\n/a /b\n", moved_csv="from,to\n/c,/d\n /a,/x\n")
    assert found.redirects == {"/a": "/b", "/c": "/d"}
    (problem,) = found.problems
    assert str(problem.place) == "site/moved.csv:3:2"
    assert str(problem.also[0].place) == "site/_redirects:2:1"


def test_places_of_old_addresses(read: Read) -> None:
    found = read(
        "# comment\n  /a/* /b/:splat\n/c /d 200\n/x /y Cookie=a\n/x /z",
        moved_csv='"to","from"\n/n,"/m"\n/p,https://old.example/o%20p?q\n',
    )
    assert found.problems == ()
    places = {source: found.place(source) for source in [*found.redirects, *found.rewrites]}
    assert places == {
        "/a/<path:splat>": Place("site/_redirects", 2, 3, 7),
        "/x": Place("site/_redirects", 4, 1, 3),
        "/m": Place("site/moved.csv", 2, 4, 8),
        "/o p": Place("site/moved.csv", 3, 4, 31),
        "/c": Place("site/_redirects", 3, 1, 3),
    }
    place = found.place("/m")
    assert place is not None
    assert place.text == '/n,"/m"'
    assert found.place("/nowhere") is None


def test_no_files() -> None:
    found = RedirectFiles()
    assert found.place("/a") is None
    assert (found.redirects, found.rewrites, found.problems) == ({}, {}, ())


def test_names(tmp_path: Path) -> None:
    for name in ("moved.csv", "more.txt", "moved.TSV", "moved.toml", "moved.xlsx", "_redirects.old"):
        (tmp_path / name).write_text("/a\t/b" if name == "moved.TSV" else "")
    names = [
        "moved.csv",
        "mvoed.csv",
        "moved.csv",
        "moved.toml",
        "moved.xlsx",
        "more.txt",
        "_redirects.old",
        "moved.TSV",
    ]
    found = read_files(tmp_path, *names, "gone", "../x.csv")
    assert found.redirects == {"/a": "/b"}
    assert [(one.place.column, one.code, one.help) for one in found.problems] == [
        (2, "missing-file", "did you mean `moved.csv`?"),
        (3, "hidden-address", "delete one of them"),
        (4, "unknown-format", "name it in `include` instead"),
        (5, "unknown-format", "save it as CSV, with the ending .csv"),
        (9, "missing-file", "files are named from the site folder, with `/` between"),
        (10, "missing-file", "files are named from the site folder, with `/` between"),
    ]


def test_a_file_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Folder, "read_bytes", refuse)
    (problem,) = read_files(tmp_path, "moved.csv").problems
    assert (problem.code, problem.place.file) == ("unreadable-file", "site.toml")
    assert "Permission denied" in problem.message


def test_many_problems_are_counted(read: Read) -> None:
    found = read("a /b\n" * (MOST + 1000) + "/a /b\n" * (MOST + 3))
    assert len(found.problems) == 2 * MOST + 2
    assert [(one.code, one.message) for one in found.problems[-2:]] == [
        ("more-errors", "1,000 more errors in this file"),
        ("more-warnings", "2 more warnings in this file"),
    ]
    assert found.problems[-1].place == Place("site/_redirects")


def test_long_lines(read: Read) -> None:
    found = read("/a " + "x" * 10_000_000 + "\n/b /c\n", moved_csv="/d," + "/" * LONGEST + "\n/d,/e\n")
    assert found.redirects == {"/b": "/c", "/d": "/e"}
    assert [problem.code for problem in found.problems] == ["bad-row", "bad-row"]
    assert found.problems[0].place.text is None
    assert len(draw_text(found.problems)) < 1000


def test_many_plain_lines_are_strings_alone(read: Read) -> None:
    found = read("".join(f"/old/{number} /new 301\n" for number in range(1000)))
    assert len(found.redirects) == 1000
    assert all(type(target) is str for target in found.redirects.values())
    place = found.place("/old/999")
    assert place is not None
    assert place.line == 1000


ADDRESSES = st.one_of(
    st.from_regex(r"/[a-z%:*<>.#?\"/é\xa0]{0,6}", fullmatch=True),
    st.text(alphabet='/a:*,;"% \t', min_size=1, max_size=6),
)


@given(
    source=ADDRESSES, target=ADDRESSES, separator=st.sampled_from(" ,;\t"), end=st.sampled_from(["", "301", "302", "x"])
)
@example(source="/", target="/x", separator=",", end="")
@example(source='"/a"', target='"/b"', separator=",", end='"301"')
def test_the_short_cut_leads_where_the_long_way_does(
    tmp_path_factory: pytest.TempPathFactory, source: str, target: str, separator: str, end: str
) -> None:
    folder = tmp_path_factory.getbasetemp() / "short-cut"
    folder.mkdir(exist_ok=True)
    name = "_redirects" if separator == " " else "moved.csv"
    header = "" if separator == " " else separator.join(("from", "to", "status")) + "\n"
    text = header + separator.join((source, target, end))
    (folder / name).write_bytes(text.encode("utf-8", "replace"))
    short = read_files(folder, name)
    with pytest.MonkeyPatch.context() as patch:
        for notation in (Csv, Netlify):
            patch.setattr(notation, "plain", lambda *_: None)
        long = read_files(folder, name)
    assert (short.redirects, short.rewrites, short.problems) == (long.redirects, long.rewrites, long.problems)


LINES = st.lists(
    st.lists(
        st.sampled_from(
            ["/a", "/b/*", ":x", "/:x", "<y>", "?q=1", "id=:id", " ", "\t", ",", ";", '"', "301", "200!", "Country=de",
             "http://h.example/*", "#", "%C3%A9", "%E9", "%3C", "/c/:splat", "Language=", "from", "to", "status",
             "sep=;", "\xa0", "\x85", "\u2028", "é", "=", "*", "."]
        ),
        max_size=8,
    ).map("".join),
    max_size=6,
).map("\n".join)  # fmt: skip
ENCODED = st.tuples(LINES, st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])).map(
    lambda two: two[0].encode(two[1])
)


@given(data=st.one_of(st.binary(max_size=200), ENCODED, LINES.map(lambda text: text.encode("windows-1252", "ignore"))))
@example(data=b"/a %8A /b")
@example(data=b"\xed\xa0\x80 \xed\xb0\x80")
@example(data=b"\xff\xfe/\0a\0 \0\0\xd8")
@pytest.mark.parametrize("name", ["_redirects", "moved.csv"])
def test_any_bytes_give_redirects_or_problems(tmp_path_factory: pytest.TempPathFactory, name: str, data: bytes) -> None:
    folder = tmp_path_factory.getbasetemp() / "any-bytes"
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(data)
    found = read_files(folder, name)
    problems: tuple[Problem, ...] = found.problems
    draw_text(problems).encode()
    assert all(problem.code in CODES for problem in problems)
    assert all(problem.place.file == f"site/{name}" for problem in problems)
    for source, rules in {**{a: each(b) for a, b in found.redirects.items()}, **found.rewrites}.items():
        TypeAdapter(UrlPath).validate_python(source.replace(" ", "-"))
        place = found.place(source)
        assert place is not None
        assert place.text is not None
        assert place.column is not None
        assert 1 <= place.column <= len(place.text)
        for rule in rules:
            TypeAdapter(UrlTarget).validate_python(rule.to)
            captured = {value for value in (rule.query or {}).values() if isinstance(value, str)}
            known = {f"<{variable.name}>" for variable in variables(source)} | captured
            assert {f"<{variable.name}>" for variable in variables(rule.to)} <= known
