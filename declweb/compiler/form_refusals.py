"""What visitors are told of a form that was not taken though they are not to blame for it.

Owns the status, the words and the time to wait of each reason. Knows neither how a form is read nor how it is shown.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil

from declweb.forms.accept import NotAccepted
from declweb.translations import SOURCE, Say, find_spoken, mark

LATER = 30
"""Seconds after which to try again when the store is down."""

TOO_MANY = mark("That was too much at once. Please send it again in {wait}: nothing of what you wrote is lost.")
DOWN = mark("We could not store what you wrote, and nothing was sent. Please try again in a minute.")
SHORTEN = mark("Please shorten it, or choose smaller files, and send it again.")
BACK = mark("What you wrote is not lost: go back in your browser, and it is still there.")
CROSS_SITE = mark("This form was sent from another site, so it was not taken. Please fill it in here.")
ENCODED = mark("What you sent is compressed, which no form is. Please send it as it is.")

_MINUTE, _HOUR = 60, 3600
_IN_HOURS = 2 * _HOUR
"""Seconds from which on nobody counts minutes."""


@dataclass(frozen=True, slots=True)
class Why:
    """What is answered for one reason."""

    status: int
    status_for_programs: int | None = None
    """What programs are told instead."""
    alarm: Callable[[NotAccepted, str, Say], str] | None = None
    """What stands above the form, in a language."""
    is_for_later: bool = False
    """Whether the same can be sent again after a while."""
    has_mail: bool = False
    """Whether a link stands beside it that writes a mail."""


def spoken_wait(seconds: int, language: str) -> str:
    """Return for how long to wait, rounded up: seconds, minutes or hours, as people say them."""
    from babel.units import format_unit  # noqa: PLC0415 # for visitors who were too fast alone

    unit, size = ("second", 1) if seconds < _MINUTE else ("minute", _MINUTE) if seconds < _IN_HOURS else ("hour", _HOUR)
    return format_unit(ceil(seconds / size), f"duration-{unit}", "long", locale=find_spoken(language) or SOURCE)


def _too_large(outcome: NotAccepted, _language: str, say: Say) -> str:
    assert outcome.excess is not None
    return f"{outcome.excess.told(say)} {say(SHORTEN)}"


def _too_many(outcome: NotAccepted, language: str, say: Say) -> str:
    return say(TOO_MANY).format(wait=spoken_wait(outcome.retry_after or LATER, language))


def _down(_outcome: NotAccepted, _language: str, say: Say) -> str:
    return say(DOWN)


WHY: Mapping[str, Why] = {
    "invalid": Why(422),
    "taken": Why(422, 409),
    "too-large": Why(413, alarm=_too_large, has_mail=True),
    "too-many": Why(429, alarm=_too_many, is_for_later=True),
    "down": Why(503, alarm=_down, is_for_later=True, has_mail=True),
    "failed": Why(500, alarm=_down, has_mail=True),
}
"""By the reason why an entry was not accepted."""
