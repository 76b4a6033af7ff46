"""Whole outputs of commands, as a person sees them: tests/rendered/*.txt, each below its command.

With DECLWEB_RENDER_ANEW set they are written anew; look at the difference before you keep it.
"""

import os
import shlex
from pathlib import Path

import pytest
from cases import copied
from click.testing import CliRunner

from declweb.cli import main

FOLDER = Path(__file__).parent / "rendered"
BAKERY = Path(__file__).parents[1] / "sites" / "bakery"
CASES = sorted(FOLDER.glob("*.txt"))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_output_is_as_it_was(case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied(FOLDER / "broken", tmp_path)
    copied(FOLDER / "missed", tmp_path)
    copied(BAKERY, tmp_path / "sites")
    monkeypatch.chdir(tmp_path)
    command, _, expected = case.read_text(encoding="utf-8").partition("\n")
    result = CliRunner().invoke(main, shlex.split(command.removeprefix("$ declweb ")), prog_name="declweb")
    output = f"{result.output}(ends with {result.exit_code})\n"
    if os.environ.get("DECLWEB_RENDER_ANEW"):
        case.write_text(f"{command}\n{output}", encoding="utf-8")
    assert output == expected


def test_every_file_is_read() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {*(case.name for case in CASES), "broken", "missed"}
    assert all(case.read_text(encoding="utf-8").startswith("$ declweb ") for case in CASES)
