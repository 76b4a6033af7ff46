"""What is wrong with a value, in the words of the site file: pydantic's errors become problems.

Owns the words for every foreign error, and which key was probably meant. Knows the models only by their kinds.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from pydantic_core import ErrorDetails

from declweb.model.base import quoted
from declweb.model.kinds import Kind, homes, keys_of, kind_at, kinds
from declweb.problems import Problem, did_you_mean
from declweb.sitefile import Document, KeyPath


@dataclass(frozen=True, slots=True)
class Fault:
    """One error of pydantic's at its true path."""

    type: str
    path: KeyPath
    value: object
    error: ErrorDetails

    @property
    def table(self) -> KeyPath:
        """The table that it is in."""
        return self.path[:-1]

    @property
    def key(self) -> str:
        """The key of that table, or the place in that list."""
        return str(self.path[-1])


def fault_of(error: ErrorDetails, data: object) -> Fault:
    """Return an error at its path in the file: union tags, validators and `[key]` are no parts of it."""
    path: list[str | int] = []
    node = data
    for part in error["loc"]:
        if (isinstance(node, dict) and part in node) or (isinstance(node, list) and isinstance(part, int)):
            if isinstance(node, list) and not (isinstance(part, int) and part < len(node)):
                continue
            node = node[part]  # type: ignore[index] # the line above says that it is there
            path.append(part)
    if error["type"] == "missing":
        path.append(error["loc"][-1])
    kind = "bad-key" if error["loc"][-1] == "[key]" else error["type"]
    return Fault(kind, tuple(path), error["input"], error)


KINDS_OF_VALUE = {
    "string_type": "a text in quotes",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "`true` or `false`",
    "list_type": "a list in square brackets",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "date_type": "a date such as 2026-12-24",
    "datetime_type": "a date such as 2026-12-24",
    "date_from_datetime_inexact": "a date such as 2026-12-24",
    "datetime_from_date_parsing": "a date such as 2026-12-24",
}
"""What each of pydantic's type errors wants to have, in the words of the site file."""

_DAY_FIRST = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})")

BOUNDS = {
    "greater_than_equal": ("at least", "ge"),
    "less_than_equal": ("at most", "le"),
}


def spoken(path: KeyPath) -> str:
    """Return a path as an author writes it: `[routes.home]`, `[[headers]]`, `"/old"` in `[redirects]`."""
    if not path:
        return "the file"
    kind = kind_at(path)
    if kind is not None and kind.is_inner:
        return _spoken_part(path, kind)
    if kind is None or len(path) == 1:
        return f"[[{path[0]}]]" if kind and kind.shape == "array" else f"[{path[0]}]"
    if kind.shape == "array":
        rest = ".".join(str(part) for part in path[2:])
        return f"[[{path[0]}]]" + (f" {rest}" if rest else "")
    if kind.shape == "pairs":
        return f'`"{path[1]}"` in [{path[0]}]'
    return f"[{'.'.join(map(_as_key, path))}]"


def _as_key(part: str | int) -> str:
    return f'"{part}"' if "." in str(part) else str(part)


def _spoken_part(path: KeyPath, kind: Kind) -> str:
    """Return the path of a table in another one, such as `[[forms.contact.send]]`, as an author writes it."""
    depth = kind.name.count(".") + 1
    header, rest = ".".join(map(str, path[:depth])), path[depth:]
    if kind.shape == "array":
        keys = ".".join(str(part) for part in rest[1:])
        return f"[[{header}]]" + (f" {keys}" if keys else "")
    if kind.shape == "pairs" and rest:
        return f"`{'.'.join(map(str, rest))}` in [{header}]"
    return f"[{'.'.join([header, *map(str, rest)])}]"


def problem_of(fault: Fault, document: Document) -> Problem:
    """Return what is wrong, in the words of the site file."""
    kind = kind_at(fault.path)
    if fault.type == "extra_forbidden":
        return _unknown(fault, document)
    if kind and (mistaken := _brackets(fault, kind, document) or _fallen(fault, kind, document)):
        return mistaken
    context = fault.error.get("ctx", {})
    code, message, help_ = in_words(fault)
    at_key = fault.type == "bad-key"
    about = (*fault.path, str(context["key"])) if context.get("key") else fault.path
    place = document.key_place(fault.path) if at_key else document.place(about)
    return Problem(code, message, place, help=help_)


def in_words(fault: Fault) -> tuple[str, str, str | None]:
    """Return code, message and help of an error."""
    context = fault.error.get("ctx", {})
    if "message" in context:
        return str(fault.error["type"]), str(context["message"]), context["help"]
    return _foreign(fault, context)


