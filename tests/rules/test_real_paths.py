"""Links that lead back to themselves: they are no files, and nothing else."""

from pathlib import Path

import pytest

from declweb.loading import check_site


@pytest.mark.parametrize(
    "table",
    [
        '[data.a]\nfile = "loop.csv"',
        '[data.a]\ndatabase = "loop.csv"\nsql = "select 1 as a"',
        '[routes.a]\npath = "/a"\nfile = "loop.csv"',
        '[[static]]\npath = "/files"\nfolder = "loop.csv"',
        '[[tests]]\npost = "/"\nfiles = { a = "loop.csv" }',
    ],
)
def test_a_link_to_itself_is_a_problem_with_a_place(tmp_path: Path, table: str) -> None:
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    (tmp_path / "site.toml").write_text(f'[site]\nname = "A"\n{table}\n', "utf-8")
    problems = [problem for problem in check_site(tmp_path, {}) if problem.is_error]
    assert problems
    assert all(problem.place.line for problem in problems)
