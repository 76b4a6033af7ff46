"""`[logging]`: what is written to the log."""

from typing import Annotated

from declweb.model.base import Choice, Table


class Logging(Table):
    """What `declweb serve` writes to its log."""

    access: bool = False
    """Writes a line for every request."""
    level: Annotated[str, Choice("debug", "info", "warning", "error")] = "info"
    """How much is written."""
    format: Annotated[str, Choice("text", "json")] = "text"
    """How a line is written: for people, or one JSON object a line for programs."""
