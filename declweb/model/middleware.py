"""`[[middleware]]`: WSGI applications around the site."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field

from declweb.model.base import Name, OneOfMany, Value
from declweb.model.handlers import Handler


class Middleware(OneOfMany):
    """A WSGI application around the site; of several the first is the outermost."""

    meant: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("name", "handler", "class", "import", "factory"), "use"),
        **dict.fromkeys(("args", "kwargs", "arguments", "settings"), "options"),
    }
    """Its keys by other words."""
    use: Annotated[Handler, Field(examples=["hooks:Timing"])]
    """What makes it: called with the WSGI application it is put around, and with `options`."""
    options: Annotated[dict[Name, Value], Field(examples=[{"header": "X-Took"}])] = {}
    """What it is given besides, by name."""
    off: bool = False
    """Leaves it out without deleting it."""