def _foreign(fault: Fault, context: Mapping[str, object]) -> tuple[str, str, str | None]:
    name = f"`{next((part for part in reversed(fault.path) if isinstance(part, str)), 'it')}`"
    if fault.type == "wrong-redirect":
        return "wrong-kind", f"a redirect is a target in quotes or a table with `to`, not {quoted(fault.value)}", None
    if fault.type in BOUNDS:
        words, bound = BOUNDS[fault.type]
        return "out-of-range", f"{name} must be {words} {context[bound]}, not {quoted(fault.value)}", None
    if fault.type in {"too_short", "string_too_short"}:
        return "empty-value", f"{name} is empty", "write something, or take the key out"
    wanted = KINDS_OF_VALUE.get(fault.type)
    if wanted is None and fault.type.startswith(("date", "time")):
        wanted = KINDS_OF_VALUE["date_type"]
    assert wanted is not None, f"no words for pydantic's {fault.type}"
    return "wrong-kind", f"{name} must be {wanted}, not {quoted(fault.value)}", _how_to_write(fault.type, fault.value)


def _how_to_write(wanted: str, value: object) -> str | None:
    if wanted == "string_type" and isinstance(value, int | float) and not isinstance(value, bool):
        return f'put it in quotes: "{value}"'
    if wanted in {"int_type", "float_type"} and isinstance(value, str) and value.strip().lstrip("-").isdecimal():
        return f"write it without quotes: {value.strip()}"
    if wanted.startswith("date") and isinstance(value, str):
        return _how_to_write_date(value)
    if wanted == "bool_type":
        answer = {"yes": "true", "true": "true", "1": "true", "no": "false", "false": "false", "0": "false"}
        word = answer.get(str(value).lower())
        return f"write {word}, without quotes" if word else None
    if wanted == "list_type" and isinstance(value, str):
        return f'write ["{value}"]'
    return None


def _how_to_write_date(value: str) -> str | None:
    if re.match(r"\d{4}-\d\d-\d\d", value):
        return f"write it without quotes: {value}"
    day = _DAY_FIRST.fullmatch(value.strip())
    return f"write it without quotes, the year first: {day[3]}-{day[2]:0>2}-{day[1]:0>2}" if day else None


def _near(fault: Fault) -> str | None:
    """Return the key that an unknown one most likely was meant to be."""
    return _other_word(fault) or did_you_mean(fault.key, _keys_at(fault.table))


def _other_word(fault: Fault) -> str | None:
    """Return the key of the table that an unknown one is another word for."""
    kind = kind_at(fault.table)
    return kind.model.meant.get(fault.key.casefold()) if kind and kind.model and fault.table else None


def meant_by(fault: Fault) -> Iterator[KeyPath]:
    """Yield the paths at which a key that stands in the wrong place, or in the wrong letters, is missed."""
    if near := _near(fault):
        yield (*fault.table, near)
    for kind in kinds().values():
        if kind.shape == "single" and kind.model and fault.key in keys_of(kind.model):
            yield (kind.name, fault.key)
        if kind.shape == "top" and fault.key == kind.name:
            yield (kind.name,)


def _keys_at(table: KeyPath) -> Mapping[str, object]:
    if not table:
        return {**kinds(), "env": None}
    kind = kind_at(table)
    return keys_of(kind.model) if kind and kind.model else {}


def _unknown(fault: Fault, document: Document) -> Problem:
    place = document.key_place(fault.path)
    word, table = fault.key, fault.table
    kind = kind_at(table)
    near = _near(fault)
    if kind and kind.shape == "single" and not kind.is_inner and isinstance(fault.value, dict) and near is None:
        return Problem(
            "name-not-needed",
            f"{kind.header} takes no name, but `[{kind.name}.{word}]` has one",
            place,
            help=f"write {kind.header}",
        )
    overlay = document.environment
    if not table and overlay in kinds() and document.is_of_overlay(word):
        return Problem(
            "misplaced-key",
            f"`{overlay}` is taken for the name of an environment here, and `{word}` is no table",
            place,
            help=f"name the environment first, such as [env.production.{overlay}]",
        )
    elsewhere = _where_it_belongs(word, table)
    first = fault.value[0] if isinstance(fault.value, list) and fault.value else fault.value
    is_table = not table and isinstance(first, dict)
    if near and (_other_word(fault) or is_table or not elsewhere or word not in homes() or _is_swapped(near, word)):
        return Problem("unknown-key", _unknown_words(word, table, fault.value), place, help=f"did you mean `{near}`?")
    if elsewhere:
        message = f"`{word}` does not belong {f'in {spoken(table)}' if table else 'at the top of the file'}"
        return Problem("misplaced-key", message, place, help=f"it belongs {elsewhere}: move it there")
    known = ", ".join(_keys_at(table))
    return Problem(
        "unknown-key", _unknown_words(word, table, fault.value), place, help=f"known here: {known}" if known else None
    )


def _is_swapped(near: str, word: str) -> bool:
    """Tell whether a word has the letters of another: it was hardly meant for anything else."""
    return sorted(near.casefold()) == sorted(word.casefold())


