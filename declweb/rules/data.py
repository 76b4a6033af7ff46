"""`[data.NAME]`: what is wrong with files of data, and with what is asked of them.

Owns what each dataset is before the first request: the rows of a file as they are, those of a form and of a database
as their columns. Knows no template.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from declweb.data.csv_files import without_column
from declweb.data.dataset import Column, Dataset, Document
from declweb.data.reading import read_data
from declweb.data.selecting import Order
from declweb.data.values import Reading
from declweb.data.views import fitting
from declweb.files import real_path
from declweb.model import Data, FormField, Items
from declweb.model.choices_from import ChoicesFrom
from declweb.model.data import ENDINGS
from declweb.model.urls import BadVariable, Variable, parse, variables
from declweb.problems import Also, Problem, suggestion
from declweb.rules.base import Rule, Subject, made_once
from declweb.sitefile import KeyPath

MANY = 2_000
"""Files of a site folder that are looked at for one with a similar name."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a dataset before the first request."""

    made: Dataset | Document | None
    """None where it cannot be read, or only when it is asked for."""
    problems: tuple[Problem, ...] = ()
    changes: bool = False
    """Whether it may be another one with each request; what is known of it are its columns then."""
    params: Mapping[str, str] = field(default_factory=dict)
    """The parameters that it must be given, with their types."""


@made_once
def datasets(subject: Subject) -> Mapping[str, Known]:
    """Return what is known of each dataset that is declared well."""
    return {
        name: _known(name, data, subject)
        for name, data in subject.site.data.items()
        if not subject.draft.is_broken("data", name)
    }


def _known(name: str, data: Data, subject: Subject) -> Known:
    if data.form is not None:
        columns = columns_of_form(data, subject)
        return Known(Dataset(name, columns, {column.name: () for column in columns}), changes=True)
    if data.database is not None:
        from declweb.rules.sql import columns_of_query  # noqa: PLC0415 # few sites have a database

        columns, problems = columns_of_query(name, data, subject)
        made = Dataset(name, columns, dict.fromkeys((each.name for each in columns), ())) if columns else None
        return Known(made, tuple(problems), changes=True, params=data.params)
    return _of_file(name, data, subject)


def _of_file(name: str, data: Data, subject: Subject) -> Known:
    assert data.file is not None
    key: KeyPath = ("data", name, "file")
    if not data.file.lower().endswith(ENDINGS):
        listed = ", ".join(ENDINGS)
        hint = "save the spreadsheet as CSV, in UTF-8" if data.file.lower().endswith(_SPREADSHEETS) else None
        what = f"the name of a file of data ends with one of {listed}"
        return Known(None, (subject.problem("unknown-format", what, key, help=hint),))
    if not real_path(subject.folder.root / data.file).is_relative_to(subject.folder.root):
        what = f"`{data.file}` is not inside the site folder, and nothing outside is ever read"
        return Known(None, (subject.problem("outside-folder", what, key, help="move it into the site folder"),))
    try:
        content = subject.folder.read_bytes(data.file)
    except FileNotFoundError:
        near = suggestion(data.file, subject.folder.names(most=MANY))
        hint = near or "files are named from the site folder, with `/` between"
        what = f"there is no file `{data.file}` in the site folder"
        return Known(None, (subject.problem("missing-file", what, key, help=hint),))
    except OSError as error:
        what = f"`{data.file}` cannot be read: {error.strerror or error}"
        return Known(None, (subject.problem("unreadable-file", what, key, help="let everyone read it"),))
    site = subject.site.site
    reading = Reading(data.language or site.language, site.timezone)
    found = read_data(name, data, content, subject.shown(data.file), reading)
    return Known(found.made, tuple(_declared(problem, name, subject) for problem in found.problems))


_OF_COLUMNS = frozenset({"bad-column", "bad-row"})
"""What may be wrong with a file as well as with what is declared of it."""


