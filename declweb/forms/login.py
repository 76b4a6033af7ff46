"""The forms to sign in and to sign out, drawn as all forms are.

Owns what they ask, and what they say. Knows no user and no request.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from declweb.forms.drawing import DrawnForm
from declweb.forms.drawn_fields import DrawnField
from declweb.forms.elements import Attributes, element
from declweb.forms.questions import Question
from declweb.translations import Say, mark

LOGIN = "declweb/login.html"
"""The template of both pages where the site has none; a site's own templates may extend it."""

USER, PASSWORD, NEXT, WRITTEN = "user", "password", "next", "written"
"""What is sent: a name, a password, the address to go to then, and what was written in a form that is there."""

SIGN_IN, SIGN_OUT = mark("Sign in"), mark("Sign out")
NAME_LABEL, PASSWORD_LABEL = mark("Name"), mark("Password")
NO_NAME, NO_PASSWORD = mark("Enter your name"), mark("Enter your password")
WRONG = mark("Name or password are not right.")
SIGNED_IN_AS = mark("You are signed in as {user}.")
SIGNED_OUT = mark("You are signed out.")
KEPT = mark("You are not signed in, so nothing was sent yet. What you wrote is kept: sign in, and it comes back.")

_ATTRIBUTES: Mapping[str, Attributes] = {
    USER: {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    PASSWORD: {"autocomplete": "current-password"},
}
"""What browsers fill in, and what they leave alone (HTML, sections 4.10.18.7 and 6.8.6)."""


def template() -> str:
    """Return declweb's own template."""
    return (Path(__file__).parent / "served" / "login.html").read_text(encoding="utf-8")


class Credential(DrawnField):
    """The name or the password."""

    @property
    def _line_attributes(self) -> Attributes:
        return {**super()._line_attributes, **_ATTRIBUTES.get(self.name, {})}


class DrawnLogin(DrawnForm):
    """The form to sign in; without fields the one to sign out."""

    def __init__(  # noqa: PLR0913 # as its base
        self,
        action: str,
        language: str,
        say: Say,
        *,
        is_out: bool = False,
        next_: str | None = None,
        kept: str | None = None,
        name: str = "",
        errors: Mapping[str, str] | None = None,
        **shown: Any,
    ) -> None:
        """Make a form to be drawn once.

        `name` is what was typed, `next_` where to go once signed in, and `kept` what was written in a form there.
        """
        hidden = {NEXT: next_ or "", WRITTEN: kept or ""}
        asked = () if is_out else _asked(say, [each for each, text in hidden.items() if text])
        echo: dict[str, Sequence[str]] = {each: [text] for each, text in {USER: name, **hidden}.items() if text}
        super().__init__(None, "login", action, language, say, asked=asked, echo=echo, errors=errors, **shown)
        self._fields = {each.name: Credential(self, each) for each in asked}
        self._button = SIGN_OUT if is_out else SIGN_IN

    @property
    def enctype(self) -> str | None:
        """How it is sent: what is kept in it would grow by escapes."""
        return "multipart/form-data" if WRITTEN in self else None

    @property
    def honeypot(self) -> Markup:
        """Nothing: programs that guess passwords are held up otherwise."""
        return Markup()

    @property
    def button(self) -> Markup:
        """The button that sends the form."""
        return element("button", {"type": "submit", "class": "dw-button"}, self.say(self._button))


def _asked(say: Say, hidden: Iterable[str]) -> tuple[Question, ...]:
    asked = (
        Question(USER, "text", say(NAME_LABEL), required=True, max_length=100),
        Question(PASSWORD, "password", say(PASSWORD_LABEL), required=True, max_length=1000),
    )
    return (*asked, *(Question(name, "hidden", "") for name in hidden))
