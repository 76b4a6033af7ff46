"""What a function takes, held against what it will be given.

Owns the words for what does not fit. Calls nothing.
"""

import inspect
from collections.abc import Sequence
from typing import Any

from declweb.problems import did_you_mean, suggestion

POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
NAMED = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class Misfit(ValueError):
    """A function that cannot be called as it will be, in words for the author."""

    def __init__(self, message: str, help_: str | None = None, *, is_of_given: bool = False) -> None:
        super().__init__(message)
        self.help = help_
        self.is_of_given = is_of_given
        """Whether what it is given has something that it does not take."""


def check_callable(name: str, found: object, *, may_be_class: bool = False) -> None:
    """Raise Misfit unless this is a function, or behaves like one."""
    if not callable(found):
        raise Misfit(f"`{name}` is no function: it is {_kind(found)}", "name a function")
    if isinstance(found, type) and not may_be_class:
        help_ = "write a function for each of its methods: `get = …`, `post = …`" if hasattr(found, "as_view") else None
        raise Misfit(f"`{name}` is a class, and here a function is called", help_ or "name a function")
    if inspect.iscoroutinefunction(found) or inspect.isasyncgenfunction(found):
        raise Misfit(f"`{name}` is asynchronous, and would never run here", "write `def`, without `async`")


def check_positional(name: str, found: Any, given: Sequence[str]) -> None:
    """Raise Misfit unless a function can be called with so many values; `given` says what each of them is."""
    parameters = _parameters(found)
    if parameters is None:
        return
    positions = [each for each in parameters if each.kind in POSITIONAL]
    takes_any = any(each.kind is inspect.Parameter.VAR_POSITIONAL for each in parameters)
    needed = [each.name for each in positions if each.default is each.empty]
    needed_by_name = [each.name for each in parameters if each.kind is each.KEYWORD_ONLY and each.default is each.empty]
    what = " and ".join(given) or "nothing"
    call = f"write `def {_last(name)}({', '.join(_word(each) for each in given)}):`"
    if len(positions) < len(given) and not takes_any:
        raise Misfit(f"`{name}` is given {what}, but takes {_counted(len(positions))}", call)
    if too_many := [*needed[len(given) :], *needed_by_name]:
        raise Misfit(f"`{name}` also wants {_listed(too_many)}, but is given {what}", call)


def check_first(name: str, found: Any, what: str) -> None:
    """Raise Misfit unless a function can be given a value first, whatever comes behind it."""
    parameters = _parameters(found)
    if parameters is None:
        return
    firsts = (*POSITIONAL, inspect.Parameter.VAR_POSITIONAL)
    if not any(each.kind in firsts for each in parameters):
        raise Misfit(f"`{name}` takes nothing, but is given {what}", f"write `def {_last(name)}({_word(what)}):`")


def check_named(name: str, found: Any, given: Sequence[str], *, first: str = "", has: str) -> None:
    """Raise Misfit unless a function can be called with these values by name, and with `first` in front of them.

    `has` says where the names come from and that there are such, as `its path has`.
    """
    parameters = _parameters(found)
    if parameters is None:
        return
    if first:
        check_first(name, found, first)
        positions = [each for each in parameters if each.kind in POSITIONAL]
        parameters = [each for each in parameters if each is not (positions[0] if positions else None)]
    takes_any = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters)
    known = [each.name for each in parameters if each.kind in NAMED]
    unknown = [] if takes_any else [each for each in given if each not in known]
    needed = [
        each.name
        for each in parameters
        if each.kind in {*POSITIONAL, *NAMED} and each.default is each.empty and each.name not in given
    ]
    right = f"write `def {_last(name)}({', '.join([*([_word(first)] if first else []), *given])}):`"
    there = f"{has} {_listed(given) if given else 'nothing of the kind'}"
    if needed:
        raise Misfit(
            f"`{name}` wants {_listed(needed)}, but {there}", _meant(needed[0], given) or right, is_of_given=bool(given)
        )
    if unknown:
        raise Misfit(
            f"`{name}` does not take {_listed(unknown)}", suggestion(unknown[0], known) or right, is_of_given=True
        )


def _meant(needed: str, given: Sequence[str]) -> str | None:
    """Return the help where a name that is wanted is there in other letters."""
    return f"did you mean `{needed}`?" if did_you_mean(needed, given) else None


def _parameters(found: Any) -> list[inspect.Parameter] | None:
    """Return what a call takes, not what something wrapped in it does; None where it cannot be known."""
    try:
        return list(inspect.signature(found, follow_wrapped=False).parameters.values())
    except (TypeError, ValueError):
        return None


def _last(name: str) -> str:
    return name.rpartition(":")[2].rpartition(".")[2]


def _word(what: str) -> str:
    """Return a name for a parameter: `exception` for `the exception`."""
    return what.rpartition(" ")[2]


def _listed(names: Sequence[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def _counted(number: int) -> str:
    return {0: "nothing", 1: "one value"}.get(number, f"{number} values")


def _kind(found: object) -> str:
    known = {str: "a text", int: "a number", float: "a number", dict: "a table", list: "a list", type(None): "None"}
    module = "a module" if inspect.ismodule(found) else None
    return module or known.get(type(found)) or f"an object of the class {type(found).__name__}"
