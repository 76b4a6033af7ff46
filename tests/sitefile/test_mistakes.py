"""Each mistake that people make has words of its own, at its place, and costs nothing else of the file."""

import re
from collections.abc import Iterable, Iterator

import pytest

from declweb.problems import CODES, Problem
from declweb.sitefile import clashes, header_mistakes, mistakes
from declweb.sitefile.mistakes import Mistake
from declweb.sitefile.source import Source

ONE_MISTAKE = [
    # quotes
    ("x = “Blackbird”", 1, 5, "curly-quotes", 'write "Blackbird"'),
    ("x = `Blackbird`", 1, 5, "curly-quotes", 'write "Blackbird"'),
    ('x = „Say "hi"“', 1, 5, "curly-quotes", "write 'Say \"hi\"'"),
    ('x = "Blackbird”', 1, 5, "curly-quotes", 'write "Blackbird"'),
    ("“my key” = 1", 1, 1, "curly-quotes", 'write "my key" = 1'),
    ("[routes.“home”]\nx = 1", 1, 1, "curly-quotes", 'write [routes."home"]'.replace('"', "")),
    ("x = Blackbird Bakery", 1, 5, "missing-quotes", 'write "Blackbird Bakery"'),
    ("x = Anna's Bakery # hers", 1, 5, "missing-quotes", '"Anna\'s Bakery"'),
    ("x = https://bakery.example/", 1, 5, "missing-quotes", '"https://bakery.example/"'),
    ('x = C:\\new "x', 1, 5, "missing-quotes", "'C:\\new \"x'"),
    ("x = it's \"\\q", 1, 5, "missing-quotes", '"it\'s \\"\\\\q"'),
    ("x = 5 MB", 1, 5, "missing-quotes", 'write "5 MB"'),
    ("x = 1.2.3", 1, 5, "missing-quotes", 'write "1.2.3"'),
    ("x = {{ config.phone }}", 1, 5, "missing-quotes", 'write "{{ config.phone }}"'),
    ("x = r'\\d'", 1, 5, "missing-quotes", "write '\\d'"),
    ("x = Blackbird y = 1", 1, 5, "missing-quotes", 'write "Blackbird"'),
    ('x = "Blackbird', 1, 5, "unclosed-string", 'write " behind it'),
    ("x = 'Blackbird", 1, 5, "unclosed-string", "write ' behind it"),
    ('x = """\nlong\n', 1, 5, "unclosed-string", 'write """ behind it'),
    ("x = '''\nlong\ny z\n", 1, 5, "unclosed-string", "write ''' behind it"),
    ('x = [\n  "a,\n  "b",\n]', 2, 3, "unclosed-string", 'write "'),
    ('x = "He said "hi" to me"', 1, 15, "quote-in-text", 'write \\"'),
    ("x = ['it's', 'b']", 1, 10, "quote-in-text", "the other kind of quotes"),
    ("x = { a = 'it's' }", 1, 15, "quote-in-text", "the other kind of quotes"),
    ('x = "C:\\dir"', 1, 8, "single-backslash", "two backslashes"),
    ('x = "C:\\"', 1, 8, "single-backslash", "two backslashes"),
    ('x = """\na\\d"""', 2, 2, "single-backslash", "'…'"),
    ('"a\\d" = 1', 1, 3, "single-backslash", "`\\d` has none"),
    # yes, no and nothing
    ("x = yes", 1, 5, "wrong-boolean", "write true"),
    ("x = No", 1, 5, "wrong-boolean", "write false"),
    ("x = True", 1, 5, "wrong-boolean", "write true"),
    ("x = [true, off]", 1, 12, "wrong-boolean", "write false"),
    ("x = None", 1, 5, "no-such-value", "leave the key out"),
    ("x =", 1, 4, "missing-value", "no value behind `=`"),
    ("x = { a = }", 1, 10, "missing-value", "no value behind `=`"),
    ("x = #ff0000", 1, 5, "missing-value", 'write "#ff0000"'),
    ("alone", 1, 1, "missing-value", "`alone` stands alone"),
    # dates and numbers
    ("x = 24.12.2026", 1, 5, "wrong-date", "write 2026-12-24"),
    ("x = 12/24/2026", 1, 5, "wrong-date", "write 2026-12-24"),
    ("x = 2026/1/5", 1, 5, "wrong-date", "write 2026-01-05"),
    ("x = 2026-02-30", 1, 5, "wrong-date", "such as 2026-12-24"),
    ("x = 8:30", 1, 5, "wrong-date", "such as 08:30"),
    ("x = 3,50", 1, 5, "wrong-number", "write 3.50"),
    ("x = 01067", 1, 5, "wrong-number", '"01067"'),
    ("x = .5", 1, 5, "wrong-number", "write 0.5"),
    ("x = 5.", 1, 5, "wrong-number", "write 5.0"),
    ("x = 1.000.000,5", 1, 5, "wrong-number", "write 1000000.5"),
    (f"x = {'9' * 5000}", 1, 5, "wrong-number", "too long"),
    (f"x = 0x{'f' * 20}", 1, 5, "wrong-number", "too large"),
    # between key and value
    ('x: "Blackbird"', 1, 2, "wrong-equals", 'write x = "Blackbird"'),
    ("x: [1]", 1, 2, "wrong-equals", "write x = [1]"),
    ("x := 1", 1, 3, "wrong-equals", "write x = 1"),
    ("x -> 1", 1, 3, "wrong-equals", "write x = 1"),
    ("x = { a: 1 }", 1, 8, "wrong-equals", "write a = 1"),
    ("x == 1", 1, 4, "wrong-equals", "delete `=`"),
    ("x => 1", 1, 4, "wrong-equals", "delete `>`"),
    ("x = [a = 1]", 1, 6, "missing-quotes", "no quotes"),
    ('x = ["a" = 1]', 1, 10, "wrong-equals", "a list has no keys"),
    ("site:", 1, 1, "wrong-equals", "[site]"),
    ('x "Blackbird"', 1, 3, "missing-equals", 'write x = "Blackbird"'),
    ('x["Blackbird"]', 1, 2, "missing-equals", 'write x = ["Blackbird"]'),
    ("this is a nice site", 1, 6, "missing-equals", "begin the line with `#`"),
    # keys
    ("größe = 1", 1, 1, "unquoted-key", 'write "größe" = …'),
    ("my key = 1", 1, 1, "unquoted-key", 'write "my key" = …'),
    ('/index.php = "/"', 1, 1, "unquoted-key", 'write "/index.php" = …'),
    ("a.größe = 1", 1, 1, "unquoted-key", 'write a."größe" = …'),
    ("= 1", 1, 1, "unreadable-line", "no key before `=`"),
    # brackets
    ("x = [1, 2\ny = 1", 1, 5, "unclosed-bracket", "write ]"),
    ("x = { a = 1", 1, 5, "unclosed-bracket", "write }"),
    ("x = [1, 2}", 1, 5, "wrong-bracket", "close it with ]"),
    ("x = { a = [1, 2 }", 1, 11, "wrong-bracket", "close it with ]"),
    ("x = { a = 1 ]", 1, 5, "wrong-bracket", "close it with }"),
    ("x = [1, 2]]", 1, 11, "wrong-bracket", "too many"),
    ("x = (1, 2)", 1, 5, "wrong-bracket", "write [1, 2]"),
    ('x = "a", "b"', 1, 8, "wrong-bracket", "write [ … ]"),
    ("}", 1, 1, "wrong-bracket", "closes nothing"),
    ("[x\na = 1", 1, 1, "wrong-bracket", "write [x]"),
    ("[[x\na = 1", 1, 1, "wrong-bracket", "write [[x]]"),
    ("[x)\na = 1", 1, 1, "wrong-bracket", "write [x]"),
    ("[[x]\na = 1", 1, 1, "wrong-bracket", "write [[x]], or [x]"),
    ("[x]]\na = 1", 1, 1, "wrong-bracket", "write [x], or [[x]]"),
    ("[ [x] ]\na = 1", 1, 1, "wrong-bracket", "write [[x]]"),
    ("[[[x]]]\na = 1", 1, 1, "wrong-bracket", "two at most"),
    ("x = " + "[" * 500 + "]" * 500, 1, 5, "too-deep", "400"),
    # names of tables
    ("[]\na = 1", 1, 1, "missing-name", "no name between"),
    ("[x.]\na = 1", 1, 2, "missing-name", "beside a dot"),
    ("[routes home]\na = 1", 1, 2, "unquoted-key", "write [routes.home]"),
    ("[[routes/home]]\na = 1", 1, 3, "unquoted-key", "write [[routes.home]]"),
    ("[routes.über uns]\na = 1", 1, 2, "unquoted-key", 'write [routes."über uns"]'),
    ('["x]\na = 1', 1, 2, "unquoted-key", "needs quotes"),
    ("[a[b]\na = 1", 1, 1, "unreadable-line", "begins with [name]"),
    # commas and lines
    ('x = ["a" "b"]', 1, 9, "missing-comma", "a comma"),
    ("x = [\n  1\n  2,\n]", 2, 4, "missing-comma", "between two lines"),
    ("x = { a = 1 b = 2 }", 1, 12, "missing-comma", "before the next key"),
    ("x = {\n  a = 1\n  b = 2\n}", 2, 8, "missing-comma", "between two lines"),
    ("x = [1,, 2]", 1, 8, "stray-text", "one of the commas"),
    ('x = "a" "b"', 1, 9, "missing-comma", "around a list"),
    ("x = 1 y = 2", 1, 7, "two-in-one-line", "a line of its own"),
    ("[x] y = 2", 1, 5, "two-in-one-line", "a line of its own"),
    ('x = "a";', 1, 8, "stray-text", "does not end with `;`"),
    ("x = 1,", 1, 6, "stray-text", "does not end with `,`"),
    ('x = "a" + "b"', 1, 9, "stray-text", "too much"),
    ('x = { a = "a" + "b" }', 1, 15, "stray-text", "too much"),
    ("[x]: 1", 1, 4, "stray-text", "too much"),
    # remarks
    ("// remark", 1, 1, "wrong-remark", "`//` does not begin a remark"),
    ("; remark", 1, 1, "wrong-remark", "begin with `#`"),
    ("x = 1 // remark", 1, 7, "wrong-remark", "begin with `#`"),
    ("x = +49 30 12345 # call", 1, 5, "missing-quotes", 'write "+49 30 12345"'),
    ("x = 5 MB", 1, 5, "missing-quotes", 'write "5 MB"'),
    ("[x] // remark", 1, 5, "wrong-remark", "begin with `#`"),
    ("x = [1 // remark\n]", 1, 8, "wrong-remark", "begin with `#`"),
    ("x = { a = 1 // remark\n}", 1, 13, "wrong-remark", "begin with `#`"),
    ("<<<<<<< HEAD", 1, 1, "merge-conflict", "version control"),
    ("- a list", 1, 1, "unreadable-line", "[ … ]"),
    ("{x}", 1, 1, "unreadable-line", "neither a key"),
    # what cannot be seen
    ("x =\u00a01", 1, 4, "odd-character", "a non-breaking space"),
    ("x\u200b = 1", 1, 2, "odd-character", "a zero-width space"),
    ("[x\u2060]", 1, 3, "odd-character", "U+2060"),
    ("\u00a0", 1, 1, "odd-character", "a non-breaking space"),
    ("x = [\n  \u00a01,\n]", 2, 3, "odd-character", "a non-breaking space"),
    ('x = "\0"', 1, 6, "odd-character", "U+0000"),
    ("x = 1 # \x07 \x08", 1, 9, "odd-character", "U+0007"),
    ("x = 1\ry = 2", 1, 6, "odd-character", "line endings"),
    # what stands twice
    ("x = 1\nx = 2", 2, 1, "doubled-key", "`x` stands twice"),
    ("x.y = 1\nx = 2", 2, 1, "doubled-key", "`x` is a table already"),
    ("x = { a = 1, a = 2 }", 1, 14, "doubled-key", "`a` stands twice"),
    ("x = 1\nx.y = 2", 2, 1, "doubled-key", "`x` stands twice"),
    ("x = 1\n[x]\ny = 1", 2, 2, "doubled-key", "`x` has a value already"),
    ("x = 1\n[x.y]\nz = 1", 2, 2, "doubled-key", "`x` has a value already"),
    ("x = 1\n[[x]]\ny = 1", 2, 3, "doubled-key", "`x` has a value already"),
    ("[x]\ny = 1\n[x]\ny = 2", 3, 2, "doubled-table", "[x] stands twice"),
    ("x.y = 1\n[x]\nz = 1", 2, 2, "doubled-table", "x.key"),
    ("[x]\n[[x]]\ny = 1", 2, 3, "mixed-brackets", "x has two brackets here"),
    ("[x.y]\n[[x]]\ny = 1", 2, 3, "mixed-brackets", "x has two brackets here"),
    ("x.y = 1\n[[x]]\ny = 1", 2, 3, "mixed-brackets", "x has two brackets here"),
    ("[[x]]\n[x]\ny = 1", 2, 2, "mixed-brackets", "write [[x]]"),
    ("[[x]]\n[y]\nx.z = 1\n[y.x.w]\n[y]", 5, 2, "doubled-table", "[y] stands twice"),
    ("[x.y.z]\n[x]\ny = 1", 3, 1, "doubled-key", "`y` is a table already"),
    ("[x.y]\n[x]\ny = 1", 3, 1, "doubled-key", "`y` is a table already"),
    ("[x.y]\n[x]\ny.z = 1", 3, 1, "doubled-key", "`y` is a table already"),
    ("[[x.y]]\n[x]\ny = 1", 3, 1, "doubled-key", "`y` is a table already"),
    # what nothing of ours describes
    ('x = "\\uD800"', 1, 12, "unreadable-line", "it says: "),
    ("a." * 200 + "a = 1\n!", 1, 1, "too-deep", "100 at most"),
]

