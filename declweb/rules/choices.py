"""`choices_from`: the rows of a file of data as what can be chosen in a form.

Owns how rows become choices, once for each site: whoever looks at a form after that finds its choices filled in, as if
they stood in the site file. Knows no visitor.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from declweb.data.dataset import Column, Dataset
from declweb.data.selecting import Order, matching, ordered
from declweb.data.values import spoken
from declweb.data.views import condition
from declweb.model import FormField
from declweb.model.choices_from import ChoicesFrom
from declweb.model.field_checks import choice_meant, strangers
from declweb.model.field_values import ChoiceTable
from declweb.model.texts import CellTranslations
from declweb.problems import Problem
from declweb.rules.base import Rule, Subject, made_once
from declweb.rules.data import find_dataset, unknown_column, wrong_question
from declweb.sitefile import KeyPath

LABELS = frozenset({"text", "url", "email", "integer"})
"""The types of columns that can be read."""
VALUES = LABELS | {"date", "time"}
"""The types of columns whose cells are written in one way only."""
SHOWN = 3
"""Values that are listed where several are wrong."""
_LINES = re.compile("[\\0\\r\\n]")

Choices = Mapping[str, ChoiceTable]


@dataclass(frozen=True, slots=True)
class Found:
    """What can be chosen in a field, or why nobody knows."""

    choices: Choices
    problems: tuple[Problem, ...] = ()


def with_choices(subject: Subject) -> Subject:
    """Return a subject in which choices of data stand in their fields; those that cannot be had count as broken."""
    found = chosen(subject)
    if not found:
        return subject
    draft, forms = subject.draft, dict(subject.site.forms)
    for (name, word), each in found.items():
        field = forms[name].fields[word].model_copy(update={"choices": dict(each.choices) or None})
        forms[name] = forms[name].model_copy(update={"fields": {**forms[name].fields, word: field}})
    lost = [key for key, each in found.items() if not each.choices]
    broken: set[KeyPath] = {("forms", name, "fields", word, "choices_from") for name, word in lost}
    site = draft.site.model_copy(update={"forms": forms})
    return replace(subject, draft=replace(draft, site=site, broken=draft.broken | broken))


@made_once
def chosen(subject: Subject) -> Mapping[tuple[str, str], Found]:
    """Return what can be chosen in each field with choices of data, by form and field."""
    return {
        (name, word): _found(("forms", name, "fields", word), field, field.choices_from, subject)
        for name, form in subject.site.forms.items()
        for word, field in form.fields.items()
        if field.choices_from is not None and field.choices is None
    }


def wrong_choices(subject: Subject) -> Iterator[Problem]:
    """Choices come from data that there is not, or from rows that cannot be told apart."""
    for found in chosen(subject).values():
        yield from found.problems


def _found(path: KeyPath, field: FormField, asked: ChoicesFrom, subject: Subject) -> Found:
    key = (*path, "choices_from")
    known = find_dataset(asked.data, (*key, "data"), subject)
    if known is None or isinstance(known, Problem):
        return Found({}, (known,) if known else ())
    if known.changes:
        what = f"the rows of `{asked.data}` may change while somebody chooses, and choices are fixed"
        hint = "write a dataset with `file`: when the file changes, so do the choices"
        return Found({}, (subject.problem("unfit-choices", what, (*key, "data"), help=hint),))
    problems = list(wrong_question(asked, key, set(), "a form", subject))
    if isinstance(known.made, Dataset):
        problems += _wrong_columns(known.made, asked, key, subject)
    if problems or not isinstance(known.made, Dataset) or any(each.is_error for each in known.problems):
        return Found({}, tuple(problems))
    rows = _rows(known.made, asked)
    if not rows and subject.site.forms[str(path[1])].off:
        return Found({})
    problems += _wrong_rows(known.made, rows, asked, key, subject)
    if problems:
        return Found({}, tuple(problems))
    choices = choices_of(known.made, rows, asked)
    filled = field.model_copy(update={"choices": choices})
    return Found(choices, tuple(_wrong_defaults(filled, (*path, "default"), subject)))


# --- columns ----------------------------------------------------------------------------------------------------------


def _wrong_columns(dataset: Dataset, asked: ChoicesFrom, key: KeyPath, subject: Subject) -> Iterator[Problem]:
    """Yield what is wrong with the columns that are named."""
    wrong_values = list(_wrong_column(dataset, asked.value, VALUES, (*key, "value"), subject))
    yield from wrong_values
    if not wrong_values and not _tells_apart(dataset.column(asked.value)):
        what = f"nothing says that column `{asked.value}` of `{asked.data}` tells the rows apart"
        hint = f"write {asked.value} = {{ key = true }} in `columns` of [data.{asked.data}]"
        yield subject.problem("unfit-choices", what, (*key, "value"), help=hint)
    if isinstance(asked.label, dict):
        for language, name in asked.label.items():
            yield from _wrong_column(dataset, name, LABELS, (*key, "label", language), subject)
    elif asked.label is not None:
        yield from _wrong_column(dataset, asked.label, LABELS, (*key, "label"), subject)
    if asked.places is not None:
        yield from _wrong_column(dataset, asked.places, frozenset({"integer"}), (*key, "places"), subject)


def _tells_apart(column: Column) -> bool:
    return column.is_key or (column.is_unique and column.is_required)


def _wrong_column(
    dataset: Dataset, name: str, types: frozenset[str], key: KeyPath, subject: Subject
) -> Iterator[Problem]:
    if name not in dataset.names:
        yield unknown_column(dataset, name, key, subject)
        return
    type_ = dataset.column(name).type
    if type_ not in types:
        kinds = {"places": "a whole number", "value": "a text, a whole number or a day", "label": "a text"}
        wanted = kinds["label" if "label" in key else str(key[-1])]
        what = f"a cell of column `{name}` is {spoken(type_)}, and {wanted} is needed here"
        hint = f'write {name} = "{"integer" if types == {"integer"} else "text"}" in `columns` of [data.{dataset.name}]'
        yield subject.problem("unfit-choices", what, key, help=hint)


# --- rows -------------------------------------------------------------------------------------------------------------


def _rows(dataset: Dataset, asked: ChoicesFrom) -> Sequence[int]:
    """Return the rows that can be chosen."""
    conditions = [condition(dataset, name, value) for name, value in asked.where.items()]
    return ordered(dataset, matching(dataset, conditions), [Order.of(word) for word in asked.order])


def _wrong_rows(
    dataset: Dataset, rows: Sequence[int], asked: ChoicesFrom, key: KeyPath, subject: Subject
) -> Iterator[Problem]:
    """Yield what is wrong with what stands in the rows."""
    if not rows:
        what = f"`{asked.data}` has no row{' of which this holds' * bool(asked.where)}, so nothing can be chosen"
        hint = "switch the form off with `off = true` until there is one"
        yield subject.problem("unfit-choices", what, (*key, "where" if asked.where else "data"), help=hint)
    values = [str(dataset.cells[asked.value][row]) for row in rows]
    at = (*key, "value")
    if odd := [value for value in values if value != value.strip() or _LINES.search(value)]:
        what = f"browsers do not send these as they are, but without blanks and line breaks: {_listed(odd)}"
        yield subject.problem("unfit-choices", what, at, help="take them out in the file, or choose another column")
    if alike := _alike(values):
        what = f"values are alike but for the case of letters: {_listed(alike)}"
        yield subject.problem("unfit-choices", what, at, help="tell them apart in the file")
    places: Sequence[Any] = dataset.cells[asked.places] if asked.places is not None else [None] * len(dataset)
    if negative := [value for value, row in zip(values, rows, strict=True) if (places[row] or 0) < 0]:
        what = f"there cannot be less than no places: {_listed(negative)}"
        yield subject.problem("unfit-choices", what, (*key, "places"), help="write 0 for what is sold out")


def _alike(values: Sequence[str]) -> list[str]:
    """Return values that are another one but for the case of letters."""
    firsts: dict[str, str] = {}
    return [value for value in values if firsts.setdefault(value.casefold(), value) != value]


def _listed(values: Sequence[str]) -> str:
    more = f" and {len(values) - SHOWN} more" if len(values) > SHOWN else ""
    return ", ".join(f"`{value}`" for value in values[:SHOWN]) + more


def _wrong_defaults(field: FormField, key: KeyPath, subject: Subject) -> Iterator[Problem]:
    if field.default is None or (isinstance(field.default, list) and field.type != "checkboxes"):
        return
    for one in strangers(field, field.default):
        what = f"`{one}` is none of the choices"
        yield subject.problem("unknown-word", what, key, word=str(one), help=choice_meant(field, one))


# --- choices ----------------------------------------------------------------------------------------------------------


def choices_of(dataset: Dataset, rows: Sequence[int], asked: ChoicesFrom) -> dict[str, ChoiceTable]:
    """Return what rows are as choices: value = label and places."""
    found = {}
    for row in rows:
        value = str(dataset.cells[asked.value][row])
        places: Any = dataset.cells[asked.places][row] if asked.places is not None else None
        found[value] = ChoiceTable.model_construct(label=_label(dataset, row, asked, value), places=places)
    return found


def _label(dataset: Dataset, row: int, asked: ChoicesFrom, value: str) -> str | CellTranslations:
    if not isinstance(asked.label, dict):
        cell = dataset.cells[asked.label][row] if asked.label is not None else None
        return value if cell is None else str(cell)
    cells = {language: dataset.cells[name][row] for language, name in asked.label.items()}
    written = {language: str(cell) for language, cell in cells.items() if cell is not None}
    return CellTranslations(written) if written else value


RULES: tuple[Rule, ...] = (wrong_choices,)
