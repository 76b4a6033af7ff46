"""Classes of exceptions, as a site file names them: Python's own need no module.

Owns which ones Python has, and what is said of one that is not there.
"""

import builtins

from declweb.problems import suggestion


def is_exception(found: object) -> bool:
    """Tell whether something is a class of exceptions."""
    return isinstance(found, type) and issubclass(found, BaseException)


def near_exception(name: str) -> str | None:
    """Return the help that names one of Python's own, if one is nearly called that."""
    return suggestion(name, (each for each, found in vars(builtins).items() if is_exception(found)))


def help_for_class(name: str, help_: str | None) -> str | None:
    """Return the help for a class that is not there, where a function's is `help_`: a near name is better."""
    if help_ is None or not help_.startswith("write `def"):
        return help_
    near = None if ":" in name else near_exception(name)
    return near or f"write `class {name.rpartition(':')[2]}(Exception):` there"
