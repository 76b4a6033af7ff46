"""`[json.NAME]`: answers for programs."""

import math
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from declweb.model.base import Name, OneOfMany, OneOrMany, Value, one_answer, wrong
from declweb.model.handlers import Handler, Method, check_handlers, handlers_of, with_methods
from declweb.model.params import Param, in_long
from declweb.model.urls import UrlPath, variables
from declweb.model.words import CacheTime

ANSWERS = {
    "value": "any value, table or list",
    "data": "the rows of a `[data.NAME]`",
    "handler": "a function of the site's own Python",
}
"""What an endpoint can answer with, and what each of them is."""

ASKED = ("sort", "fields", "format", "next", "page_size")
"""What visitors ask of any endpoint that answers with rows; no parameter and no column to filter by is called so."""

MOST = 1000
"""Rows that a visitor may ask for at once."""

OF_DATA = ("where", "filter", "sort", "order", "fields", "page_size")
"""The keys that say more of `data`."""


def _finite(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        raise wrong(
            "not-json",
            f"JSON has no number `{value}` (RFC 8259, section 6)",
            help="write a number, or a text in quotes",
        )
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _finite(part)
    return value


def _origin(value: str) -> str:
    if value == "*":
        return value
    help_ = 'such as "https://www.example.org", or "*" for all'
    try:
        parts = urlsplit(value)
    except ValueError:
        raise wrong("bad-url", f"`{value}` is no origin", help=help_) from None
    right = f"{parts.scheme}://{parts.netloc}".lower()
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise wrong("bad-url", f"`{value}` is no origin", help=help_)
    if value != right:
        raise wrong("bad-url", f"`{value}` is more than an origin, or not in small letters", help=f'write "{right}"')
    return value


Origin = Annotated[str, AfterValidator(_origin)]

Params = Annotated[
    dict[Name, Param],
    BeforeValidator(
        lambda value: {name: in_long(each) for name, each in value.items()} if isinstance(value, dict) else value
    ),
]


class Json(OneOfMany):
    """An address that answers programs in JSON; `url_for("json.NAME")` gives it."""

    path: Annotated[UrlPath, Field(examples=["/api/version", "/api/menu/<category>"])]
    """The address: a path that begins with a slash; `<name>` or `<converter:name>` stands for a variable."""
    value: Annotated[Value, AfterValidator(_finite), Field(examples=[{"name": "blackbird", "version": 3}])] = None
    """What is answered: any value, table or list; dates are written as RFC 3339 says."""
    data: Annotated[Name | None, Field(examples=["menu"])] = None
    """The `[data.NAME]` whose rows are answered, page by page; a document is answered as it is."""
    handler: Annotated[Handler | None, Field(examples=["hooks:stock"])] = None
    """The function that answers, of a module that `[hooks]` names; it is given the variables of the path and `params`
    by name."""
    methods: OneOrMany[Method] = Field(default=["GET"], validate_default=False, examples=[["GET", "POST"]])
    """The request methods that `handler` answers; HEAD comes with GET, and OPTIONS by itself."""
    get: Handler | None = None
    """The function that answers GET, and HEAD; with `post`, `put`, `patch` and `delete` in the place of `handler`."""
    post: Handler | None = None
    """The function that answers POST."""
    put: Handler | None = None
    """The function that answers PUT."""
    patch: Handler | None = None
    """The function that answers PATCH."""
    delete: Handler | None = None
    """The function that answers DELETE."""
    params: Annotated[Params, Field(examples=[{"category": "text", "people": {"type": "integer", "min": 2}}])] = {}
    """What is asked in the query, with its type; of a variable of the path, the type that it must have."""
    where: Annotated[dict[Name, Value], Field(examples=[{"category": "<category>", "vegan": True}])] = {}
    """What holds of the rows: columns with their values, a list for any of several; `<name>` stands for a parameter or
    a variable of the path, and nothing is asked of the column while it is not given."""
    filter: Annotated[OneOrMany[Name], Field(validate_default=False, examples=[["category", "price"]])] = []
    """The columns that visitors may filter by: `price=4`, `price__lt=5`, `name__contains=rye`, `category__in=a,b`."""
    sort: Annotated[OneOrMany[Name], Field(validate_default=False, examples=[["name", "price"]])] = []
    """The columns that visitors may sort by: `sort=-price,name`."""
    order: Annotated[OneOrMany[str], Field(validate_default=False, examples=["-price", ["category", "name"]])] = []
    """The columns by which rows are sorted while nobody asks for something else; `-` before one turns it round. The
    order of the data where nothing is said."""
    fields: Annotated[OneOrMany[Name] | None, Field(examples=[["name", "price"]])] = None
    """The columns that are shown, in their order; all where nothing is said. Visitors choose among them with
    `fields=`."""
    page_size: Annotated[int, Field(ge=1, le=MOST)] = 50
    """How many rows are answered at once; visitors may ask for up to 1000 with `page_size=`."""
    cors: Annotated[OneOrMany[Origin] | None, Field(examples=["*", ["https://www.example.org"]])] = None
    """The origins whose pages may read the answers: `"*"` for all."""
    cache: Annotated[CacheTime | None, Field(examples=["1 hour"])] = None
    """How long browsers and caches may keep the answer without asking; they ask each time where nothing is said."""
    off: bool = False
    """Switches the endpoint off without deleting it: it answers 404."""

    @property
    def handlers(self) -> dict[str, str]:
        """The functions that answer, by method; none where a value or rows do."""
        return handlers_of(self)

    @property
    def asked(self) -> dict[str, Param]:
        """The parameters that are asked in the query: those that are no variables of the path."""
        of_path = {variable.name for variable in variables(self.path)}
        return {name: param for name, param in self.params.items() if name not in of_path}

    @model_validator(mode="before")
    @classmethod
    def _with_methods(cls, data: Any) -> Any:
        return with_methods(data)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not check_handlers(self, ANSWERS):
            one_answer(self, ANSWERS)
        if "methods" in self.model_fields_set and not self.handlers:
            kind = "value" if self.value is not None else "data"
            raise wrong(
                "wrong-key-here",
                f"`methods` means nothing beside `{kind}`: it is read with GET",
                help="take it out",
                key="methods",
            )
        self._check_keys()
        self._check_path()
        self._check_names()
        if self.cors is not None and "*" in self.cors and len(self.cors) > 1:
            raise wrong("two-answers", '`"*"` lets every origin in, the others too', help='write "*" alone', key="cors")
        return self

    def _check_keys(self) -> None:
        kind = "a value" if self.value is not None else "a function"
        for key in OF_DATA if self.data is None else ():
            if key in self.model_fields_set:
                help_ = "a function says itself what it answers: take it out" if self.handlers else "take it out"
                raise wrong("wrong-key-here", f"`{key}` means nothing beside {kind}", help=help_, key=key)
        if self.value is not None and self.asked:
            raise wrong("wrong-key-here", "a value is the same whatever is asked", help="take it out", key="params")

    def _check_path(self) -> None:
        for variable in variables(self.path):
            param = self.params.get(variable.name)
            for key in ("required", "default", "choices", "min", "max") if param is not None else ():
                if param is not None and key in param.model_fields_set:
                    raise wrong(
                        "wrong-key-here",
                        f"`{variable.name}` is a variable of the path: `{key}` means nothing there",
                        help="say its type alone; a converter can say more",
                        key="params",
                    )

    def _check_names(self) -> None:
        for key in ("filter", "sort", "fields"):
            names = getattr(self, key) or []
            twice = next((name for name in names if names.count(name) > 1), None)
            if twice is not None:
                raise wrong("duplicate-name", f"`{twice}` stands twice in `{key}`", help="take one out", key=key)
        for key, names in (("params", self.params), ("filter", self.filter)):
            for name in names:
                if name in ASKED:
                    raise wrong(
                        "reserved-name",
                        f"`{name}` has a meaning of its own in a query, and cannot be used for something else",
                        help="call it otherwise",
                        key=key,
                    )
