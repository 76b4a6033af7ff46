"""Which patterns a site may use, what they match, and what declweb writes itself."""

import re
import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from werkzeug.routing import BaseConverter, Map, Rule

from declweb.model import patterns, patterns_automaton, patterns_suspects, patterns_syntax
from declweb.model.patterns import checked, example, explosive, matches_slash
from declweb.model.patterns_automaton import Automaton
from declweb.model.patterns_suspects import Suspects
from declweb.model.patterns_syntax import read

HEX = "[0-9a-fA-F]"
BYTE = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
ATOM = "[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
LABEL = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"

GOOD = [
    "[a-z0-9]+(-[a-z0-9]+)*",
    "[a-z0-9]+(?:-[a-z0-9]+)*",
    "[A-Za-z0-9_-]+",
    r"[a-z][a-z0-9_]{0,29}",
    r"[A-Z]{2}\d{4}",
    r"\d{4}-\d{2}-\d{2}",
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])",
    r"(19|20)\d\d",
    r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?",
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})",
    r"\d{4}/\d{2}/\d{2}/[^/]+",
    r"(0?[1-9]|[12][0-9]|3[01])\.(0?[1-9]|1[0-2])\.(\d{4}|\d{2})",
    "(?:[a-z]+/)*[a-z]+",
    "([^/]+/)*[^/]*",
    ".*",
    ".+",
    "[^/]+",
    "[^/]*",
    r"[^/]+\.(html?|css|js)",
    r".*\.(png|jpe?g|gif|svg|webp)",
    r"[\w-]+\.pdf",
    r"[\w.+-]+@[\w-]+\.[\w.-]+",
    r"[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}",
    r"[^@\s]+@[^@\s]+\.[^@\s]+",
    rf"{ATOM}(?:\.{ATOM})*@(?:{LABEL}\.)+{LABEL}",
    r"\+?\d{1,3}[ -]?\(?\d{2,4}\)?[ -]?\d{3,4}[ -]?\d{3,4}",
    r"\+?[0-9 ()/-]{6,20}",
    r"\(\d{3}\) \d{3}-\d{4}",
    r"(\+49|0)[1-9][0-9]{1,4}[ /-]?[0-9]{3,10}",
    r"\+(?:[0-9] ?){6,14}[0-9]",
    r"\d{5}(-\d{4})?",
    r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}",
    r"[ABCEGHJ-NPRSTVXY]\d[A-Z] ?\d[A-Z]\d",
    r"(D-)?\d{5}",
    r"#?([a-f0-9]{6}|[a-f0-9]{3})",
    r"v?\d+\.\d+\.\d+(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z.-]+)?",
    f"{HEX}{{8}}-{HEX}{{4}}-{HEX}{{4}}-{HEX}{{4}}-{HEX}{{12}}",
    f"{HEX}{{32}}",
    f"({HEX}{{2}}[:-]){{5}}{HEX}{{2}}",
    rf"({BYTE}\.){{3}}{BYTE}",
    rf"(({HEX}{{1,4}}:){{7}}{HEX}{{1,4}}|({HEX}{{1,4}}:){{1,7}}:|({HEX}{{1,4}}:){{1,6}}:{HEX}{{1,4}}|::)",
    r"[A-Z]{2}\d{2}( ?[A-Z0-9]{4}){2,7}( ?[A-Z0-9]{1,4})?",
    r"97[89]-?\d{1,5}-?\d{1,7}-?\d{1,6}-?\d",
    r"\d{4}( ?\d{4}){3}",
    r"-?\d+(\.\d+)?",
    r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?",
    r"\d{1,3}(,\d{3})*(\.\d{2})?",
    r"€? ?\d{1,3}(\.\d{3})*,\d{2}",
    "[a-z]{2}(-[A-Z]{2})?",
    "(de|en|fr|it|en-gb)",
    "bread|cake|cakes|pie",
    "(?i:yes|no)",
    "(?i)(foo|bar)[A-Z]*",
    "^[a-z]+$",
    r"\A[a-z]+\Z",
    "^(home|about)$",
    "@[A-Za-z0-9_]{1,15}",
    r"[A-Z][a-z]+( [A-Z][a-z]+)*",
    r"[^\W\d_]+([ '-][^\W\d_]+)*",
    r"\w+(,\w+)*",
    r"(?:[^,]*,){3}[^,]*",
    '"(?:[^"\\\\]|\\\\.)*"',
    r"(?:https?://)?(?:www\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:/[^\s]*)?",
    r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*",
    r"\s*[a-z]+\s*=\s*[a-z]+\s*",
    r".*-.*",
    r".*,.*,.*",
    "[a-z]*?[0-9]+?",
    "a*+b",
    "(?>[a-z]+)-[0-9]+",
    r"(?s:.)+",
    r"(?a:\w)+",
    r"[]a]+[^]a]",
    "(?P<year>[0-9]{4})-(?P<week>[0-9]{2})",
    "[äöüß]+",
    "水|火",
    "(.+)?",
    "(?:a++)+b",
    "(?>a+)+b",
    "(a|b|c)*",
    "[ab]{0,60}[cd]{0,60}",
    r"(\d|[0-5])*x",
    "(?i)(k|K)*x",
    r"a*[^\s\S]{2}|a*a{0}b{1}c{1,1}",
]

