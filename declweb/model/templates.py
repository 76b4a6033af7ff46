"""`[templates]`: where the templates are."""

from typing import Annotated

from pydantic import Field

from declweb.model.base import Table


class Templates(Table):
    """Where the Jinja templates are."""

    folder: Annotated[str, Field(min_length=1, examples=["templates"])] = "templates"
    """The folder with the templates, seen from the site folder."""