def _declared(problem: Problem, name: str, subject: Subject) -> Problem:
    """Return a problem of a file, with the place of what is declared of it where that may be what is wrong."""
    if problem.code not in _OF_COLUMNS:
        return problem
    columns = subject.site.data[name].columns or {}
    missing = (each for each, column in columns.items() if without_column(column.heading or each) == problem.message)
    column = next(missing, None)
    if column is not None:
        key: KeyPath = ("data", name, "columns", column)
        headed = (*key, "heading")
        place = subject.place(headed) if subject.document.find(headed) else subject.key_place(key)
    else:
        keys = (("data", name, key) for key in ("columns", "rows", "file"))
        place = subject.key_place(next(key for key in keys if subject.document.find(key)))
    return replace(problem, also=(Also(place, f"in [data.{name}]"),))


_SPREADSHEETS = (".xls", ".xlsx", ".ods", ".numbers")


# --- forms ------------------------------------------------------------------------------------------------------------

_OF_FIELDS: Mapping[str, str] = {
    "number": "number",
    "integer": "integer",
    "date": "date",
    "time": "time",
    "datetime": "datetime",
    "checkbox": "yes/no",
    "email": "email",
    "url": "url",
}
"""The types of columns that fields become; those of all others are texts."""

NOT_SHOWN = ("file", "password")
"""The types of fields that no page ever shows."""

CREATED = Column("created", "datetime", is_required=True)
"""When an entry came: the column that all of them have."""


def columns_of_form(data: Data, subject: Subject) -> tuple[Column, ...]:
    """Return the columns that the entries of a form have."""
    form = subject.site.forms.get(data.form or "")
    fields = form.fields if form is not None else {}
    found = [_column(name, fields[name]) for name in data.fields or () if name in fields]
    return (*found, CREATED)


def _column(name: str, field: FormField) -> Column:
    is_required = field.required is True and field.required_when is None and field.show_when is None
    return Column(name, _OF_FIELDS.get(field.type, "text"), is_required=is_required)


def wrong_forms(subject: Subject) -> Iterator[Problem]:
    """A dataset shows a form that there is not, a field that there is not, or one that nobody is ever shown."""
    forms = subject.site.forms
    for name, data in subject.site.data.items():
        if data.form is None or subject.draft.is_broken("forms", data.form):
            continue
        form = forms.get(data.form)
        if form is None:
            hint = suggestion(data.form, forms) or "forms are declared as [forms.NAME]"
            what = f"there is no form `{data.form}`"
            yield subject.problem("unknown-data", what, ("data", name, "form"), help=hint)
            continue
        for index, word in enumerate(data.fields or ()):
            key: KeyPath = ("data", name, "fields", index)
            if word not in form.fields:
                hint = suggestion(word, form.fields) or f"it asks for {', '.join(form.fields)}"
                yield subject.problem("unknown-field", f"the form `{data.form}` has no field `{word}`", key, help=hint)
            elif form.fields[word].type in NOT_SHOWN:
                what = f"`{word}` is a field of type `{form.fields[word].type}`, and no page ever shows one"
                yield subject.problem("wrong-field", what, key, help="take it out")
        if data.only == "approved" and not form.approve:
            what = f"entries of the form `{data.form}` are never approved, so none would be shown"
            hint = f"add `approve = true` to [forms.{data.form}], or take `only` out"
            yield subject.problem("wrong-field", what, ("data", name, "only"), help=hint)


# --- what is wrong ----------------------------------------------------------------------------------------------------


def broken_data(subject: Subject) -> Iterator[Problem]:
    """A file of data is not there, or has a cell that is not what its column says."""
    for known in datasets(subject).values():
        yield from known.problems


def wrong_items(subject: Subject) -> Iterator[Problem]:
    """The rows of a page are asked of a dataset or a column that there is not, or by a variable that there is not."""
    for name, route in subject.site.routes.items():
        of_path = {variable.name for variable in variables(route.path)}
        for word in ("item", "items"):
            items = getattr(route, word)
            if items is None or any(subject.draft.is_broken("routes", name, each) for each in (word, "path")):
                continue
            key: KeyPath = ("routes", name, word)
            yield from wrong_question(items, key, of_path, f"the path of [routes.{name}]", subject)
            for unfit in _UNFIT if word == "item" else ():
                if unfit in items.model_fields_set:
                    what = f"`{unfit}` means nothing for a single row"
                    yield subject.problem("wrong-key-here", what, (*key, unfit), help="write `items` for several")
            if word in of_path or word in route.values:
                what = f"`{word}` is the name of the row here, and cannot be another value's too"
                yield subject.problem("reserved-name", what, key, help="give the other one another name")


