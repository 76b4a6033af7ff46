"""Names that do not exist, and operations that values do not allow: they print empty, and somebody is told.

Owns what an undefined value does in a page and where it is reported. Must not know which names a site declares.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import FrameType
from typing import Any, ClassVar, Final, NamedTuple, NoReturn

import jinja2
from jinja2.exceptions import FilterArgumentError, TemplateRuntimeError, UndefinedError
from jinja2.runtime import ChainableUndefined
from jinja2.utils import missing

from declweb.data.dataset import Row

_logger = logging.getLogger("declweb.templates")
_records: ContextVar["dict[Missing, None] | None"] = ContextVar("records", default=None)


class Missing(NamedTuple):
    """One use of a name or an attribute that does not exist."""

    template: str | None
    line: int
    name: str
    """As it is written: `config.phnoe`."""
    columns: tuple[str, ...] | None = None
    """Those of the row that has no such column; None for what is of no row of a dataset."""

    def __str__(self) -> str:
        return f"{self.template or 'template text'}:{self.line}: {self.name} is not defined"


@contextmanager
def recording() -> Iterator[dict[Missing, None]]:
    """Collect in the dictionary, in order, every undefined value that is used meanwhile, instead of logging it.

    While recording nothing that is done with an undefined value fails, so that one rendering finds all of them.
    """
    records: dict[Missing, None] = {}
    token = _records.set(records)
    try:
        yield records
    finally:
        _records.reset(token)


REFUSED: Final = (
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    FilterArgumentError,
    UndefinedError,
)
"""What Python and Jinja say of an operation that these values do not allow, such as a division by zero."""


def refused(error: Exception, instead: str = "prints empty") -> Any:
    """Return what an operation gives that its values do not allow: nothing defined, and the log says so once a line.

    `instead` says what becomes of it.

    While recording, when templates are rendered with values that are known, it is the template's own mistake: the
    error is raised again.
    """
    frame = rendering()
    if frame is None or _records.get() is not None:
        raise error
    template: jinja2.Template = frame.f_globals["__jinja_template__"]
    undefined: type[Undefined] = template.environment.undefined  # type: ignore[assignment] # every environment here has
    return undefined.of_refusal(template.name, template.get_corresponding_lineno(frame.f_lineno), error, instead)


def is_recording() -> bool:
    """Tell whether what is rendered is looked at for mistakes, and shown to nobody."""
    return _records.get() is not None


def rendering() -> FrameType | None:
    """Return the innermost frame of a template that is being rendered."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - Jinja's own way to its lines
    while frame is not None and frame.f_globals.get("__jinja_template__") is None:
        frame = frame.f_back
    return frame


class Undefined(ChainableUndefined):
    """A value that does not exist: empty, false, without elements, and all of its attributes are undefined too."""

    __slots__ = ("_undefined_place",)

    logged: ClassVar[set[Missing]] = set()
    """What was logged before; each environment has a class of its own with its own set."""

    def __init__(
        self,
        hint: str | None = None,
        obj: Any = missing,
        name: Any = None,
        exc: type[TemplateRuntimeError] = UndefinedError,
        place: tuple[str | None, int, str] | None = None,
    ) -> None:
        super().__init__(hint, obj, name, exc)
        self._undefined_place = place
        """Where a template named it; None for what is no name, such as the first of no elements."""

    @classmethod
    def of_refusal(cls, template: str | None, line: int, error: Exception, instead: str) -> "Undefined":
        """Return the outcome of an operation that was refused on this line; the first one of a line is logged."""
        use = Missing(template, line, "")
        if use not in cls.logged:
            cls.logged.add(use)
            _logger.warning(
                "%s:%s: %s: %s", template or "template text", line, instead, str(error) or type(error).__name__
            )
        return cls()

    def _undefined_report(self) -> dict[Missing, None] | None:
        records = _records.get()
        if self._undefined_place is None:
            return records
        row = self._undefined_obj
        use = Missing(*self._undefined_place, tuple(row) if isinstance(row, Row) else None)
        if records is not None:
            records[use] = None
        elif use not in self.logged:
            self.logged.add(use)
            _logger.warning("%s", use)
        return records

    @property
    def _undefined_message(self) -> str:
        if self._undefined_place is None:
            return super()._undefined_message
        return f"{self._undefined_place[2]} is not defined"

    def _fail_with_undefined_error(self, *_args: Any, **_options: Any) -> Any:
        self._undefined_report()
        return self

    def _undefined_fail(self) -> NoReturn:
        raise self._undefined_exception(self._undefined_message)

    __add__ = __radd__ = __sub__ = __rsub__ = _fail_with_undefined_error
    __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _fail_with_undefined_error
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = _fail_with_undefined_error
    __pow__ = __rpow__ = __pos__ = __neg__ = __call__ = _fail_with_undefined_error
    __lt__ = __le__ = __gt__ = __ge__ = _fail_with_undefined_error

    def __eq__(self, other: object) -> bool:
        self._undefined_report()
        return isinstance(other, Undefined)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = ChainableUndefined.__hash__

    def __str__(self) -> str:
        self._undefined_report()
        return ""

    def __len__(self) -> int:
        self._undefined_report()
        return 0

    def __iter__(self) -> Iterator[Any]:
        self._undefined_report()
        return iter(())

    def __bool__(self) -> bool:
        self._undefined_report()
        return False

    def __int__(self, *_args: Any, **_options: Any) -> Any:
        self._undefined_report()
        return 0

    def __float__(self, *_args: Any, **_options: Any) -> Any:
        self._undefined_report()
        return 0.0
