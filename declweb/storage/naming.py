"""Names for files that visitors named: such that every disk takes them, and none leads anywhere else."""

import re

LONGEST = 200
"""Bytes of a file's name that every file system takes."""


UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Signs that no disk takes, that steer a terminal, or that make a name look like another one."""
_FORBIDDEN = re.compile(r'[/\\:*?"<>|]')


def bare_name(name: str, otherwise: str, instead: str = "") -> str:
    """Return a name without signs that nobody sees, which is neither hidden nor empty."""
    return UNSEEN.sub(instead, name).strip(" .") or otherwise


def free_name(name: str, otherwise: str, taken: set[str]) -> str:
    """Return a name that is one on every disk: no path, nothing hidden, not too long, and not taken yet; take it."""
    proper = bare_name(_FORBIDDEN.sub("_", name), otherwise, "_")
    stem, dot, ending = proper.rpartition(".")
    stem, ending = (stem, f"{dot}{ending}") if stem and len(ending) < 20 else (proper, "")  # .tar.gz and the like
    room = LONGEST - len(ending.encode())
    stem = stem.encode()[:room].decode(errors="ignore")
    found, number = f"{stem}{ending}", 1
    while found.casefold() in taken:
        number += 1
        found = f"{stem} ({number}){ending}"
    taken.add(found.casefold())
    return found
