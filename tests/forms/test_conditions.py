"""Conditions: what they mean on the server, and that the served script means the same."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
from asking import form_of
from outside import found

from declweb.forms.conditions import Conditions, compiled, holds, holds_for_entry, normal
from declweb.forms.questions import questions
from declweb.forms.script import script

FIELDS = """
text = { label = "Text" }
number = { label = "Number", type = "number" }
whole = { label = "Whole", type = "integer" }
day = { label = "Day", type = "date" }
clock = { label = "Clock", type = "time" }
moment = { label = "Moment", type = "datetime" }
choice = { label = "Choice", type = "radio", choices = ["a", "b", "c"] }
many = { label = "Many", type = "checkboxes", choices = ["a", "b", "c"] }
box = { label = "Box", type = "checkbox" }
file = { label = "File", type = "file" }
"""
TYPES = {each.name: each.type for each in questions(form_of(FIELDS), "en")}

HOLDING: list[tuple[Mapping[str, Any], Mapping[str, Sequence[str]], bool]] = [
    ({"choice": "a"}, {"choice": ["a"]}, True),
    ({"choice": "a"}, {"choice": ["b"]}, False),
    ({"choice": "a"}, {}, False),
    ({"choice": ["a", "b"]}, {"choice": ["b"]}, True),
    ({"many": "a"}, {"many": ["b", "a"]}, True),
    ({"many": ["a", "c"]}, {"many": ["b"]}, False),
    ({"box": True}, {"box": ["on"]}, True),
    ({"box": True}, {}, False),
    ({"box": False}, {}, True),
    ({"text": True}, {"text": [" \u3000 "]}, False),
    ({"text": True}, {"text": ["x"]}, True),
    ({"text": False}, {"text": ["x"]}, False),
    ({"file": True}, {"file": ["a.png"]}, True),
    ({"whole": 8}, {"whole": [" 08 "]}, True),
    ({"whole": [8, 9]}, {"whole": ["9"]}, True),
    ({"number": 2.5}, {"number": ["2,50"]}, True),
    ({"number": 0}, {"number": ["-0.0"]}, True),
    ({"clock": "14:30"}, {"clock": ["14:30:00"]}, True),
    ({"moment": "2026-12-24T14:30"}, {"moment": ["2026-12-24 14:30:00.000"]}, True),
    ({"choice": "a", "box": True}, {"choice": ["a"]}, False),
    ({"choice": "a", "box": True}, {"choice": ["a"], "box": ["1"]}, True),
]


@pytest.mark.parametrize(("condition", "answers", "expected"), HOLDING)
def test_condition_holds(condition: Mapping[str, Any], answers: Mapping[str, Sequence[str]], expected: bool) -> None:
    assert holds(compiled(condition, TYPES), answers) is expected


@pytest.mark.parametrize(
    ("condition", "values", "expected"),
    [
        ({"cake": "own"}, {"cake": "own"}, True),
        ({"cake": "own"}, {}, False),
        ({"people": [8, 9]}, {"people": 9}, True),
        ({"box": True}, {"box": False}, False),
        ({"many": "a"}, {"many": ["b", "a"]}, True),
        ({"number": 2.5}, {"number": "2.50"}, True),
        (None, {}, True),
    ],
)
def test_a_send_waits_for_what_is_stored(condition: Any, values: Mapping[str, Any], expected: bool) -> None:
    types = {"cake": "radio", "people": "integer", "box": "checkbox", "many": "checkboxes", "number": "number"}
    assert holds_for_entry(condition, values, types) is expected


def test_what_is_not_shown_shows_nothing_else() -> None:
    conditions = Conditions.of(
        questions(
            form_of(
                "a = { label = 'A' }\n"
                "b = { label = 'B', show_when = { a = 'x' } }\n"
                "c = { label = 'C', show_when = { b = true } }\n"
                "d = { label = 'D', show_when = { b = false } }"
            ),
            "en",
        )
    )
    assert conditions.visible({"a": ["x"], "b": ["1"], "c": [], "d": []}).keys() == {"a", "b", "c"}
    assert conditions.visible({"a": ["y"], "b": ["1"], "c": [], "d": []}).keys() == {"a", "d"}


# --- the script -------------------------------------------------------------------------------------------------------

SEED = 20261122
CASES = 3000
TEXTS = (
    "a",
    "b",
    "c",
    "8",
    " 08 ",
    "+8",
    "-8",
    "2.5",
    "2,50",
    "02.500",
    ".5",
    "5.",
    "-0",
    "-0.0",
    "+",
    ".",
    "1.2.3",
    "on",
    "",
    " ",
    "\r\n",
    "a\rb",
    "a\r\nb",
    "x\ny",
    "\ufeff",
    "\u0085",
    "\u3000a\u2028",
    "\x1c",
    "14:30",
    "14:30:00",
    "14:30:00.",
    "14:30:00.000",
    "14:30:01",
    "2026-12-24",
    "2026-12-24 14:30",
    "2026-12-24T14:30:00",
    "\n14:30:00",
    "é",
    "\U0001f382",
)
WANTED = ("a", "b", "8", 8, 0, 2.5, -1, True, False, "14:30", "2026-12-24", "2026-12-24T14:30", "x\ny")


def _condition(random: Random) -> dict[str, Any]:
    names = random.sample(list(TYPES), random.randint(1, 3))
    return {name: random.choice((random.choice(WANTED), random.sample(WANTED, random.randint(1, 3)))) for name in names}


def _case(random: Random) -> tuple[Any, Any, Any]:
    shown = {name: _condition(random) for name in random.sample(list(TYPES), random.randint(0, 5))}
    answers = {
        name: [random.choice(TEXTS) for _ in range(random.randint(0, 3))]
        for name in random.sample(list(TYPES), random.randint(0, len(TYPES)))
    }
    return _condition(random), shown, answers


_RUNNER = """
const { normal, holds, visible } = require(process.argv[1]);
for (const line of require("fs").readFileSync(0, "utf8").split("\\n").filter(Boolean)) {
  const { tests, show, answers, texts } = JSON.parse(line);
  console.log(JSON.stringify({
    holds: holds(tests, answers),
    visible: Object.keys(visible(show, answers)).sort(),
    texts: texts.map(([type, text]) => normal(type, text)),
  }));
}
"""


def test_the_script_means_the_same() -> None:
    random = Random(SEED)
    cases = [_case(random) for _ in range(CASES)]
    asked, expected = [], []
    for condition, shown, answers in cases:
        tests = compiled(condition, TYPES)
        show = {name: compiled(each, TYPES) for name, each in shown.items()}
        texts = [(TYPES[name], text) for name, each in answers.items() for text in each]
        asked.append({"tests": tests, "show": show, "answers": answers, "texts": texts})
        expected.append(
            {
                "holds": holds(tests, answers),
                "visible": sorted(Conditions(show, {}).visible(answers)),
                "texts": [normal(*each) for each in texts],
            }
        )
    assert _run(asked) == expected
    assert {each["holds"] for each in expected} == {True, False}


def _run(cases: list[dict[str, Any]]) -> list[Any]:
    lines = "\n".join(json.dumps(case) for case in cases)
    file = Path(_SCRIPT)
    done = subprocess.run(
        [found("node"), "-e", _RUNNER, str(file)], input=lines, capture_output=True, text=True, check=True, timeout=60
    )
    return [json.loads(line) for line in done.stdout.rstrip("\n").split("\n")]


_SCRIPT = Path(__file__).parents[2] / "declweb" / "forms" / "served" / "form.js"


def test_the_script_of_the_package_is_the_one_that_is_tried() -> None:
    assert script().body == _SCRIPT.read_bytes()
