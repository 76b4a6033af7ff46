"""A Hypothesis strategy that writes TOML 1.1 documents in all of its notations."""

import datetime
import math
import string
from random import Random

import pytest
from hypothesis import strategies as st

BARE = string.ascii_letters + string.digits + "-_"
ESCAPES = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", "\x1b": "\\e", '"': '\\"', "\\": "\\\\"}
CONTROL = {chr(code) for code in range(32)} | {"\x7f"}

characters = st.one_of(
    st.sampled_from("ab \t\n\"'\\#=[]{},.${}\x1b\0"), st.characters(exclude_categories=["Cs"], max_codepoint=0x1F9FF)
)
texts = st.one_of(
    st.text(characters, max_size=8), st.sampled_from(['"""', "'''", "a = [1", "# no comment", "x\ny = 1"])
)
names = st.one_of(st.text(BARE, min_size=1, max_size=3), texts)
scalars = st.one_of(
    texts,
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.booleans(),
    st.datetimes(
        timezones=st.sampled_from([None, datetime.UTC, datetime.timezone(datetime.timedelta(hours=5, minutes=30))])
    ),
    st.dates(),
    st.times(),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)),
    max_leaves=8,
)
tables = st.dictionaries(
    names,
    st.one_of(
        values,
        st.dictionaries(names, st.one_of(values, st.dictionaries(names, values, max_size=2)), max_size=3),
        st.lists(st.dictionaries(names, values, max_size=3), min_size=1, max_size=3),
    ),
    max_size=5,
)


class Writer:
    """Writes values in notations by chance."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def one_of(self, *choices: str) -> str:
        return self.random.choice(choices)

    def chance(self) -> bool:
        return self.random.random() < 0.5

    def space(self) -> str:
        return self.one_of("", " ", "", "\t ")

    def gap(self) -> str:
        """What may stand between the items of an array."""
        return self.one_of("", " ", "\n", "\n  ", " # ] } , \" ' [x]\n", "\n# a = 1\n\n\t")

    def end(self) -> str:
        return self.space() + self.one_of("\n", "\n", "\n\n", "# x = [\n", '# "\n\t\n', "#\n")

    def key(self, *names: str) -> str:
        return f"{self.space()}.{self.space()}".join(map(self.name, names))

    def name(self, name: str) -> str:
        if name and set(name) <= set(BARE) and self.chance():
            return name
        return self.literal(name) if self.fits_literal(name) and self.chance() else self.basic(name)

    @staticmethod
    def fits_literal(text: str) -> bool:
        return "'" not in text and not (set(text) & (CONTROL - {"\t"}))

    @staticmethod
    def literal(text: str) -> str:
        return f"'{text}'"

    def escaped(self, character: str) -> str:
        code = ord(character)
        ways = [f"\\U{code:08x}"]
        ways += [ESCAPES[character]] if character in ESCAPES else []
        ways += [f"\\x{code:02X}"] if code < 0x100 else []
        ways += [f"\\u{code:04x}"] if code < 0x10000 else []
        return self.one_of(*ways)

    def basic(self, text: str) -> str:
        must = CONTROL - {"\t"} | {'"', "\\"}
        return '"' + "".join(self.escaped(c) if c in must or self.chance() else c for c in text) + '"'

    def long_basic(self, text: str) -> str:
        must = CONTROL - {"\t", "\n"} | {"\\"}
        body = "".join(self.escaped(c) if c in must or (c == '"' and self.chance()) else c for c in text)
        body = body.replace('"""', '""\\"').replace('"""', '""\\"')
        start = "\n" if body.startswith("\n") or self.chance() else ""
        fold = self.one_of("", "", "\\\n  \n ") if not body.startswith((" ", "\t", "\n")) else ""
        return f'"""{start}{fold}{body}"""'

    def text(self, text: str) -> str:
        ways = [self.basic, self.long_basic]
        if self.fits_literal(text):
            ways.append(self.literal)
        if "'''" not in text and not text.endswith("'''") and not set(text) & (CONTROL - {"\t", "\n"}):
            ways.append(lambda text: f"'''\n{text}'''")
        return self.random.choice(ways)(text)

    def fraction(self, value: float) -> str:
        if not math.isfinite(value):
            return str(value)
        return self.one_of(repr(value), f"{value:.17e}", f"{value:+.3e}")

    def number(self, value: int) -> str:
        ways = [str(value), f"{value:+d}", f"{value:_d}"]
        ways += [f"0x{value:x}", f"0x{value:X}", f"0o{value:o}", f"0b{value:b}"] if value >= 0 else []
        return self.one_of(*ways)

    def moment(self, value: datetime.date | datetime.time) -> str:
        written = value.isoformat()
        if isinstance(value, datetime.datetime):
            written = written.replace("T", self.one_of("T", "t", " "))
            written = written.replace("+00:00", self.one_of("Z", "z", "+00:00"))
        return written

    def array(self, value: list[object]) -> str:
        end = self.one_of("", ",") if value else ""
        return "[" + ",".join(self.gap() + self.value(item) + self.gap() for item in value) + end + self.gap() + "]"

    def inline(self, value: dict[str, object]) -> str:
        pairs = [self.gap() + pair + self.gap() for pair in self.pairs((), value)]
        return "{" + ",".join(pairs) + (self.one_of("", ",") if pairs else "") + self.gap() + "}"

    def pairs(self, above: tuple[str, ...], table: dict[str, object]) -> list[str]:
        """Write the keys of a table; what is in a table of tables may become dotted keys."""
        written: list[str] = []
        for name, value in table.items():
            if isinstance(value, dict) and value and self.chance():
                written += self.pairs((*above, name), value)
            else:
                written.append(f"{self.key(*above, name)}{self.space()}={self.space()}{self.value(value)}")
        return written

    def value(self, value: object) -> str:
        match value:
            case str():
                return self.text(value)
            case bool():
                return str(value).lower()
            case int() | float():
                return self.fraction(value) if isinstance(value, float) else self.number(value)
            case list():
                return self.array(value)
            case dict():
                return self.inline(value)
            case datetime.date() | datetime.time():
                return self.moment(value)
        raise AssertionError(value)

    def section(self, path: tuple[str, ...], table: dict[str, object]) -> str:
        """Write a table with the headers below it."""
        own: dict[str, object] = {}
        below: dict[str, object] = {}
        for name, value in table.items():
            is_many = isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)
            (below if (isinstance(value, dict) or is_many) and self.chance() else own)[name] = value
        body = "".join(self.space() + pair + self.end() for pair in self.pairs((), own))
        for name, value in below.items():
            inner = (*path, name)
            if isinstance(value, list):
                for item in value:
                    header = f"{self.space()}[[{self.space()}{self.key(*inner)}{self.space()}]]{self.end()}"
                    body += header + self.section(inner, item)
            else:
                assert isinstance(value, dict)
                content = self.section(inner, value)
                header = f"{self.space()}[{self.space()}{self.key(*inner)}{self.space()}]{self.end()}"
                is_implied = content.lstrip(" \t").startswith("[") and self.chance()
                body += content if is_implied else header + content
        return body


@st.composite
def toml(draw: st.DrawFn) -> str:
    """Return the text of a TOML document."""
    writer = Writer(draw(st.integers(0, 2**32)))
    text = "".join(writer.end() for _ in range(2)) + writer.section((), draw(tables))
    text = text.rstrip(" \t\n") if writer.chance() else text
    return text.replace("\n", "\r\n") if writer.chance() else text


@pytest.fixture(scope="session")
def documents() -> st.SearchStrategy[str]:
    return toml()
