"""What tests ask of a site, by Flask's names.

Owns the names alone; what they do is imported when a test asks for it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from declweb.hooks.testing import SiteClient, SiteRunner, Within


class Tested:
    """A site that tests can ask without a server."""

    __slots__ = ()

    def test_client(self, **options: Any) -> "SiteClient":
        """Return a client that asks the site without a server, as Flask's does."""
        client: SiteClient = import_module("declweb.hooks.testing").SiteClient(self, **options)
        return client

    def test_request_context(self, *args: Any, **options: Any) -> "Within":
        """Return what lets a `with` block be within a request, such as `app.test_request_context("/shop?page=2")`."""
        within: Within = import_module("declweb.hooks.testing").within_request(self, *args, **options)
        return within

    def request_context(self, environ: "WSGIEnvironment") -> "Within":
        """Return the same for a WSGI environ."""
        within: Within = import_module("declweb.hooks.testing").within_environ(self, environ)
        return within

    def app_context(self) -> "Within":
        """Return what lets a `with` block be within the site, without a request."""
        within: Within = import_module("declweb.hooks.testing").within_site(self)
        return within

    def test_cli_runner(self, **options: Any) -> "SiteRunner":
        """Return what runs the commands that [hooks] declares, without a terminal."""
        runner: SiteRunner = import_module("declweb.hooks.testing").runner(self, **options)
        return runner
