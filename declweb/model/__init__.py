"""Stage 2: what a site file may say, one module per table.

Owns names, kinds and defaults of every key; the sentence below each key is its manual. Knows no disk, no web, and no
place: whoever validates knows where things are written.
"""

from typing import Annotated

from pydantic import Field

from declweb.model.base import Name, OneOrMany, Spelling, Table, Value
from declweb.model.converters import Converter
from declweb.model.data import Data, Items
from declweb.model.errors import Errors
from declweb.model.fields import Field as FormField
from declweb.model.forms import Form
from declweb.model.headers import HeaderRule
from declweb.model.hooks import Hooks
from declweb.model.inbox import Inbox
from declweb.model.json import Json
from declweb.model.limits import Limits
from declweb.model.logging import Logging
from declweb.model.login import Login
from declweb.model.mail import Mail
from declweb.model.middleware import Middleware
from declweb.model.pages import FrontMatter, Pages
from declweb.model.protect import Protect
from declweb.model.proxy import Proxy
from declweb.model.redirects import Redirect, Redirects
from declweb.model.rewrites import Rewrite
from declweb.model.routes import Route
from declweb.model.security import Security
from declweb.model.sends import Send
from declweb.model.server import Server
from declweb.model.session import Session
from declweb.model.site import SiteTable
from declweb.model.static import Static
from declweb.model.storage import Storage
from declweb.model.templates import Templates
from declweb.model.tests import Trial
from declweb.model.users import User, UserName

RouteName = Annotated[
    str,
    Spelling(
        r"(?!(?:form|json)\.)[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z][A-Za-z0-9_-]*)*",
        'a route\'s name is letters from a to z, digits, `_` and `-`; one with a dot stands in quotes: "shop.cart"',
    ),
]

__all__ = [
    "Converter",
    "Data",
    "Form",
    "FormField",
    "FrontMatter",
    "HeaderRule",
    "Hooks",
    "Inbox",
    "Items",
    "Json",
    "Limits",
    "Logging",
    "Login",
    "Mail",
    "Middleware",
    "Pages",
    "Protect",
    "Proxy",
    "Redirect",
    "Rewrite",
    "Route",
    "Security",
    "Send",
    "Server",
    "Session",
    "Site",
    "SiteTable",
    "Static",
    "Storage",
    "Table",
    "Templates",
    "Trial",
    "User",
]


class Site(Table):
    """A whole site file, checked."""

    include: Annotated[OneOrMany[str], Field(validate_default=False, examples=[["old-addresses.toml"]])] = []
    """Other files whose tables are added to this one; `*` and `**` stand for any names. Only in the main file."""
    redirects_from: Annotated[
        OneOrMany[str], Field(validate_default=False, examples=[["_redirects", "moved.csv"]])
    ] = []
    """Files with many redirects: CSV with `from,to` and an optional `status`, or Netlify's `_redirects`."""
    site: SiteTable
    config: Annotated[dict[Name, Value], Field(examples=[{"phone": "+49 30 1234567"}])] = {}
    """Your own values, of any kind; templates see them as `config`: `{{ config.phone }}`."""
    templates: Templates = Templates()
    converters: dict[Name, Converter] = {}
    data: dict[Name, Data] = {}
    routes: dict[RouteName, Route] = {}
    pages: list[Pages] = []
    redirects: Redirects = {}
    rewrites: list[Rewrite] = []
    errors: Errors = {}
    headers: list[HeaderRule] = []
    security: Security = Security()
    static: list[Static] = []
    json_: Annotated[dict[Name, Json], Field(alias="json")] = {}
    forms: dict[Name, Form] = {}
    inbox: Inbox | None = None
    session: Session = Session()
    hooks: Hooks = Hooks()
    middleware: list[Middleware] = []
    users: dict[UserName, User] = {}
    protect: list[Protect] = []
    login: Login = Login()
    storage: Storage = Storage()
    mail: Mail = Mail()
    server: Server = Server()
    limits: Limits = Limits()
    logging: Logging = Logging()
    proxy: Proxy | None = None
    tests: list[Trial] = []