BAD = [
    "(a+)+",
    "(a*)*",
    "(a|a)*",
    "(a|b|ab)*",
    "(a|aa)+",
    "(a|a?)+",
    "([a-z]+)*",
    "([a-zA-Z]+)*",
    r"(\w+\s?)*",
    r"(\w+ ?)+",
    r"(\d+,?)+",
    r"(\w*-?)*",
    "(.*)*",
    "(.*a){12}",
    "(.*a){20}",
    "(.*,){11}P",
    "(x+x+)+y",
    "(a?){30}a{30}",
    "(a?|b?){30}c",
    "[a-z]+(a?|b?){25}c",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    r"\s*\s*\s*\s*\s*x",
    "a*a*a*a*a*",
    "a*a*b*b*c*c*d*d*e*e*",
    "a?" * 26 + "a" * 26,
    "(ab|ab)" * 23 + "c",
    r"([a-z0-9]+-?)+",
    r"([a-z0-9]+[-_]?)*[a-z]",
    r"([\w.-]+)+@example",
    r"(([a-z]+)\.?)+@x",
    r"([a-zA-Z0-9])(([\-.]|[_]+)?([a-zA-Z0-9]+))*@",
    r"(([a-z0-9]*)*)*!",
    r"(?:[a-z]+(?:-[a-z]*)*)+;",
    r"(\w{1,20}\s?){1,10}",
    r"(?:[ab]{3}x{2}|[ac]{3}x{2}){25}",
    r"[a-z]{2,10}:(?:[ab]{3}x{2}|[ac]{3}x{2}){25}",
    r"id-[0-9]{5}-(?:[a-z]+)+!",
    r"(?:a|b|ab)*c",
    r"(foo|foobar|bar)*x",
    r"(?:[^a]|b)*!!",
    r"(?s:(.|\n)*)x",
    r"(a+?)+?b",
    r"(?>a+)+b|(c+)+d",
    r"([a-z]+)+(?>x)y",
    r".*.*.*.*=.*",
    r"(?:(?:a{1,3}){1,3}){1,3}(?:(?:a{1,3}){1,3}){1,3}b",
    "(/?[a-z]*)*",
    "((a{0,5}){0,5}){0,5}[b]",
]


@pytest.mark.parametrize("pattern", GOOD)
def test_ordinary_patterns_pass(pattern: str) -> None:
    assert explosive(pattern) is None
    assert re.fullmatch(pattern, example(pattern))
    assert re.fullmatch(checked(pattern), example(pattern))


@pytest.mark.parametrize("pattern", BAD)
def test_patterns_that_take_too_long_are_found(pattern: str) -> None:
    found = explosive(pattern)
    assert found is not None
    assert len(found.text) <= 255
    assert Automaton(read(pattern), 255).attempts(found.text) >= patterns.ENOUGH
    assert checked(pattern)


