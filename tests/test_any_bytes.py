"""Any bytes as a site file, a template or a file with redirects give problems or a site, and nothing else."""

import re
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from cases import write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from declweb.loading import check_site
from declweb.problems import Problem, draw_text
from declweb.problems_data import draw_github, draw_json

BAKERY = (Path(__file__).parents[1] / "sites" / "bakery" / "site.toml").read_bytes()
ALONE = re.sub(rb"^include = .*$", b"", BAKERY, flags=re.MULTILINE)
LONGEST = 20.0
"""Seconds after which reading counts as hanging; what is slow for another reason is not meant."""

SITE = b'[site]\nname = "A"\n'
PAGE = SITE + b'[routes.home]\npath = "/"\ntemplate = "home.html"\n'

few = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

HOSTILE = {
    "nothing": b"",
    "a byte-order mark alone": b"\xef\xbb\xbf",
    "a byte-order mark": b"\xef\xbb\xbf" + ALONE,
    "CRLF": ALONE.replace(b"\n", b"\r\n"),
    "CR": ALONE.replace(b"\n", b"\r"),
    "UTF-16": ALONE.decode().encode("utf-16"),
    "UTF-16 without a mark": ALONE.decode().encode("utf-16-le"),
    "UTF-32": ALONE.decode().encode("utf-32"),
    "Latin-1": ALONE.decode().encode("latin-1", "replace"),
    "NUL": ALONE.replace(b"name", b"na\0me"),
    "NUL only": b"\0" * 1000,
    "a surrogate in UTF-8": b'[site]\nname = "\xed\xa0\x80"\n',
    "an escaped surrogate": b'[site]\nname = "\\ud800"\n',
    "a NUL in a path": SITE + b'[routes.a]\npath = "/"\nfile = "\\u0000"\n',
    "a NUL in a folder": SITE + b'[templates]\nfolder = "\\u0000"\n[[static]]\npath = "/x"\nfolder = "a\\u0000"\n',
    "a NUL in include": b'include = ["\\u0000", "a\\u0000*"]\nredirects_from = ["\\u0000"]\n' + SITE,
    "a long name of a folder": SITE + b'[templates]\nfolder = "' + b"a" * 300 + b'"\n',
    "odd patterns in include": b'include = ["[", "**", "***", "/*", "../*", "", "*/../*", "[!]"]\n' + SITE,
    "a long name of a file": SITE + b'[routes.a]\npath = "/"\nfile = "' + b"a" * 5000 + b'"\n',
    "a long name in include": b'include = ["' + b"a" * 5000 + b'"]\n' + SITE,
    "deep lists": SITE + b"[config]\na = " + b"[" * 50_000,
    "deep tables": SITE + b"[config]\na = " + b"{a=" * 50_000,
    "deep lists that are closed": SITE + b"[config]\na = " + b"[" * 90 + b"]" * 90,
    "deep lists as JSON": SITE + b'[json.a]\npath = "/a"\nvalue = ' + b"[" * 90 + b"]" * 90,
    "a key with many dots": SITE + b"[config]\n" + b".".join([b"a"] * 50_000) + b" = 1\n",
    "a header with many dots": SITE + b"[" + b".".join([b"a"] * 50_000) + b"]\n",
    "a huge number": SITE + b"[config]\na = " + b"9" * 10_000 + b"\n",
    "a huge float": SITE + b"[config]\na = 1e999999999\n",
    "a huge hexadecimal number": SITE + b"[json.a]\npath = '/a'\nvalue = 0x" + b"f" * 5_000 + b"\n",
    "numbers out of range": SITE + b"[server]\nport = 99999999999999999999\n[limits]\nbody = '999999999999999 GB'\n",
    "a long time": SITE + b"[server]\ngrace = '999999999999 years'\n",
    "a long cache": SITE + b"[routes.a]\npath = '/'\ntext = ''\ncache = '999999999999 years'\n",
    "odd dates": SITE + b"[redirects]\n'/a' = { to = '/', starts = 0001-01-01, ends = 9999-12-31T23:59:60Z }\n",
    "dates at the ends of time": SITE
    + b"timezone = 'Pacific/Kiritimati'\n[redirects]\n"
    + b"'/a' = { to = '/', starts = 0001-01-01, ends = 9999-12-31 }\n",
    "a megabyte in one line": SITE + b"[config]\na = '" + b"x" * 1_000_000 + b"'\n",
    "a megabyte of a key": SITE + b"x" * 1_000_000 + b" = 1\n",
    "a megabyte of quotes": SITE + b"[config]\na = " + b'"' * 1_000_000,
    "a megabyte of backslashes": SITE + b'[config]\na = "' + b"\\" * 1_000_001 + b'"\n',
    "a megabyte of brackets": SITE + b"]" * 1_000_000,
    "a megabyte of equals signs": SITE + b"=" * 1_000_000,
    "a megabyte of spaces": SITE + b" " * 1_000_000,
    "a megabyte of commas": SITE + b"[config]\na = [" + b"," * 1_000_000,
    "a megabyte of remarks": SITE + b"#" * 1_000_000,
    "a megabyte of dollars": SITE + b"[config]\na = '" + b"${" * 500_000 + b"'\n",
    "many lines that are nothing": SITE + b"x\n" * 50_000,
    "many headers": SITE + b"[a]\n" * 20_000,
    "many open strings": SITE + b'[config]\n"""\n' * 5_000,
    "a pattern that is too long": SITE + b"[converters]\na = { pattern = '" + b"(a*)*" * 5_000 + b"' }\n",
    "a pattern that is too deep": SITE + b"[converters]\na = { pattern = '" + b"(" * 5_000 + b")" * 5_000 + b"' }\n",
    "a pattern that counts": SITE + b"[converters]\na = { pattern = '((a{0,999}){0,999}){0,999}' }\n",
    "a path of variables": SITE + b"[routes.a]\npath = '" + b"/<a>" * 5_000 + b"'\ntext = ''\n",
    "a route for every letter": SITE + b"".join(b"[routes.%s]\n" % bytes([n]) for n in range(1, 256)),
    "the folder as a file": SITE + b"[routes.a]\npath = '/'\nfile = '.'\n",
    "a file of the machine": SITE + b"[routes.a]\npath = '/'\nfile = '/etc/passwd'\n",
    "the site folder as folders": SITE + b"[templates]\nfolder = '.'\n[[static]]\npath = '/'\nfolder = '.'\n",
    "environments that are nothing": b"env = 1\n" + SITE,
    "environments of everything": SITE + b"[env.a]\nsite = 1\nroutes = []\nredirects = { a = 1 }\nconfig = 'x'\n",
    "every table as a number": b"\n".join(
        word + b" = 1"
        for word in b"include redirects_from site config templates converters routes redirects errors headers static "
        b"json server limits logging proxy env".split()
    ),
    "every table as a list": b"\n".join(
        word + b" = [[], {}, 1]"
        for word in b"include redirects_from site config templates converters routes redirects errors headers static "
        b"json server limits logging proxy env".split()
    ),
}  # fmt: skip


