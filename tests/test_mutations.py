"""Every way to break a site is found at the right line, and every misspelling is put right."""

import os
import shutil
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from cases import copied
from coverage import Coverage
from mutations import Mutant, mutants, page_mutants, template_mutants
from werkzeug.security import generate_password_hash

from declweb.loading import check_site
from declweb.problems import Place, Problem

ROOT = Path(__file__).parent.parent
VARIABLES = {
    "ANNA_PASSWORD_HASH": generate_password_hash("a long password"),
    "OFFICE_PASSWORD_HASH": generate_password_hash("another long password"),
    "ORDER_HOOK": "https://till.blackbird.example/",
    "ORDER_HOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
}
"""What is set in the environment, so that nothing is left out."""
SITES = sorted(path.parent for folder in ("sites", "examples") for path in (ROOT / folder).glob("*/site.toml"))


SPARED = {"bakery": 5, "school": 37}
"""Sites of which every so manieth mutant is enough: each of them is checked with all of its rows."""


def _corpus() -> list[tuple[Path, Mutant]]:
    found: list[tuple[Path, Mutant]] = []
    for site in SITES:
        of_files = (mutant for file in sorted(site.glob("*.toml")) for mutant in mutants(site, file.name))
        every = [*of_files, *template_mutants(site), *page_mutants(site)]
        found += [(site, mutant) for mutant in every[:: SPARED.get(site.name, 1)]]
    return found


def judge(work: tuple[Path, Mutant, Path]) -> tuple[str, str | None]:
    """Return what became of a mutant: `found`, `valid`, or `missed` and why."""
    site, mutant, folder = work
    copy = copied(site, folder)
    for name, text in mutant.files.items():
        (copy / name).unlink() if text is None else (copy / name).write_text(text)
    problems = check_site(copy, VARIABLES)
    shutil.rmtree(copy)
    errors = [problem for problem in problems if problem.is_error]
    if not problems:
        return "valid", mutant.may_stay_valid
    here = [p for p in problems if any((_short(place, copy), place.line) in mutant.lines for place in _places(p))]
    if not here and not errors and mutant.may_stay_valid:
        return "valid", mutant.may_stay_valid
    said = "; ".join(f"{p.place.line}:{p.place.column} {p.code} {p.message} | {p.help}" for p in problems)
    if not here:
        return "missed", f"expected {sorted(mutant.lines)}: {said}"
    if mutant.suggestion and not any(f"`{mutant.suggestion}`" in (p.help or "") for p in here):
        return "missed", f"expected `{mutant.suggestion}` to be suggested: {said}"
    return "found", None


def _places(problem: Problem) -> list[Place]:
    """Return every place that a problem shows: of two that clash, the mutant may be either."""
    return [problem.place, *(other.place for other in problem.also)]


def _short(place: Place, folder: Path) -> str:
    return Path(place.file).relative_to(folder).as_posix()


def _uncounted() -> None:
    """Stop counting coverage: what a thousand broken sites run through, other tests count."""
    counting = Coverage.current()
    if counting is not None:
        counting.stop()


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, str | None]]:
    folder = tmp_path_factory.mktemp("mutants")
    work = []
    for index, (site, mutant) in enumerate(_corpus()):
        (folder / str(index)).mkdir()
        work.append((site, mutant, folder / str(index)))
    with ProcessPoolExecutor(os.cpu_count(), initializer=_uncounted) as pool:
        results = list(pool.map(judge, work, chunksize=20))
    return {f"{site.name}: {mutant.name}": result for (site, mutant, _), result in zip(work, results, strict=True)}


def test_the_corpus_is_large(verdicts: dict[str, tuple[str, str | None]]) -> None:
    assert sum(verdict == "found" for verdict, _ in verdicts.values()) >= 500


def test_no_mutant_is_missed(verdicts: dict[str, tuple[str, str | None]]) -> None:
    missed = {name: why for name, (verdict, why) in verdicts.items() if verdict == "missed"}
    assert not missed, "\n".join(f"{name}: {why}" for name, why in missed.items())


def test_mutants_that_stay_valid_have_a_reason(verdicts: dict[str, tuple[str, str | None]]) -> None:
    unexplained = [name for name, (verdict, why) in verdicts.items() if verdict == "valid" and not why]
    assert not unexplained, "\n".join(unexplained)


def test_every_site_is_fine_as_it_is() -> None:
    assert SITES
    for site in SITES:
        assert check_site(site, VARIABLES) == ()
