"""100,000 redirects: what loading and keeping them costs, and what finding one of them does.

`python -m benchmarks.redirects SITE` loads a site in a fresh process and prints seconds and MB.
"""

import gc
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.calls import caller
from benchmarks.in_process import microseconds
from benchmarks.report import Claim, Figure, Section
from benchmarks.rounds import Effort, Series, alternate
from benchmarks.servers import DEADLINE, environment, memory
from benchmarks.sites import load, old_address, write_redirects, write_redirects_csv

MANY = 100_000
FEW = 10
ASKED = 2000
"""How many different ones are asked for in turn, so that none stays in the processor's cache."""
WRITERS = {"[redirects]": write_redirects, "a CSV file": write_redirects_csv}


def redirects(effort: Effort) -> Section:
    """Load sites with many redirects, each in a fresh process, then ask for some."""
    section = Section(f"{MANY:,} redirects")
    with tempfile.TemporaryDirectory() as folder:
        sites = {name: write(Path(folder, str(number)), MANY) for number, (name, write) in enumerate(WRITERS.items())}
        told: dict[str, list[dict[str, float]]] = {name: [] for name in sites}
        alternate({name: _loading(site, told[name]) for name, site in sites.items()}, effort.loads)
        for name, each in told.items():
            seconds, spent, most, kept, empty = (
                Series(tuple(one[key] for one in each)) for key in ("seconds", "spent", "most", "kept", "empty")
            )
            section.claims.extend(
                [
                    Claim(f"{MANY:,} redirects in {name}: loaded and validated", spent.median, "s", most=3),
                    Claim(f"{MANY:,} redirects in {name}: memory at the most", most.median, "MB", most=150),
                    Claim(f"{MANY:,} redirects in {name}: memory afterwards", kept.median, "MB", most=150),
                ]
            )
            section.figures.extend(
                [
                    Figure(f"{name}: processor time", spent, "s", f"{seconds.median:.2f} s on the clock"),
                    Figure(f"{name}: memory at the most", most, "MB"),
                    Figure(f"{name}: memory afterwards", kept, "MB", f"{empty.median:.0f} MB of it before loading"),
                ]
            )
        many = load(sites["[redirects]"])
        few = load(write_redirects(Path(folder, "few"), FEW))
    found = microseconds(
        {
            f"one of {MANY:,}": caller(many, *(old_address(n * (MANY // ASKED)) for n in range(ASKED))),
            f"one of {FEW}": caller(few, *(old_address(n % FEW) for n in range(ASKED))),
        },
        effort.batches,
    )
    among_many, among_few = found.values()
    section.claims.append(
        Claim(f"look-up among {MANY:,} redirects, beside {FEW}", among_many.over(among_few), most=1.1)
    )
    section.figures.extend(Figure(f"answer to {name}", series, "µs") for name, series in found.items())
    return section


def _loading(site: Path, told: list[dict[str, float]]) -> Callable[[], float]:
    def load_once() -> float:
        command = (sys.executable, "-m", "benchmarks.redirects", str(site))
        done = subprocess.run(
            command, env=environment(), check=True, capture_output=True, text=True, timeout=DEADLINE * 4
        )
        told.append(json.loads(done.stdout))
        return told[-1]["seconds"]

    return load_once


def _measure(site: Path) -> dict[str, float]:
    """Load a site in this process; return seconds, and MB before, at the most, and afterwards."""
    import declweb.loading  # noqa: F401, PLC0415 - importing it is not loading

    empty = memory("self", "VmRSS")
    start, spent = time.perf_counter(), time.process_time()
    app = load(site)
    seconds, spent = time.perf_counter() - start, time.process_time() - spent
    gc.collect()
    assert app.name == "Moved"
    most, kept = memory("self", "VmHWM"), memory("self", "VmRSS")
    return {"seconds": seconds, "spent": spent, "empty": empty, "most": most, "kept": kept}


if __name__ == "__main__":
    print(json.dumps(_measure(Path(sys.argv[1]))))
