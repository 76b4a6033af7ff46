import pytest
from hypothesis import given
from hypothesis import strategies as st

from declweb.http.paths import as_path_info, judge, pattern


@pytest.mark.parametrize(
    ("path_info", "judged"),
    [
        ("", "/"),
        ("/", "/"),
        ("/about", "/about"),
        ("/gr\xc3\xbcn", "/grün"),
        ("/a//b", "/a//b"),
        ("//a", "//a"),
        ("/.well-known/x", "/.well-known/x"),
        ("/..a/b../.c", "/..a/b../.c"),
        ("/...", "/..."),
        ("/a b", "/a b"),
        ("/a%2fb", "/a%2fb"),
        ("*", 400),
        ("about", 400),
        ("http://other.example/", 400),
        ("example.org:443", 400),
        ("/\xff", 400),
        ("/\xc0\xaf", 400),
        ("/\xed\xa0\x80", 400),
        ("/€", 400),
        ("/a\0b", 400),
        ("/../a\0", 400),
        ("/a\\b", 404),
        ("/..\\a", 404),
        ("/.", 404),
        ("/..", 404),
        ("/../etc/passwd", 404),
        ("/a/../b", 404),
        ("/a/./b", 404),
        ("/a/..", 404),
        ("/a/.", 404),
    ],
)
def test_judging(path_info: str, judged: str | int) -> None:
    assert judge(path_info) == judged


@given(st.text())
def test_any_text_is_a_path_or_refused(path_info: str) -> None:
    judged = judge(path_info)
    if isinstance(judged, str):
        assert judged.startswith("/")
        assert not {".", ".."} & set(judged.split("/"))
        assert as_path_info(judged) == (path_info or "/")
    else:
        assert judged in {400, 404}


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_path_has_a_path_info(path: str) -> None:
    assert as_path_info(path).encode("latin-1").decode() == path


@pytest.mark.parametrize(
    ("path_pattern", "matched", "others"),
    [
        ("/x", ["/x"], ["/x/", "/xy", "/", "/X", "", "/x\n"]),
        ("/x/*", ["/x", "/x/", "/x/y", "/x/y/z", "/x//", "/x/\n"], ["/xy", "/", "/y/x/", "x"]),
        ("/*", ["/", "/x", "/x/y", ""], []),
        ("*", ["", "/", "/x/y"], []),
        (
            "/static/*.css",
            ["/static/a.css", "/static/a/b.css", "/static/.css"],
            ["/static/a.csso", "/static", "/a.css"],
        ),
        ("*.pdf", ["/a.pdf", "/a/b.pdf.pdf"], ["/a.pdfx", "/apdf"]),
        ("/a*b*c", ["/abc", "/aXbYc", "/abbcc"], ["/ab", "/acb", "/bac"]),
        ("/a*b*bc", ["/abbc", "/aXbYbc"], ["/abc"]),
        ("/*/edit", ["/x/edit", "/x/y/edit", "//edit"], ["/edit", "/x/edit/"]),
        ("/*/x/*", ["/a/x", "/a/x/", "/a/x/b"], ["/x", "/a/xy"]),
        ("/x/*/", ["/x/y/", "/x//"], ["/x/", "/x/y"]),
        ("/a.b(c", ["/a.b(c"], ["/aXb(c"]),
        ("/**", ["/", "/x"], [""]),
        ("news/*", ["news", "news/a"], ["newsletter"]),
    ],
)
def test_patterns(path_pattern: str, matched: list[str], others: list[str]) -> None:
    expression = pattern(path_pattern)
    assert [path for path in matched + others if expression.fullmatch(path)] == matched


@given(st.text("ab*/", max_size=8), st.text("ab/", max_size=12))
def test_patterns_agree_with_their_definition(path_pattern: str, path: str) -> None:
    def matches(wanted: str, rest: str) -> bool:
        if wanted.startswith("*"):
            return any(matches(wanted[1:], rest[start:]) for start in range(len(rest) + 1))
        return rest == "" if not wanted else rest[:1] == wanted[0] and matches(wanted[1:], rest[1:])

    expected = matches(path_pattern, path) or (path_pattern.endswith("/*") and matches(path_pattern[:-2], path))
    assert bool(pattern(path_pattern).fullmatch(path)) == expected


def test_no_pattern_can_explode() -> None:
    expression = pattern("/" + "*a" * 50 + "b")
    assert not expression.fullmatch("/" + "a" * 20_000)
