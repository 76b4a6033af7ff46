"""A site that fails its own tests.

Owns when they are run while a site is served, and how a miss is told as a problem. Runs nothing for sites without any.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from declweb.problems import Problem
from declweb.serving.source import Source, Version

if TYPE_CHECKING:
    from declweb.app import App
    from declweb.trials import Change

FAILED = "failed-test"
PATIENCE = 10.0
"""Seconds that an answer may take while visitors wait for the edit."""


def tried(source: Source, version: Version, *, refuses: bool = False) -> Version:
    """Return a version with what its tests miss; where that `refuses` it, one that misses anything is no site."""
    if version.app is None or version.site is None or not version.site.tests:
        return version
    missed = tuple(_missed(source))
    if not missed:
        return version
    loaded = version.loaded
    if refuses:
        version.app.forget()
    app = None if refuses else loaded.app
    return replace(version, loaded=replace(loaded, app=app, problems=(*loaded.problems, *missed)))


def _missed(source: Source) -> Iterator[Problem]:
    from declweb.trials import NotLoaded, run  # noqa: PLC0415 # for sites with tests alone

    def load(change: "Change") -> "tuple[App | None, Sequence[Problem]]":
        again = source.load(change, is_rehearsed=True)
        return again.app, again.problems

    try:
        places = source.places()
        for result in run(load, source.folder, PATIENCE):
            for miss in result.misses:
                message = f"the test {result.trial.title} expects {miss.expected}, but there came {miss.came}"
                place = places(("tests", result.index, *miss.path))
                yield Problem(FAILED, message, place, help="mend the site, or the test where it is out of date")
    except NotLoaded as error:
        yield from error.problems
