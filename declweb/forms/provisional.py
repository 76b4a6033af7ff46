"""Reading what was sent, until `parse` does it: no files, no deadline."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from werkzeug.formparser import FormDataParser

from declweb.forms.parse import Intake, Received
from declweb.forms.reading import Unreadable


@dataclass(frozen=True, slots=True)
class Bounds:
    """What may be read."""

    longest: int
    seconds: float = 60
    readers: int = 32
    readers_per_visitor: int = 8
    threads: int = 128


class Readers:
    """Who reads bodies at this moment."""

    @contextmanager
    def reading(self, _address: str, environ: Any, _bounds: Bounds) -> Iterator[Any]:
        """Give a body to read."""
        yield environ


def parse(environ: Any, content_type: str, intake: Intake, _uploads: object) -> Received:
    """Return what a body says."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/json":
        try:
            found = json.loads(environ["wsgi.input"].read(length))
        except ValueError:
            raise Unreadable("This is no JSON.") from None
        return Received({}, {}, is_json=True, json=found)
    parser = FormDataParser(silent=False)
    try:
        _, values, _files = parser.parse_from_environ(environ)
    except ValueError:
        raise Unreadable("This cannot be read.") from None
    return Received({name: values.getlist(name) for name in values}, {})


def incoming(environ: Any) -> Any:
    """Return the body of a request."""
    return environ