def checked(
    folder: Path, files: Mapping[str, bytes], variables: Mapping[str, str] | None = None
) -> tuple[Problem, ...]:
    """Return what is said of a site, having drawn it in every way, in bounded time of the processor."""
    began = time.process_time()
    found = check_site(write(folder, files), variables or {})
    for draw in (draw_text, draw_json, draw_github):
        draw(found).encode()
    assert time.process_time() - began < LONGEST
    for problem in found:
        assert problem.place.line is None or problem.place.line >= 1
        assert problem.message
    return found


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_site_file(name: str, tmp_path: Path) -> None:
    checked(tmp_path, {"site.toml": HOSTILE[name]})


def test_what_is_only_written_unusually_is_fine(tmp_path: Path) -> None:
    hello = SITE + b'[routes.home]\npath = "/"\ntext = "Hello"\n'
    for content in (hello, b"\xef\xbb\xbf" + hello, hello.replace(b"\n", b"\r\n"), hello.rstrip()):
        assert checked(tmp_path, {"site.toml": content}) == ()


@pytest.mark.parametrize("end", range(0, len(ALONE), 50))
def test_half_written_site_file(end: int, tmp_path: Path) -> None:
    checked(tmp_path, {"site.toml": ALONE[:end]})


@few
@given(st.integers(0, len(ALONE) - 1), st.integers(1, 255))
def test_changed_byte(tmp_path: Path, position: int, change: int) -> None:
    changed = bytearray(ALONE)
    changed[position] ^= change
    checked(tmp_path, {"site.toml": bytes(changed)})


@few
@given(st.data())
def test_pieces_of_a_site_file_in_any_order(tmp_path: Path, data: st.DataObject) -> None:
    lines = ALONE.splitlines(keepends=True)
    drawn = data.draw(st.lists(st.sampled_from(lines), max_size=40))
    checked(tmp_path, {"site.toml": b"".join(drawn)})


@few
@given(st.binary(max_size=400))
def test_any_bytes(tmp_path: Path, content: bytes) -> None:
    checked(tmp_path, {"site.toml": content})


@few
@given(st.text(max_size=400))
def test_any_text(tmp_path: Path, content: str) -> None:
    checked(tmp_path, {"site.toml": content.encode("utf-8", "surrogatepass")})


