"""The OpenAPI document of a site (OpenAPI 3.1): its endpoints and its forms, for programs.

Owns the document as a whole. What stands at one address is written where endpoints and forms are. Knows no request.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from declweb.model import Site
from declweb.model.texts import read_in
from declweb.openapi import addresses, endpoints, forms
from declweb.openapi.answers import PROBLEM_SCHEMA, Part, problem

OPENAPI = "3.1.1"
_VERSIONED = datetime(2000, 1, 1, tzinfo=UTC)
"""The day on which versions are compared: days that are counted from today make no other version."""
Operations = Callable[[datetime], dict[str, Part]]
"""Makes the operations of an address, by method, as they are on a day."""


@dataclass(frozen=True, slots=True)
class Interface:
    """What a site offers to programs, by address."""

    site: Site
    prefix: str
    operations: Mapping[str, Operations]

    def document(self, now: datetime) -> dict[str, Any]:
        """Return the document as it is on a day, in the time zone of the site."""
        paths = self._paths(now)
        about = self.site.site
        description = (
            read_in(about.description, about.all_languages[0], about.all_languages[0]) if about.description else None
        )
        version = blake2b(json.dumps(self._paths(_VERSIONED), default=str).encode(), digest_size=6).hexdigest()
        return {
            "openapi": OPENAPI,
            "info": {
                "title": about.name,
                **({"description": description} if description else {}),
                "version": version,
            },
            "servers": [{"url": f"{about.url or ''}{self.prefix}" or "/"}],
            "tags": _tags(paths),
            "paths": paths,
            "components": {"schemas": {"Problem": PROBLEM_SCHEMA}},
        }

    def _paths(self, now: datetime) -> dict[str, Part]:
        return {
            addresses.template(path): self._with_variables(path, make(now)) for path, make in self.operations.items()
        }

    def _with_variables(self, path: str, found: dict[str, Part]) -> dict[str, Part]:
        """Return the operations of an address with the variables in it, of which none or too much may be found."""
        variables = list(addresses.parameters(path, self.site.converters))
        if not variables:
            return found
        missing = {"404": problem("There is nothing at this address.")}
        return {
            method: {
                **operation,
                "parameters": [*variables, *operation.get("parameters", ())],
                "responses": {**missing, **operation["responses"]},
            }
            for method, operation in found.items()
        }


def _tags(paths: Mapping[str, Part]) -> list[Part]:
    used = {tag for path in paths.values() for operation in path.values() for tag in operation["tags"]}
    told = {endpoints.TAG: "What can be read.", forms.TAG: "What can be sent."}
    return [{"name": name, "description": text} for name, text in told.items() if name in used]
