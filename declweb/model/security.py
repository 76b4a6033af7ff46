"""`[security]`: what browsers may do with the site's answers."""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import Field, model_validator

from declweb.model.base import Choice, Table, wrong
from declweb.model.policies import Csp, Permissions
from declweb.model.words import TIMES, SwitchedTime

A_YEAR = timedelta(seconds=TIMES["year"])


OFF = False
"""Leaves a header field out."""

_Referrer = Annotated[
    str | bool,
    Choice(
        "no-referrer", "no-referrer-when-downgrade", "origin", "origin-when-cross-origin", "same-origin",
        "strict-origin", "strict-origin-when-cross-origin", "unsafe-url", OFF,
    ),
]  # fmt: skip
_Opener = Annotated[
    str | bool, Choice("same-origin", "same-origin-allow-popups", "noopener-allow-popups", "unsafe-none", OFF)
]
_Resource = Annotated[str | bool, Choice("same-origin", "same-site", "cross-origin", OFF)]
_Framing = Annotated[str | bool, Choice("DENY", "SAMEORIGIN", OFF)]


class Security(Table):
    """What browsers may do with the site's answers: strict from the start, and each part can be changed or left out.

    `false` leaves a header field out; `[[headers]]` changes it for single addresses.
    """

    preset: Annotated[str, Choice("strict", "off")] = "strict"
    """What holds where nothing is said below: `off` sends no such header field."""
    csp: Annotated[Csp, Field(examples=[{"img-src": ["https://images.example"]}])] = True
    """Content-Security-Policy: where scripts, styles, pictures and the like may come from. What is written here, by
    directive, is added to what the preset allows; `"none"` allows nothing, `false` takes a directive out. Sources are
    web addresses, `"self"`, `"data:"`, and the hashes that `declweb check` gives."""
    referrer_policy: _Referrer | None = None
    """How much of a page's address other sites learn of visitors that come from it;
    `strict-origin-when-cross-origin`, which is the host alone, where nothing is said."""
    hsts: Annotated[SwitchedTime | None, Field(examples=["2 years"])] = None
    """How long browsers ask for https alone once they have seen it, a year where nothing is said; `"never"` makes them
    forget it. Sent over https only."""
    hsts_subdomains: bool = False
    """Whether that is so for all hosts below this one."""
    hsts_preload: bool = False
    """Whether browsers may ship with it; hstspreload.org tells how to ask for it."""
    permissions_policy: Annotated[Permissions, Field(examples=[{"geolocation": "self"}])] = True
    """What pages may use of the visitor's device, feature by feature, in addition to the preset, which forbids camera,
    geolocation, microphone, payment and usb: `true` or `"self"` for this site, `"*"`, addresses, or `false`."""
    frame_options: _Framing | None = None
    """X-Frame-Options, for old browsers: whether other sites may show pages in a frame; as `frame-ancestors` of `csp`
    says where nothing is said."""
    coop: _Opener | None = None
    """Cross-Origin-Opener-Policy: whether windows of other sites keep a hold of this one; `same-origin` where nothing
    is said."""
    corp: _Resource | None = None
    """Cross-Origin-Resource-Policy: whether other sites may show pictures and files of this one; not sent where nothing
    is said."""
    nosniff: bool | None = None
    """X-Content-Type-Options: browsers take files for what their media type says; `true` where nothing is said."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.hsts_preload:
            length = A_YEAR if self.hsts is None and self.preset == "strict" else self.hsts
            if not self.hsts_subdomains:
                raise _preload("it must hold for all hosts below this one", "add hsts_subdomains = true")
            if not isinstance(length, timedelta) or length < A_YEAR:
                raise _preload("it must hold for a year at least", 'write hsts = "1 year"')
        return self


def _preload(why: str, help_: str) -> Exception:
    message = f"browsers take no site into their list like that: {why}"
    return wrong("wrong-key-here", message, help=help_, key="hsts_preload")
