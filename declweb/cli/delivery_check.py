"""What `declweb check --deliver` says.

Owns how findings are drawn beside the lines of the site file, in which no secret is shown. What is tried out is
`delivery`'s business.
"""

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from ipaddress import ip_address

import click

from declweb.cli.terminal import has_colours, refuse
from declweb.delivery.findings import Finding
from declweb.problems import Place, Problem, painted, visible
from declweb.sitefile import KeyPath

MARKS = {True: ("ok", "help"), False: ("?", "warning")}
"""What stands before a finding that is no problem: whether it was answered."""

PLAIN = frozenset({"smtp://", "smtps://", "sqlite://"})
"""What begins an address in which nothing behind the host is a secret."""

_URL = re.compile(r"([a-z][a-z0-9+]*://)(?:[^\s\"'@/]*@)?([^\s\"'@/?#]*)([^\s\"']*)", re.IGNORECASE)
_SECRET = re.compile(r"(\bsecret\s*=\s*)(.+)$")


def name_server(text: str | None) -> tuple[str, int] | None:
    """Return the address and the port of a name server; ends the program where it is none."""
    if text is None:
        return None
    found = re.fullmatch(r"(?:\[([^\]]+)\]|([^:]+)|(.+))(?::(\d{1,5}))?", text)
    host, port = (text, "53") if found is None else (next(filter(None, found.groups()[:3])), found[4] or "53")
    try:
        return str(ip_address(host)), int(port)
    except ValueError:
        refuse(f"`{visible(text)}` is no address of a name server; such as --dns 9.9.9.9, or --dns 127.0.0.1:5353")


def problems_of(findings: Iterable[Finding], places: Callable[[KeyPath], Place]) -> tuple[Problem, ...]:
    """Return the findings that are problems, with the places of what they hang on."""
    return tuple(
        Problem(each.code, each.message, masked(places(each.path)), help=each.help)
        for each in findings
        if each.code is not None
    )


def lines_of(findings: Sequence[Finding]) -> list[str]:
    """Return a line for each finding that is no problem."""
    fine = [each for each in findings if each.code is None]
    width = max((len(each.subject) for each in fine), default=0)
    return [_line(each, width) for each in fine]


def _line(finding: Finding, width: int) -> str:
    mark, role = MARKS[finding.is_known]
    shown = painted(f"{mark:2}", role) if has_colours(sys.stdout) else f"{mark:2}"
    help_ = f"; {finding.help}" if finding.help else ""
    return f"{shown}  {finding.subject:{width}}  {visible(finding.message)}{help_}"


def masked(place: Place) -> Place:
    """Return a place whose line shows no password, and of a web address only where it leads."""
    if place.text is None or place.column is None:
        return place
    start, end = place.column - 1, (place.end_column or place.column + 1) - 1
    parts = (place.text[:start], place.text[start:end], place.text[end:])
    before, marked, after = (_without_secrets(part) for part in parts)
    column = len(before) + 1
    return replace(place, text=before + marked + after, column=column, end_column=column + max(len(marked), 1))


def _without_secrets(text: str) -> str:
    return _SECRET.sub(r"\1…", _URL.sub(_shown, text))


def _shown(found: re.Match[str]) -> str:
    scheme, host, rest = found.groups()
    user = "…@" if "@" in found[0].removesuffix(rest) else ""
    is_plain = len(rest) <= 1 or (scheme.lower() in PLAIN and "@" not in rest)
    return f"{scheme}{user}{host}{rest if is_plain else '/…'}"


def summary(findings: Sequence[Finding]) -> str:
    """Return how much of it works."""
    fine = sum(each.code is None and each.is_known for each in findings)
    return (
        f"{fine} of {len(findings)} things that were tried out are fine"
        if findings
        else "nothing to try out: there are no forms"
    )


def say_lines(findings: Sequence[Finding]) -> None:
    """Write what works."""
    if lines := lines_of(findings):
        click.echo("\n".join(["", *lines]))
