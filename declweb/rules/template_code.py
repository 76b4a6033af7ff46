"""What templates have of the site's own Python, and the names that nobody else can give them.

Owns which of a template's names may come from a function. Knows no template.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from declweb.rules.base import Subject
from declweb.rules.hooks import code as code_of
from declweb.templating.environment import Environment
from declweb.templating.runtime import GLOBALS

USER = "user"
"""What templates know of who is signed in, on sites that have users."""

EVERYWHERE = frozenset(
    {"config", "g", "get_flashed_messages", "languages", "navigation", "pages", "request", "session", "site", "url_for"}
)
"""Names that every template is given."""


@dataclass(frozen=True, slots=True)
class Python:
    """What templates have of the site's own Python."""

    filters: Mapping[str, Any]
    tests: Mapping[str, Any]
    globals: Mapping[str, Any]
    given: frozenset[str] | None
    """What context processors give; None where that shows only when they are called."""

    @classmethod
    def of(cls, subject: Subject) -> "Python":
        """Return what the site file names; what is not right, or was not looked at, is there by its name."""
        hooks, known = subject.site.hooks, code_of(subject)

        def found(names: Mapping[str, str], otherwise: Any) -> dict[str, Any]:
            return {name: known.functions.find(spec) or otherwise for name, spec in names.items()}

        return cls(
            found(hooks.template_filters, str),
            found(hooks.template_tests, bool),
            {name: each for name, each in found(hooks.template_globals, str).items() if name not in EVERYWHERE},
            known.given,
        )

    def __bool__(self) -> bool:
        return bool(self.filters or self.tests or self.globals or self.given or self.given is None)

    def add_to(self, environment: Environment) -> None:
        """Let templates use it."""
        environment.filters.update(self.filters)
        environment.tests.update(self.tests)
        environment.globals.update(self.globals)

    def may_give(self, name: str) -> bool:
        """Tell whether context processors give a name, or may do so."""
        if self.given is not None:
            return name in self.given
        return name not in EVERYWHERE and name not in GLOBALS and name not in self.globals and name != USER
