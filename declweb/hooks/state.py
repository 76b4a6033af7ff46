"""What a site's own Python leaves for the rest of a request.

Owns how long a request lasts: until its answer is made, and until the last of those that hold it lets go. Knows neither
requests nor answers.
"""

from collections.abc import Callable
from typing import Any

from declweb.context import Context


class State:
    """What belongs to one request and is of no use to what a site only declares."""

    __slots__ = (
        "after",
        "at_end",
        "concern",
        "error",
        "failure",
        "has_asked",
        "has_request",
        "holds",
        "request",
        "response",
        "wants_response",
    )

    def __init__(self, concern: Any = None) -> None:
        self.concern = concern
        """The functions that the request concerns; those of the address that was asked for, whatever is shown there."""
        self.request: Any = None
        """The request as views see it, once one has looked at it."""
        self.response: Any = None
        """The response of a view, where functions that are given it come next."""
        self.wants_response = False
        """Whether functions are given the response before it is sent, besides those in `after`."""
        self.after: list[Callable[[Any], Any]] = []
        """Functions that are given the response of this request alone."""
        self.error: BaseException | None = None
        """What went wrong last."""
        self.failure: BaseException | None = None
        """What went wrong that nobody expected."""
        self.holds = 0
        """How many bodies and clients still need the request."""
        self.at_end: Callable[[], object] | None = None
        """What is to be done once nobody needs the request any more; None while it is being answered."""
        self.has_request = True
        """Whether there is a request, and not the site alone."""
        self.has_asked = False
        """Whether it was looked for who answers."""

    @property
    def changes_answers(self) -> bool:
        """Whether functions are given the answer, and may change it."""
        return bool(self.wants_response or self.after)

    def hold(self) -> None:
        """Keep the request from being over."""
        self.holds += 1

    def release(self) -> None:
        """Let go of the request; whoever is the last one ends it."""
        self.holds -= 1
        if self.holds == 0 and self.at_end is not None:
            end, self.at_end = self.at_end, None
            end()

    def end(self, over: Callable[[], object]) -> None:
        """Let the request be over, now or as soon as nobody holds it any more."""
        if self.holds == 0:
            over()
        else:
            self.at_end = over


def state(context: Context) -> State:
    """Return what the site's own Python left in a context."""
    found = context.code
    if found is None:
        found = context.code = State()
    known: State = found
    return known


def where(context: Context) -> str:
    """Say for the log where in the site file a request got to, and which request it is."""
    return f"{context.place}, request {context.request_id}" if context.place else f"request {context.request_id}"