@few
@given(st.binary(max_size=200))
def test_any_bytes_as_an_included_file(tmp_path: Path, content: bytes) -> None:
    checked(tmp_path, {"site.toml": b'include = "more.toml"\n' + SITE, "more.toml": content})


WORDS = st.sampled_from(
    ["{{", "}}", "{%", "%}", "{#", "#}", "if", "for", "in", "block", "macro", "include", "extends", "import", "call",
     "set", "config", "request", "url_for", "x", "'home.html'", '"', "(", ")", "[", "]", "|", ".", "**", "*", "~", "1",
     "range(9)", "end", "endfor", "endif", "endblock", "\n", "-", "loop", "self", "super()", "raw", "with", "filter",
     "caller", "g", "\x00", "ü", "upper", "is", "not", "defined", "=", ",", ":", "{", "}", "href='/x'"]
)  # fmt: skip


@few
@given(st.one_of(st.text(max_size=200), st.lists(WORDS, max_size=30).map(" ".join)))
def test_any_template(tmp_path: Path, text: str) -> None:
    checked(tmp_path, {"site.toml": PAGE, "templates/home.html": text.encode("utf-8", "surrogatepass")})


@few
@given(st.lists(WORDS, max_size=20).map(" ".join))
def test_any_template_text_in_the_site_file(tmp_path: Path, text: str) -> None:
    content = SITE + b"[routes.home]\npath = '/'\ntext = '''\n" + text.replace("\0", "").encode() + b"'''\n"
    checked(tmp_path, {"site.toml": content})


@pytest.mark.parametrize(
    "content",
    [b"", b"\0", b"\xff\xfe", b"\xef\xbb\xbf{{ x }}", b"{{ '" + b"x" * 1_000_000 + b"' }}", b"{% if x %}" * 5_000,
     b"{{ " + b"(" * 5_000, b"{{ " + b"-" * 20_000 + b"1 }}", b"{{ 1" + b" + 1" * 100 + b" }}", b"{" * 100_000,
     b"{% block a %}" * 5_000, b"{# " * 50_000, b"<a href='/" * 1_000, b"{{ x" + b".x" * 100 + b" }}",
     b"{{ x" + b"|upper" * 100 + b" }}", b"{{ " + b"[" * 300 + b"]" * 300 + b" }}"],
    ids=lambda content: repr(content[:20]),
)  # fmt: skip
def test_hostile_template(content: bytes, tmp_path: Path) -> None:
    checked(tmp_path, {"site.toml": PAGE, "templates/home.html": content})


MOVED = b'redirects_from = ["moved.csv", "_redirects"]\n' + SITE


@few
@given(st.binary(max_size=300), st.binary(max_size=300))
def test_any_bytes_as_redirects(tmp_path: Path, table: bytes, netlify: bytes) -> None:
    checked(tmp_path, {"site.toml": MOVED, "moved.csv": table, "_redirects": netlify})


CELLS = st.sampled_from(
    ["/a", "/b", "/", "<x>", "<path:x>", ":x", "*", "301", "302!", "200", "404", "from", "to", "status", ",", ";", "\t",
     " ", "\n", "\r", '"', "#", "?", "x=1", "x=:x", "&", "%", "%2F", "%ff", "Country=de", "Language=", "Cookie=a,b",
     "https://a.example/", "//", "\\", "ü", "{", "\x00", "\ufeff", ":splat", "=", "!"]
)  # fmt: skip


@few
@given(st.lists(CELLS, max_size=40).map("".join), st.lists(CELLS, max_size=40).map(" ".join))
def test_any_rows_as_redirects(tmp_path: Path, table: str, netlify: str) -> None:
    checked(tmp_path, {"site.toml": MOVED, "moved.csv": table.encode(), "_redirects": netlify.encode()})


@few
@given(st.text(st.characters(), max_size=40), st.sampled_from(["url", "timezone", "description", "name", "language"]))
def test_any_variable(tmp_path: Path, value: str, key: str) -> None:
    site = b"[site]\nname = 'A'\n" if key != "name" else b"[site]\n"
    content = site + f"{key} = '${{VALUE}}'\n[config]\na = 'x${{VALUE}}'\n[server]\nport = '${{VALUE}}'\n".encode()
    checked(tmp_path, {"site.toml": content}, {"VALUE": value})


def test_variables_that_are_no_text(tmp_path: Path) -> None:
    content = b"[site]\nname = '${NAME}'\n[config]\nphone = '${PHONE}'\n"
    found = checked(tmp_path, {"site.toml": content}, {"NAME": "\udcff", "PHONE": "a\udc80b"})
    assert [problem.code for problem in found] == ["bad-variable", "bad-variable"]
