"""Problems as data, for programs: JSON, and GitHub's workflow commands.

Owns what stands in them. What people read is drawn in `problems` and `problems_html`.
"""

import json
from collections.abc import Sequence

from declweb.problems import CODES, Place, Problem


def draw_github(problems: Sequence[Problem]) -> str:
    """Draw problems as workflow commands, which GitHub shows beside the lines of a pull request."""
    return "\n".join(_workflow_command(problem) for problem in problems)


def _workflow_command(problem: Problem) -> str:
    place = problem.place
    properties = {
        "file": place.file,
        "line": place.line,
        "col": place.column,
        "endColumn": place.end_column,
        "title": problem.code,
    }
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items() if value is not None)
    also = [f"also: {other.place} {other.note}".rstrip() for other in problem.also]
    lines = [problem.message, CODES[problem.code].why, *also, *([f"help: {problem.help}"] if problem.help else [])]
    return f"::{problem.severity} {written}::" + _data("\n".join(lines))


def _data(value: object) -> str:
    """Escape the message of a workflow command."""
    return str(value).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: object) -> str:
    """Escape a property of a workflow command."""
    return _data(value).replace(":", "%3A").replace(",", "%2C")


def draw_json(problems: Sequence[Problem]) -> str:
    """Draw problems for a program: a list of objects, one for each problem."""
    return json.dumps([_object(problem) for problem in problems], indent=2, ensure_ascii=False)


def _object(problem: Problem) -> dict[str, object]:
    return {
        "severity": problem.severity,
        "code": problem.code,
        "message": problem.message,
        "why": CODES[problem.code].why,
        **_position(problem.place),
        "also": [{**_position(other.place), "note": other.note} for other in problem.also],
        "help": problem.help,
    }


def _position(place: Place) -> dict[str, object]:
    return {
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "end_column": place.end_column,
        "text": place.text,
    }
