"""Sites that do not work, and what is said of them: tests/rejected/*.toml."""

from pathlib import Path

import pytest
from cases import Rejected, rejected, write

from declweb.loading import check_site
from declweb.problems import CODES, Problem

SAID_BY_COMMANDS = {
    "distrusted-mail", "failed-test", "failing-mail", "failing-storage", "failing-webhook", "little-space",
    "unknown-environment",
    "unreadable-site",
}  # fmt: skip
"""What is not wrong with a site, but with what a command was told, or found when it tried things out."""

FOLDER = Path(__file__).parent / "rejected"
CASES = sorted(FOLDER.glob("*.toml"))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_everything_wrong_is_said(case: Path, tmp_path: Path) -> None:
    site = rejected(case.read_bytes().decode())
    write(tmp_path, site.files)
    found = check_site(tmp_path, {})
    said = [(_short(p, tmp_path), p.place.line, p.place.column, p.code) for p in found]
    expected = [(e.file, e.line, e.column, e.code) for e in site.expected]
    assert sorted(said, key=str) == sorted(expected, key=str), "\n".join(
        f"{p.place} {p.code} {p.message}" for p in found
    )
    assert not _unsaid(site, found, tmp_path)


def _short(problem: Problem, folder: Path) -> str:
    return Path(problem.place.file).relative_to(folder).as_posix()


def _unsaid(site: Rejected, found: tuple[Problem, ...], folder: Path) -> list[str]:
    """Return expected words that no problem at their place has."""
    return [
        e.words
        for e in site.expected
        if not any(
            (p.place.line, p.place.column, p.code) == (e.line, e.column, e.code)
            and _short(p, folder) == e.file
            and e.words in f"{p.message} {p.help or ''}"
            for p in found
        )
    ]


def test_every_code_has_a_case() -> None:
    covered = {e.code for case in CASES for e in rejected(case.read_bytes().decode()).expected}
    assert set(CODES) - covered == SAID_BY_COMMANDS


def test_twenty_mistakes_are_twenty_problems() -> None:
    expected = rejected((FOLDER / "twenty-mistakes.toml").read_bytes().decode()).expected
    assert len(expected) == 20
    assert len({(e.file, e.line) for e in expected}) >= 19
    assert len({e.code for e in expected}) >= 15
    assert sum("did you mean" in e.words for e in expected) >= 7
