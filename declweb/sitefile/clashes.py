"""What is declared twice in a site file, and the words for it.

Owns one row for each two sorts of things that cannot both be there.
"""

from typing import NamedTuple

from declweb.sitefile.assembly import New
from declweb.sitefile.spans import Kind


class Doubled(NamedTuple):
    """What is said when something cannot stand beside what is there already."""

    code: str
    message: str
    help: str


_HAS_VALUE = Doubled("doubled-key", "`{name}` has a value already", "put the keys into it, or delete it")

_IS_TABLE = Doubled("doubled-key", "`{name}` is a table already", "write its keys there, or give one another name")

_MIXED = Doubled(
    "mixed-brackets",
    "{name} has two brackets here and one elsewhere",
    "write two where there can be many, and one where there is only one",
)

CLASHES: dict[tuple[New, Kind], Doubled] = {
    ("table", Kind.TABLE): Doubled(
        "doubled-table", "[{name}] stands twice", "write its keys below the first, or give this one another name"
    ),
    ("table", Kind.DOTTED): Doubled(
        "doubled-table", "[{name}] has keys already, written as {name}.key", "write these keys the same way"
    ),
    ("table", Kind.LIST): Doubled(
        "mixed-brackets", "[{name}] has one bracket here and two elsewhere", "write [[{name}]] for one more"
    ),
    ("table", Kind.VALUE): _HAS_VALUE,
    ("item", Kind.TABLE): _MIXED,
    ("item", Kind.PART): _MIXED,
    ("item", Kind.DOTTED): _MIXED,
    ("item", Kind.VALUE): _HAS_VALUE,
    ("pair", Kind.VALUE): Doubled("doubled-key", "`{name}` stands twice in one table", "delete one of the two"),
    ("pair", Kind.TABLE): _IS_TABLE,
    ("pair", Kind.PART): _IS_TABLE,
    ("pair", Kind.DOTTED): _IS_TABLE,
    ("pair", Kind.LIST): _IS_TABLE,
}
"""What is new, and what it finds in its place."""
