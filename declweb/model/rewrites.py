"""`[[rewrites]]`: another page of the site under an address."""

from typing import Annotated

from pydantic import AfterValidator, Field

from declweb.model.base import OneOfMany, wrong
from declweb.model.urls import UrlPath, UrlTarget, is_external


def _of_this_site(value: str) -> str:
    if is_external(value):
        raise wrong(
            "bad-target",
            f"`{value}` is no page of this site, and no other site's pages are shown here",
            help="write a path of this site, or a redirect in [redirects]",
        )
    if "#" in value:
        raise wrong("bad-target", f"a `#` never reaches a server: `{value}`", help="take it out")
    return value


class Rewrite(OneOfMany):
    """A page of this site that is shown under another address; the address in the browser stays."""

    from_: Annotated[UrlPath, Field(alias="from", examples=["/app/<path:rest>"])]
    """The address; a `<path:…>` at its end may be empty. A page, file or redirect of that address comes first."""
    to: Annotated[UrlTarget, AfterValidator(_of_this_site), Field(examples=["/app/"])]
    """The address whose page is shown; may use the variables of `from`. It is not rewritten again."""
    navigation_only: bool = False
    """Only where a browser opens a page, as for single-page apps: a missing script or picture stays a 404."""
    off: bool = False
    """Switches the rewrite off without deleting it."""

    @property
    def conditions(self) -> tuple[str, ...]:
        """The conditions that are written."""
        return ("navigation_only",) if self.navigation_only else ()
