"""`[limits]`: how large a request may be."""

from declweb.model.base import Table
from declweb.model.words import Size


class Limits(Table):
    """How large a request may be."""

    body: Size = 1_000_000
    """The largest request body; a larger one is answered with 413."""
    url: Size = 8_000
    """The longest address with its query; a longer one is answered with 414."""
