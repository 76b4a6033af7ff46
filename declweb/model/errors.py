"""`[errors]`: the pages that visitors see when something goes wrong."""

import re
from typing import Annotated

from pydantic import AfterValidator

from declweb.model.base import FileName, wrong


def _status(value: str) -> str:
    if re.fullmatch(r"[45]xx", value) or (value.isdecimal() and 400 <= int(value) <= 599):
        return value
    raise wrong(
        "bad-status", f"`{value}` is no status code of an error", help="such as 404, or 5xx for all that begin with 5"
    )


Errors = dict[Annotated[str, AfterValidator(_status)], FileName]
"""Status code, or `4xx` and `5xx` for a whole class = template."""