_UNFIT = ("page_size",)


def wrong_question(
    items: Items | ChoicesFrom, key: KeyPath, given: set[str], giver: str, subject: Subject
) -> Iterator[Problem]:
    """Yield what is wrong with what is asked of a dataset; `given` are the variables that may stand in it."""
    known = find_dataset(items.data, (*key, "data"), subject)
    if isinstance(known, Problem):
        yield known
    for name, value in items.where.items():
        yield from _unknown_variables(value, (*key, "where", name), given, giver, subject)
    if isinstance(known, Problem) or known is None or known.made is None:
        return
    if isinstance(known.made, Document):
        what = f"`{items.data}` is a document without rows"
        hint = 'say where its rows are: `rows = "…"` in its table'
        yield subject.problem("unknown-data", what, (*key, "data"), help=hint)
        return
    dataset = known.made
    for name, value in items.where.items():
        if name not in known.params:
            yield from _wrong_condition(dataset, name, value, (*key, "where", name), subject)
    for index, word in enumerate(items.order):
        column = Order.of(word).column
        if column not in dataset.names:
            at = (*key, "order", index) if subject.document.find((*key, "order", index)) else (*key, "order")
            yield unknown_column(dataset, column, at, subject)


def find_dataset(name: str, key: KeyPath, subject: Subject) -> "Known | Problem | None":
    """Return a dataset that is named somewhere; None where its own table is not right, else what is wrong."""
    if subject.draft.is_broken("data", name):
        return None
    known = datasets(subject).get(name)
    if known is not None:
        return known
    hint = suggestion(name, subject.site.data) or "data is declared as [data.NAME]"
    return subject.problem("unknown-data", f"there is no data `{name}`", key, help=hint)


def unknown_column(dataset: Dataset, name: str, key: KeyPath, subject: Subject) -> Problem:
    """Return the problem of a column that there is not."""
    hint = suggestion(name, dataset.names) or f"its columns are {', '.join(dataset.names)}"
    return subject.problem("unknown-column", f"`{dataset.name}` has no column `{name}`", key, word=name, help=hint)


def _wrong_condition(dataset: Dataset, name: str, value: object, key: KeyPath, subject: Subject) -> Iterator[Problem]:
    if name not in dataset.names:
        hint = suggestion(name, dataset.names) or f"its columns are {', '.join(dataset.names)}"
        what = f"`{dataset.name}` has no column `{name}`"
        yield Problem("unknown-column", what, subject.key_place(key), help=hint)
        return
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, str) and variables_in(each):
            continue
        try:
            fitting(dataset.column(name), each)
        except ValueError as error:
            yield subject.problem("wrong-kind", f"nothing in column `{name}` can be this: {error}", key)


def _unknown_variables(value: object, key: KeyPath, given: set[str], giver: str, subject: Subject) -> Iterator[Problem]:
    for each in value if isinstance(value, list) else [value]:
        for name in variables_in(each) if isinstance(each, str) else ():
            if name not in given:
                listed = ", ".join(f"`<{each}>`" for each in sorted(given))
                hint = suggestion(name, given) or (f"known are {listed}" if listed else "there is none")
                what = f"`<{name}>` is no variable of {giver}"
                yield subject.problem("unknown-variable", what, key, word=f"<{name}>", help=hint)


def variables_in(text: str) -> Sequence[str]:
    """Return the variables in a value of `where`; none in what only looks like one."""
    try:
        return [part.name for part in parse(text) if isinstance(part, Variable)]
    except BadVariable:
        return []


RULES: tuple[Rule, ...] = (broken_data, wrong_forms, wrong_items)
