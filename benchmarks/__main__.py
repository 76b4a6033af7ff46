"""`python -m benchmarks [--quick] [--write] [NAME …]`: measure, print the tables, and write them into docs/speed.md."""

import argparse
from pathlib import Path

from benchmarks.data import data
from benchmarks.files import files
from benchmarks.forms import forms
from benchmarks.hooks import hooks
from benchmarks.in_process import dynamic, prepared, routing, validating
from benchmarks.inbox import inbox
from benchmarks.over_http import pages
from benchmarks.redirects import redirects
from benchmarks.report import machine, summary, with_claims, with_sections, write
from benchmarks.report import written as written_before
from benchmarks.rounds import QUICK, THOROUGH
from benchmarks.servers import Neighbours
from benchmarks.starting import starting
from benchmarks.written import written

SECTIONS = {
    "pages": pages,
    "files": files,
    "prepared": prepared,
    "dynamic": dynamic,
    "hooks": hooks,
    "redirects": redirects,
    "written": written,
    "forms": forms,
    "inbox": inbox,
    "data": data,
    "starting": starting,
    "routing": routing,
    "validating": validating,
}
PAGE = Path(__file__).parent.parent / "docs" / "speed.md"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure declweb beside its peers.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(SECTIONS)}; all by default")
    parser.add_argument("--quick", action="store_true", help="a minute instead of ten, and figures that are less sure")
    parser.add_argument("--write", action="store_true", help=f"put the tables into {PAGE.name}")
    given = parser.parse_args()
    if unknown := set(given.names) - set(SECTIONS):
        parser.error(f"there is nothing called {', '.join(unknown)}")
    effort = QUICK if given.quick else THOROUGH
    found = []
    neighbours = Neighbours()
    for name in given.names or SECTIONS:
        section = SECTIONS[name](effort)
        print(section.markdown(), end="\n\n", flush=True)
        found.append(section)
    print(summary(found))
    busy = f"other programs kept {neighbours.cores:.2f} cores busy meanwhile"
    print(f"\n{machine()}\n- {busy}")
    if given.write:
        write(PAGE, "machine", f"{machine()}\n- {busy}")
        write(PAGE, "claims", with_claims(written_before(PAGE, "claims"), summary(found)))
        figures = "\n\n".join(section.markdown() for section in found)
        write(PAGE, "figures", with_sections(written_before(PAGE, "figures"), figures))


if __name__ == "__main__":
    main()