AFTER = "\n[after]\nok = 1\n"


def problems(text: str) -> list[Problem]:
    return Source("site.toml", text.encode()).problems


@pytest.mark.parametrize(("text", "line", "column", "code", "words"), ONE_MISTAKE, ids=lambda part: str(part)[:30])
def test_a_mistake_is_named_at_its_place(text: str, line: int, column: int, code: str, words: str) -> None:
    source = Source("site.toml", (text + AFTER).encode())
    said = [(p.place.line, p.place.column, p.code) for p in source.problems if "!" not in (p.place.text or "")]
    assert said == [(line, column, code)], source.problems
    problem = source.problems[0]
    assert words in f"{problem.message} | {problem.help}"
    assert problem.code in CODES
    assert source.data["after"] == {"ok": 1}


def rows() -> Iterator[Mistake]:
    """Yield every row of every table."""
    for table in (*vars(mistakes).values(), *vars(header_mistakes).values()):
        groups: Iterable[object] = table.values() if isinstance(table, dict) else [table]
        for group in groups:
            if isinstance(group, tuple) and not isinstance(group, Mistake):
                yield from (row for row in group if isinstance(row, Mistake))


def test_every_row_has_a_case(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: set[re.Pattern[str]] = set()
    find = mistakes.find

    def spy(table: Iterable[Mistake], text: str, start: int, end: int) -> mistakes.Found | None:
        found = find(table, text, start, end)
        if found:
            seen.add(found.match.re)
        return found

    monkeypatch.setattr(mistakes, "find", spy)
    for text, *_ in ONE_MISTAKE:
        problems(text)
    assert [row for row in rows() if row.pattern not in seen] == []


def test_every_clash_has_a_case(monkeypatch: pytest.MonkeyPatch) -> None:
    class Spy(dict[object, object]):
        def __getitem__(self, key: object) -> object:
            seen.add(key)
            return super().__getitem__(key)

    seen: set[object] = set()
    monkeypatch.setattr(clashes, "CLASHES", Spy(clashes.CLASHES))
    for text, *_ in ONE_MISTAKE:
        problems(text)
    assert set(clashes.CLASHES) - seen == set()


def test_words_stay_short() -> None:
    (problem,) = problems(f"x = {'word ' * 1000}")
    assert len(problem.message) < 120
    assert len(problem.help or "") < 120


def test_a_key_that_stands_twice_shows_the_first() -> None:
    (problem,) = problems("[a]\nx = 1\nx = 2\n")
    assert [(also.place.line, also.place.column, also.note) for also in problem.also] == [(2, 1, "is the first")]


def test_the_middle_of_a_date_is_the_month_where_it_can_be() -> None:
    assert [problem.help for problem in problems("a = 05.04.2026\nb = 05/24/2026\nc = 99.99.2026")] == [
        "write 2026-04-05",
        "write 2026-05-24",
        "write year, month and day, such as 2026-12-24",
    ]
