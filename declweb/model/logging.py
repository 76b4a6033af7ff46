"""`[logging]`: what is written to the log."""

from typing import Annotated

from pydantic import Field

from declweb.model.base import Choice, FileName, Table


class Logging(Table):
    """What is written to the log, how, and where."""

    access: bool = False
    """Writes a line for every request."""
    access_format: Annotated[str | None, Choice("text", "json", "combined")] = None
    """How such a line is written: as `format` says where nothing is said; `combined` is that of Apache and nginx."""
    access_file: Annotated[FileName | None, Field(examples=["logs/access.log"])] = None
    """The file for these lines, seen from the site folder; where all others are written where nothing is said."""
    level: Annotated[str, Choice("debug", "info", "warning", "error")] = "info"
    """How much is written."""
    format: Annotated[str, Choice("text", "json")] = "text"
    """How a line is written: for people, or one JSON object a line for programs."""
    file: Annotated[FileName | None, Field(examples=["logs/site.log", "/var/log/declweb.log"])] = None
    """The file for the log, seen from the site folder; standard error where nothing is said."""