def test_what_repeats_in_an_explosion_is_counted() -> None:
    assert str(explosive("(a+)+")) == "22 times 'a', then '!'"
    assert str(explosive(r"-(foo|foobar|bar)*\n")) == "'-', then 18 times 'foofoobar', then 'foo'"
    assert str(patterns.Explosion("ab")) == "'ab'"
    assert str(patterns.Explosion("\n" * 9)) == r"9 times '\n'"


@pytest.mark.parametrize(
    ("pattern", "longest"),
    [("(a+)+", 20), (r"\s*\s*\s*\s*x", 60), ("a{300}(b+)+", 255), ("([ab]{3}x|[ac]{3}x){25}", 40)],
)
def test_a_short_text_cannot_hurt(pattern: str, longest: int) -> None:
    assert explosive(pattern, longest) is None
    assert explosive(pattern, 1000) is not None


def test_what_cannot_fail_cannot_hurt() -> None:
    assert explosive(r"(a|b|ab)*(?s:.*)") is None
    assert explosive(r"(a|b|ab)*[^/]*") is not None
    assert explosive(r"(a|b|ab)*(?s:.{0,20})") is not None


def test_a_text_that_is_too_short_is_not_even_tried() -> None:
    found = explosive("(a?){30}a{100}")
    assert found is not None
    assert len(found.text) >= 100


@pytest.mark.parametrize(
    "pattern",
    [
        "((a{1,40}){1,40}){12}",
        "(([ab]?){200}){2}",
        "(" + "|".join(f"{a}{b}" for a in "abcdefghij" for b in "klmnopqrstuvwxyz") + ")*",
        "((){0,1000}){0,1000}",
        "(?i)" + "".join(char for char in map(chr, range(0xC0, 0x600)) if char.lower() != char.upper())[:900],
        "([a-z]{0,1}){999}",
    ],
)
def test_what_takes_too_long_to_check_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="too complicated to check"):
        explosive(pattern, 2000)


def test_texts_that_take_too_long_to_count_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns_automaton, "PATIENCE", 1000)
    with pytest.raises(ValueError, match="too complicated to check"):
        explosive("[a-z]{0,50}[a-z]{0,50}")


def test_a_search_that_takes_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns_suspects, "PATIENCE", 10)
    with pytest.raises(ValueError, match="too complicated to check"):
        explosive("a*a*b*b*")


def test_a_part_that_cannot_follow_has_no_bridge() -> None:
    automaton = Automaton(read("[ab]c*c*[de]"), 20)
    search = Suspects(automaton, automaton, 20, 100)
    assert search._bridge({0: 1}, automaton.sources[4]) == "ad"
    assert search._bridge({4: 1}, automaton.sources[1]) == ""