def _unknown_words(word: str, table: KeyPath, value: object) -> str:
    if not table:
        return (
            f"there is no table `{word}`"
            if isinstance(value, dict) or (isinstance(value, list) and value and isinstance(value[0], dict))
            else f"there is no key `{word}` at the top of the file"
        )
    return f"{spoken(table)} has no key `{word}`"


def _where_it_belongs(word: str, table: KeyPath) -> str | None:
    """Return where a key of the language belongs that stands in a table which does not know it."""
    kind = kind_at(table)
    own = kind.header if kind else ""
    found = [home for home in homes().get(word, ()) if home != own]
    if table and kind and any(home.split(".")[0].strip("[]") == kind.name.split(".")[0] for home in found):
        found = [home for home in found if home.split(".")[0].strip("[]") == kind.name.split(".")[0]]
    if not found:
        return None
    if found[0].startswith("the top"):
        return "at the top of the file, above the first [table]"
    return "in " + " or ".join(found)


def _brackets(fault: Fault, kind: Kind, document: Document) -> Problem | None:
    """Return the problem of a table with a bracket too many or too few, or with a name where none goes."""
    depth, value = len(fault.path) - kind.name.count("."), fault.value
    is_table_wanted = fault.type in {"dict_type", "model_type", "model_attributes_type"}
    place = (document.place if kind.is_inner else document.header_place)(fault.path)
    header = f"[[{'.'.join(map(str, fault.path))}]]" if kind.is_inner and kind.shape == "array" else kind.header
    if kind.shape == "array" and depth == 1 and fault.type == "list_type" and isinstance(value, dict):
        name = next(iter(value), "")
        is_named = not (kind.is_inner and kind.model and name in keys_of(kind.model))
        if value and is_named and all(isinstance(part, dict | list) for part in value.values()):
            return Problem(
                "name-not-needed",
                f"{header} takes no name, but `{kind.name}.{name}` has one",
                document.header_place((*fault.path, name)),
                help=f"write {header}",
            )
        words = f"there can be many {header}, so it has two brackets"
        is_line = (place.text or "").lstrip()[:1] != "["
        help_ = f"write {fault.key} = [{{ … }}], or {header} below" if is_line else f"write {header}"
        return Problem("single-bracket", words, place, help=help_)
    if kind.is_inner and kind.shape == "pairs" and depth > 1:
        return None
    if is_table_wanted and isinstance(value, list) and value and all(isinstance(part, dict) for part in value):
        right = f"[{'.'.join(str(part) for part in fault.path)}]"
        return Problem("double-bracket", f"{right} is written with one bracket", place, help=f"write {right}")
    if kind.shape == "named" and depth == 2 and is_table_wanted and kind.model and fault.key in keys_of(kind.model):
        return Problem(
            "missing-name",
            f"[{kind.name}] needs a name of your own behind a dot",
            document.header_place(fault.table),
            help=f"such as [{kind.name}.{_EXAMPLE_NAMES.get(kind.name, 'name')}]",
        )
    return None


def _fallen(fault: Fault, kind: Kind, document: Document) -> Problem | None:
    """Return the problem of a key that fell into the fields of a form, or of a field that is not written as one."""
    is_field = kind.name == "forms.NAME.fields" and len(fault.path) == 4 and fault.type.startswith("model")
    if not is_field:
        return None
    word, form = fault.key, kinds()["forms"].model
    if form is not None and word in keys_of(form):
        place = document.key_place(fault.path)
        message = f"`{word}` is a key of [forms.{fault.path[1]}], and here it would be a field of that name"
        return Problem("misplaced-key", message, place, help=f"move it above [forms.{fault.path[1]}.fields]")
    message = f"the field `{word}` must be a table, not {quoted(fault.value)}"
    label = word.replace("_", " ").capitalize()
    help_ = f'such as {word} = {{ label = "{label}", type = "text" }}'
    return Problem("wrong-kind", message, document.place(fault.path), help=help_)


_EXAMPLE_NAMES = {"forms": "contact", "routes": "home", "json": "prices", "converters": "year"}


def missing_key(fault: Fault, document: Document) -> Problem:
    """Return what is said of a key that is needed and not there."""
    return Problem(
        "missing-key",
        f"{spoken(fault.table)} has no `{fault.key}`",
        document.place(fault.table),
        help=f"add `{fault.key} = …`{_example(fault.table, fault.key)}",
    )


def _example(table: KeyPath, key: str) -> str:
    kind = kind_at(table)
    field = keys_of(kind.model).get(key) if kind and kind.model else None
    if field is None or not field.examples:
        return ""
    return f", such as `{field.examples[0]}`" if isinstance(field.examples[0], str | int) else ""


def no_site(document: Document) -> Problem:
    """Return what is said of a site file without `[site]`."""
    place = replace(document.header_place(()), line=None, column=None, end_column=None, text=None)
    return Problem(
        "missing-key", "the file does not say what the site is called", place, help='add [site] with name = "…"'
    )
