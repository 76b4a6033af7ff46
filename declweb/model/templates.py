"""`[templates]`: where the templates are."""

from typing import Annotated

from pydantic import Field

from declweb.model.base import FileName, Table


class Templates(Table):
    """Where the Jinja templates are."""

    folder: Annotated[FileName, Field(examples=["templates"])] = "templates"
    """The folder with the templates, seen from the site folder."""
