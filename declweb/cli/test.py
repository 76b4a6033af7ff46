"""`declweb test`."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from declweb.app import App
from declweb.cli.terminal import CANNOT, refuse_site, say, site_argument
from declweb.problems import Place, Problem
from declweb.serving.source import Source
from declweb.sitefile import KeyPath
from declweb.trials import Change, NotLoaded, Result, run

EXAMPLE = '[[tests]]\nget = "/"\nstatus = 200\ncontains = "Welcome"'


@click.command()
@site_argument
@click.option("--env", metavar="NAME", help="The environment of the site file to use; production if it is there.")
def command(site: Path, env: str | None) -> None:
    """Run the tests that a site file declares.

    They ask the site as visitors do, in their order, on a store of its own that is thrown away; nothing is sent. Exits
    with 1 when an answer is not as expected, with 2 when the site cannot be loaded.
    """
    source = Source(site, env)

    is_rehearsed = False

    def load(change: Change) -> tuple[App | None, Sequence[Problem]]:
        nonlocal is_rehearsed
        version = source.load(change, is_rehearsed=is_rehearsed)
        is_rehearsed = True
        return version.app, version.problems

    held = missed = 0
    try:
        for result in run(load, source.folder):
            _report(result, source.places())
            held, missed = held + (not result.misses), missed + bool(result.misses)
    except NotLoaded as error:
        refuse_site(error.problems, source.file, CANNOT)
    if not held + missed:
        say(f"{source.file} declares no tests. One is written like this:\n\n{EXAMPLE}")
        return
    number = held + missed
    say(f"\n{number} test{'s' * (number > 1)}, {held} held, {missed} missed", "error" if missed else "")
    sys.exit(int(bool(missed)))


def _report(result: Result, place_of: Callable[[KeyPath], Place]) -> None:
    say(f"{'✗' if result.misses else '✓'} {result.trial.title}", "error" if result.misses else "")
    for miss in result.misses:
        place = place_of(("tests", result.index, *miss.path))
        say(f"    {place}", "place")
        if place.text is not None:
            say(f"      {place.text.strip()}", "margin")
        say(f"      expected: {miss.expected}")
        say(f"      came:     {miss.came}", "error")
