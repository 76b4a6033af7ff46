"""`[proxy]`: which forwarded headers are believed."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from declweb.model.base import Table, wrong
from declweb.model.headers import HeaderName

Hops = Annotated[int | None, Field(ge=0, le=10)]


class Proxy(Table):
    """Which headers of the proxies in front are believed; none where nothing is said."""

    trust: Hops = None
    """How many proxies stand in front: their X-Forwarded-For and X-Forwarded-Proto are believed."""
    for_: Annotated[Hops, Field(alias="for")] = None
    """How many proxies set X-Forwarded-For."""
    proto: Hops = None
    """How many proxies set X-Forwarded-Proto."""
    host: Hops = None
    """How many proxies set X-Forwarded-Host."""
    port: Hops = None
    """How many proxies set X-Forwarded-Port."""
    prefix: Hops = None
    """How many proxies set X-Forwarded-Prefix."""
    country_header: Annotated[HeaderName | None, Field(examples=["CF-IPCountry"])] = None
    """The header in which a proxy gives the visitor's country as a two-letter code."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.model_fields_set:
            raise wrong("no-answer", "this table says nothing", help="add `trust = 1` where one proxy stands in front")
        return self