REFUSED = {
    "(": "a `(` is never closed (character 1)",
    "a)": "a `)` closes nothing (character 2)",
    "x[a-z": "a `[` is never closed (character 2)",
    "*": "there is nothing to repeat before this sign (character 1)",
    "a**": "two signs of repetition follow one another (character 3)",
    "[z-a]": "a range such as `a-z` runs backwards or is none (character 2)",
    "a{2,1}": "the first number in `{…}` is greater than the second (character 3)",
    r"\q": "a backslash stands before a letter that has no meaning after it, or at the end (character 1)",
    "\\": "a backslash stands before a letter that has no meaning after it, or at the end (character 1)",
    "(?P<1>a)": "bad character in group name '1' (character 5)",
    "[[a]": "`[`, `--`, `&&`, `~~` and `||` within `[…]` are reserved; write a backslash before them",
    "a{99999999999}": "a number in `{…}` is too large",
    "(" * 60 + "a" + ")" * 60: "more than 40 groups and repeats stand within one another, too many to check",
    "(" * 499 + "a" + ")" * 499: "more than 40 groups and repeats stand within one another, too many to check",
    "a" * 1001: "it has more than 1,000 characters, too many to check",
    "((a{100}){100}){100}": "it asks for texts of more than 2,000 characters",
    r"(a)\1": r"a pattern cannot ask for the same text again with `\1` or `(?P=name)`",
    "(?P<x>a)(?P=x)": r"a pattern cannot ask for the same text again with `\1` or `(?P=name)`",
    "(a)?(?(1)b|c)": "a pattern cannot ask with `(?(1)…)` whether a group was found",
    "(?=a)a": "a pattern cannot look around with `(?=…)`, `(?!…)`, `(?<=…)` or `(?<!…)`",
    "(?!a)b": "a pattern cannot look around with `(?=…)`, `(?!…)`, `(?<=…)` or `(?<!…)`",
    "a(?<=a)": "a pattern cannot look around with `(?=…)`, `(?!…)`, `(?<=…)` or `(?<!…)`",
    "(?!)": "a pattern cannot look around with `(?=…)`, `(?!…)`, `(?<=…)` or `(?<!…)`",
    r"\bword\b": r"a pattern cannot ask for the edge of a word with `\b` or `\B`",
    "a^b": "`^` can only stand at its start and `$` at its end; neither is needed",
    "a$b": "`^` can only stand at its start and `$` at its end; neither is needed",
    "(^a)+": "`^` can only stand at its start and `$` at its end; neither is needed",
    "$a": "`^` can only stand at its start and `$` at its end; neither is needed",
    "(?m)a": "of the flags in `(?…)` only i, a and s can be used",
    "(?x) a b": "of the flags in `(?…)` only i, a and s can be used",
    "(?x: a b)": "of the flags in `(?…)` only i, a and s can be used",
    "(?m-i:a)": "of the flags in `(?…)` only i, a and s can be used",
    "a(?#letter)": "a pattern cannot hold a comment `(?#…)`",
    "": "it matches only the empty text",
    "^$": "it matches only the empty text",
    "()*": "it matches only the empty text",
    "a{0}": "it matches only the empty text",
    "(|)": "it matches only the empty text",
    r"[^\s\S]": "no text can match it",
    r"a[^\w\W]+": "no text can match it",
    "[\ud800-\udfff]": "no text can match it",
    "a++a": "no text was found that it matches; try it without possessive repeats (`++`) and atomic groups (`(?>`)",
    "(a?){30}a{30}(?>b)": "no text was found that it matches; "
    "try it without possessive repeats (`++`) and atomic groups (`(?>`)",
}


@pytest.mark.parametrize(("pattern", "words"), REFUSED.items())
def test_what_cannot_be_used_is_refused_in_plain_words(pattern: str, words: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(words)}$"):
        checked(pattern)


def test_a_construct_of_a_later_python_is_refused() -> None:
    class Later:
        name = "LATER"

    with pytest.raises(ValueError, match="it holds something that cannot be checked"):
        patterns_syntax._Reader().sequence([(Later, None)], patterns_syntax._Spot(0))


@pytest.mark.parametrize(
    ("pattern", "inner"),
    [
        ("(a)(?P<b>b)(?:c)(?>d)", "(?:a)(?:b)(?:c)(?>d)"),
        (r"^a\(b$", r"a\(b"),
        (r"\Aa\Z", "a"),
        ("^a|b$", "a|b"),
        (r"[($^]\^\$[]($][^](]", r"[($^]\^\$[]($][^](]"),
        ("(?i)^(a|b)$", "(?i:(?:a|b))"),
        ("(?i)(?s)a.", "(?i:(?s:a.))"),
        (r"\[(a)\]", r"\[(?:a)\]"),
    ],
)
def test_a_checked_pattern_can_be_built_in(pattern: str, inner: str) -> None:
    assert checked(pattern) == inner
    assert re.compile(inner).groups == 0


def test_a_checked_pattern_serves_two_variables_of_a_rule() -> None:
    class Converter(BaseConverter):
        regex = checked("^(?P<name>a|(b)|(?i:C))$")

    urls = Map([Rule("/<x:one>-<x:two>", endpoint="page")], converters={"x": Converter}).bind("localhost")
    assert urls.match("/a-c") == ("page", {"one": "a", "two": "c"})


@pytest.mark.parametrize("pattern", ["/", "a/b", "[^a]", r"\W", "(a|/)b", "(/)?a", ".", "[+-9]", "(?s:.)"])
def test_a_slash_is_seen(pattern: str) -> None:
    assert matches_slash(pattern)


