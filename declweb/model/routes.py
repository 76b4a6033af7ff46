"""`[routes.NAME]`: an address and what answers it."""

from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, model_validator

from declweb.model.base import FileName, Name, OneOfMany, OneOrMany, Value, one_answer, wrong
from declweb.model.cookies import Cookie
from declweb.model.data import Items
from declweb.model.handlers import Handler, Method, check_handlers, handlers_of, with_methods
from declweb.model.headers import Headers
from declweb.model.texts import Text
from declweb.model.urls import UrlPath
from declweb.model.words import CacheTime

ANSWERS = {
    "template": "a page from templates/",
    "text": "plain text",
    "html": "a piece of HTML",
    "file": "a file of the site folder",
    "handler": "a function of the site's own Python",
}
"""What a route can answer with, and what each of them is."""


def _mimetype(value: str) -> str:
    kind, slash, rest = value.partition("/")
    if not slash or not kind.isidentifier() or not rest or not value.isascii() or not value.isprintable():
        raise wrong("bad-mimetype", f"`{value}` is no media type", help="such as `text/plain` or `application/json`")
    return value


class Route(OneOfMany):
    """An address and what answers it; `url_for("NAME")` gives the address."""

    path: Annotated[UrlPath, Field(examples=["/products/<slug:slug>"])]
    """The address: a path that begins with a slash; `<name>` or `<converter:name>` stands for a variable."""
    methods: OneOrMany[Method] = Field(default=["GET"], validate_default=False, examples=[["GET", "POST"]])
    """The request methods that are answered; HEAD comes with GET, and OPTIONS by itself."""
    template: Annotated[FileName | None, Field(examples=["home.html"])] = None
    """The template that is rendered, seen from the templates folder."""
    text: Annotated[Text | None, Field(examples=["Call {{ config.phone }}.", {"en": "Bread", "de": "Brot"}])] = None
    """Plain text; `{{ … }}` is filled in."""
    html: Text | None = None
    """A piece of HTML; `{{ … }}` is filled in, and escaped."""
    file: Annotated[FileName | None, Field(examples=["data/price-list.pdf"])] = None
    """A file that is sent as it is, seen from the site folder."""
    handler: Annotated[Handler | None, Field(examples=["hooks:login"])] = None
    """The function that answers, of a module that `[hooks]` names; it is given the variables of the path by name."""
    get: Annotated[Handler | None, Field(examples=["show_login"])] = None
    """The function that answers GET, and HEAD; with `post`, `put`, `patch` and `delete` in the place of `handler`."""
    post: Annotated[Handler | None, Field(examples=["log_in"])] = None
    """The function that answers POST."""
    put: Handler | None = None
    """The function that answers PUT."""
    patch: Handler | None = None
    """The function that answers PATCH."""
    delete: Handler | None = None
    """The function that answers DELETE."""
    status: Annotated[int, Field(ge=200, le=599)] = 200
    """The status code of the answer."""
    headers: Headers = {}
    """Header fields of the answer."""
    mimetype: Annotated[str | None, AfterValidator(_mimetype), Field(examples=["text/plain"])] = None
    """The media type of the answer, where it is not the usual one."""
    item: Annotated[Items | None, Field(examples=[{"data": "menu", "where": {"slug": "<slug>"}}])] = None
    """The row that the page is about: the template has it as `item`; where there is none, the page is not found."""
    items: Annotated[
        Items | None, Field(examples=[{"data": "menu", "where": {"category": "<category>"}, "order": "name"}])
    ] = None
    """The rows that the page is about: the template has them as `items`; where there are none, the page is not
    found."""
    values: Annotated[dict[Name, Value], Field(examples=[{"heading": "Our bread"}])] = {}
    """Extra names for the template."""
    cache: Annotated[CacheTime | None, Field(examples=["1 hour", "never"])] = None
    """How long browsers and caches may keep the answer without asking; they ask each time where nothing is said."""
    set_cookies: Annotated[
        OneOrMany[Cookie], Field(validate_default=False, examples=[{"name": "seen", "value": "yes"}])
    ] = []
    """Cookies that the answer sets."""
    off: bool = False
    """Switches the route off without deleting it: it answers 404."""

    @property
    def handlers(self) -> dict[str, str]:
        """The functions that answer, by method; none where something else does."""
        return handlers_of(self)

    @property
    def is_rendered(self) -> bool:
        """Whether a template, a text or a piece of HTML answers."""
        return self.file is None and not self.handlers

    @model_validator(mode="before")
    @classmethod
    def _with_methods(cls, data: Any) -> Any:
        return with_methods(data)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not check_handlers(self, ANSWERS):
            one_answer(self, ANSWERS)
        answer, useless = (
            ("file", ("item", "items", "values", "status"))
            if self.file is not None
            else ("handler", ("item", "items", "values", "status", "mimetype"))
        )
        for key in useless if self.file is not None or self.handlers else ():
            if key in self.model_fields_set:
                raise wrong("wrong-key-here", f"`{key}` means nothing beside `{answer}`", help="take it out", key=key)
        if self.status in {204, 205, 304}:
            raise wrong(
                "bad-status",
                f"an answer with status {self.status} has no content",
                help="choose another status",
                key="status",
            )
        return self
