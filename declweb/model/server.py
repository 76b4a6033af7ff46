"""`[server]`: how the site is served."""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import Field, model_validator

from declweb.model.base import FileName, Table, wrong
from declweb.model.urls import FixedPath
from declweb.model.words import Duration


class Server(Table):
    """How `declweb serve` runs; options on the command line win."""

    host: Annotated[str, Field(min_length=1, examples=["0.0.0.0"])] = "127.0.0.1"  # noqa: S104 - an example in the manual
    """The network address it listens on; `127.0.0.1` is this machine alone."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    """The port it listens on."""
    workers: Annotated[int | None, Field(ge=1, le=512)] = None
    """How many processes answer; as many as the machine has cores where nothing is said."""
    threads: Annotated[int, Field(ge=1, le=1024)] = 128
    """How many requests each process answers at once."""
    grace: Duration = timedelta(seconds=30)
    """How long requests under way may go on when the server is stopped."""
    prefix: Annotated[FixedPath | None, Field(examples=["/shop"])] = None
    """The path below which the site is mounted; the path of `site.url` where nothing is said."""
    tls_certificate: FileName | None = None
    """A file with the certificate chain (PEM), seen from the site folder: serves https."""
    tls_key: FileName | None = None
    """A file with the certificate's private key (PEM), seen from the site folder."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            other = "tls_key" if self.tls_key is None else "tls_certificate"
            raise wrong(
                "missing-key", f"https needs a certificate and its key: `{other}` is missing", help=f"add `{other}`"
            )
        return self