@pytest.mark.parametrize("pattern", ["[^/]+", r"\w+", "a(/[^\\s\\S]|b)", "a(/){0}", "[0-9]", "(b/)*[^\\s\\S]|b"])
def test_a_slash_that_cannot_come_is_none(pattern: str) -> None:
    assert not matches_slash(pattern)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("[a-z0-9]+(-[a-z0-9]+)*", "a"),
        (r"\d{4}-\d{2}", "1111-11"),
        (".*", "a"),
        ("(a|)(b|)", "a"),
        ("(a*)(bb)?", "a"),
        ("(a?){3}", "a"),
        ("(?:abc)*", "abc"),
        ("[^a-z]", "1"),
        ("[^ -~]", "é"),
        (r"\s", " "),
        (r"(?a:[^\W\d_a-z])", "A"),
        (r"[^\w\s]", "-"),
        (r"[\x00-\x08]", "\x00"),
        ("[^\x00-\uffff]", "\U00010000"),
        ("(?i:[b-d])", "b"),
        ("a?+ab", "aab"),
        ("(?>a|ab)c|x{9}", "ac"),
        ("a{200}", "a" * 200),
    ],
)
def test_an_example_is_short_and_usual(pattern: str, text: str) -> None:
    assert example(pattern) == text


ATOMS = st.one_of(
    st.sampled_from(
        ["a", "b", "-", "/", ".", "é", r"\d", r"\w", r"\S", "[ab]", "[^a]", "[a-f]", r"[^\W\d]", "(?i:B)", ""]
    ),
    st.text(string.ascii_letters, max_size=3),
)


def _larger(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    repeats = st.sampled_from(["*", "+", "?", "{2}", "{0,2}", "{1,3}", "{2,}", "*?", "??", "{0}"])
    groups = st.sampled_from(["({})", "(?:{})", "(?i:{})"])
    return st.one_of(
        st.lists(parts, min_size=1, max_size=3).map("".join),
        st.lists(parts, min_size=1, max_size=3).map(lambda each: f"({'|'.join(each)})"),
        st.builds(lambda part, sign: f"(?:{part}){sign}", parts, repeats),
        st.builds(lambda group, part: group.format(part), groups, parts),
    )


PATTERNS = st.recursive(ATOMS, _larger, max_leaves=6)
TEXTS = st.text("ab-/.éfB1 \n", max_size=6)


@given(PATTERNS)
def test_an_example_matches(pattern: str) -> None:
    try:
        inner = checked(pattern)
    except ValueError:
        assume(False)
    text = example(pattern)
    assert text
    assert re.fullmatch(pattern, text)
    assert re.fullmatch(inner, text)


@given(PATTERNS, TEXTS)
def test_a_checked_pattern_matches_the_same(pattern: str, text: str) -> None:
    try:
        inner = checked(pattern)
    except ValueError:
        inner = pattern
    assert bool(re.fullmatch(inner, text)) == bool(re.fullmatch(pattern, text))
    if "/" in text and re.fullmatch(pattern, text):
        assert matches_slash(pattern)


@given(PATTERNS)
def test_the_automaton_reads_what_the_pattern_matches(pattern: str) -> None:
    automaton = Automaton(read(pattern), 20)
    for text in automaton.texts(20):
        assert re.fullmatch(pattern, text)


@given(PATTERNS, st.data())
def test_the_automaton_reads_nothing_else(pattern: str, data: st.DataObject) -> None:
    automaton = Automaton(read(pattern), 20)
    text = data.draw(st.text(automaton.letters.text, max_size=6))
    assert automaton.accepts(automaton.read({0: 1}, text)) == bool(re.fullmatch(pattern, text))


@given(PATTERNS)
def test_an_explosion_fails_to_match(pattern: str) -> None:
    automaton = Automaton(read(pattern), 60)
    if found := explosive(pattern, 60):
        assert len(found.text) <= 60
        assert not automaton.accepts(automaton.read({0: 1}, found.text))
        assert automaton.attempts(found.text) >= patterns.ENOUGH
