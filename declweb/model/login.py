"""`[login]`: the page where users sign in."""

from typing import Annotated

from pydantic import Field

from declweb.model.base import FileName, Table
from declweb.model.urls import FixedPath

OUT = "/out"
"""What the address of the page where users sign out has behind that of the login page."""


class Login(Table):
    """The page where users sign in; `/out` below it is where they sign out."""

    path: Annotated[FixedPath, Field(examples=["/sign-in"])] = "/login"
    """Its address; `url_for("login")` gives it, and `url_for("logout")` the one to sign out."""
    template: Annotated[FileName | None, Field(examples=["login.html"])] = None
    """The template in which `{{ form }}` stands; declweb has a page of its own where nothing is said."""

    @property
    def out(self) -> str:
        """The address where users sign out."""
        return f"{self.path.rstrip('/')}{OUT}"
