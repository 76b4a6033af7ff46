"""`[limits]`: how large a request may be, and how long it may take."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from declweb.model.base import Table
from declweb.model.words import Duration, Size


class Limits(Table):
    """How large a request may be, and how long it may take."""

    body: Size = 1_000_000
    """The largest request body; a larger one is answered with 413."""
    url: Size = 8_000
    """The longest address with its query; a longer one is answered with 414."""
    form: Size = 256_000
    """The most that a form without files may send, and that the texts of one with files may be."""
    file: Size = 10_000_000
    """The largest file that a form takes."""
    entry: Size = 25_000_000
    """The most that a form with files may send at once."""
    files: Annotated[int, Field(ge=1, le=100)] = 3
    """The most files that one entry may have."""
    body_time: Duration = timedelta(seconds=60)
    """How long a form may take to arrive, and a second more for every 16 KB of it; after that the answer is 408."""
    readers: Annotated[int, Field(ge=1, le=1024)] = 32
    """How many forms each process reads at once; never more than half of the server's threads."""
    readers_per_visitor: Annotated[int, Field(ge=1, le=1024)] = 8
    """How many of these may come from one visitor."""
