"""`[hooks]`: what the site's own Python does with every request, in Flask's order.

Owns which functions a request concerns, when each is called, and which one answers an error. Knows nothing of how a
function is found, nor of what views answer.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from werkzeug.exceptions import HTTPException, InternalServerError, default_exceptions
from werkzeug.wrappers import Response

from declweb.app import ErrorPages, Finisher
from declweb.compiler.building import Building
from declweb.compiler.handlers import View, kept_private
from declweb.compiler.templates import Templates
from declweb.compiler.traceback_page import traceback_page
from declweb.compiler.view_templates import ViewTemplates
from declweb.context import Context, current
from declweb.hooks.answers import NoAnswer, answered, as_response, checked, sent
from declweb.hooks.application import Application
from declweb.hooks.response import SiteResponse
from declweb.hooks.state import State, state, where
from declweb.http.answer import Answer, Refused
from declweb.http.conditional import is_unchanged
from declweb.http.dates import parse_date
from declweb.http.paths import pattern
from declweb.model.hooks import Hooks, RequestHook
from declweb.rules.addresses import DEFAULT_MOUNT
from declweb.storage.settings import StoreSettings

logger = logging.getLogger("declweb.app")

_PATHS = 2048
"""Of how many paths it is remembered what concerns them."""


@dataclass(frozen=True, slots=True)
class Hook:
    """A function that is called for requests."""

    view: View
    declared: str
    """Where the site file names it."""
    paths: tuple[str, ...]

    def concerns(self, path: str) -> bool:
        """Tell whether it is called for a path."""
        return any(pattern(each).fullmatch(path) for each in self.paths)

    def call(self, *values: object) -> Any:
        """Call it; a value that is no answer is told as a mistake of the function."""
        return self.view.function(*values)


@dataclass(frozen=True, slots=True)
class Concern:
    """The functions that one request concerns, each kind in the order in which they are called."""

    before: tuple[Hook, ...]
    after: tuple[Hook, ...]
    teardown: tuple[Hook, ...]

    def __bool__(self) -> bool:
        return bool(self.before or self.after or self.teardown)


@dataclass(frozen=True, slots=True)
class ErrorHandlers:
    """Who answers which error: by status, by class of status, or by class of exception; the nearest one counts."""

    by_code: Mapping[int, Mapping[type, View]] = field(default_factory=dict)
    by_range: Mapping[int, View] = field(default_factory=dict)
    by_class: Mapping[type, View] = field(default_factory=dict)

    def find(self, error: BaseException) -> View | None:
        """Return who answers an error."""
        code = error.code if isinstance(error, HTTPException) else None
        return (
            _nearest(error, self.by_code.get(code or 0, {}))
            or self.by_range.get((code or 0) // 100)
            or _nearest(error, self.by_class)
        )


def _nearest(error: BaseException, views: Mapping[type, View]) -> View | None:
    return next((views[kind] for kind in type(error).__mro__ if kind in views), None)


@dataclass(frozen=True, slots=True, eq=False)
class RequestCycle:
    """What the site's own Python does with every request, besides answering some of them."""

    at: Callable[[str], Concern]
    errors: ErrorHandlers
    finisher: Finisher
    code: Application
    is_development: bool

    def concerns(self, path: str) -> bool:
        """Tell whether anything is called for a path."""
        return bool(self.at(path))

    def begin(self, context: Context) -> None:
        """Begin a request."""
        concern = self.at(context.path)
        begun = context.code = State(concern)
        begun.wants_response = bool(concern.after)

    def before(self, context: Context) -> Answer | None:
        """Answer with the first function that returns something, or let the request pass."""
        for hook in state(context).concern.before:
            context.place = hook.declared
            value = hook.call()
            if value is not None:
                return self._answer(hook.view, value, context)
        context.place = None
        return None

    def handled(self, error: BaseException, context: Context) -> Answer | None:
        """Answer with an error that has a function of its own, or that is an answer itself."""
        code = state(context)
        code.error = error
        if isinstance(error, Refused):
            code.error = None
            return None
        if isinstance(error, HTTPException):
            if error.response is not None or not error.code or error.code < 400:
                return self._answered(error.get_response(context.environ), context)
            if error.description != type(error).description and error.description:
                description = error.description
                context.told = lambda _say: description
            return None
        view = _nearest(error, self.errors.by_class)
        if view is not None:
            return self._of_error(view, view.function(error), context)
        return None

    def failed(self, error: BaseException, context: Context) -> Answer | None:
        """Answer with the way to an error that nobody expected, while the site is being worked on."""
        state(context).failure = error
        if self.code.testing:
            raise error
        return traceback_page(error, context, self.code.root_path) if self.is_development else None

    def page(self, status: int, context: Context, pages: ErrorPages) -> Answer:
        """Answer with an error: the function that there is for it, or else the page."""
        code = state(context)
        error = code.error if isinstance(code.error, HTTPException) and code.error.code == status else None
        if error is None and status == InternalServerError.code:
            error = InternalServerError(original_exception=code.failure)
        error = error or default_exceptions.get(status, _Unknown)()
        error.code = error.code or status
        code.error = error
        view = self.errors.find(error)
        if view is None:
            return pages(status, context)
        try:
            value = view.function(error)
            if value is error and error.response is None:
                return pages(status, context)
            return self._of_error(view, value, context)
        except (Exception, SystemExit) as failure:
            logger.exception("%s %s: `%s` failed (%s)", context.method, context.path_in_log, view.name, where(context))
            code.error = None
            if (shown := self.failed(failure, context)) is not None:
                return shown
            return pages(500, context) if status == InternalServerError.code else self.page(500, context, pages)

    def after(self, answer: Answer, context: Context, *, is_failing: bool = False) -> Answer:
        """Let functions change an answer before it is sent: those of this request first, the last one declared next.

        Of an answer that tells of a failure, one more is only logged.
        """
        code = state(context)
        if not code.changes_answers:
            return answer
        kept, code.response = code.response, None
        response: Response = kept or as_response(answer, SiteResponse)
        try:
            for function in code.after:
                response = _response(function(response), getattr(function, "__name__", "a function"))
            for hook in code.concern.after:
                context.place = hook.declared
                response = _response(hook.call(response), hook.view.name)
        except (Exception, SystemExit):
            if not is_failing and code.failure is None:
                raise
            logger.exception("%s %s failed once more (%s)", context.method, context.path_in_log, where(context))
        if kept is None and _has_already(context, response):
            response.close()
            response.status_code, response.response, response.direct_passthrough = 304, [], False
        return checked(sent(response, context), context)

    def end(self, context: Context) -> None:
        """Let the request be over, once nobody needs it any more."""
        keep = context.environ.get("declweb.keep_context")
        if keep is not None:
            keep(context)
        known = state(context)
        hooks = (known.concern or self.at(context.path)).teardown
        if hooks or keep is not None or known.request is not None:
            known.end(lambda: _tear_down(hooks, context))

    def _of_error(self, view: View, value: Any, context: Context) -> Answer:
        if isinstance(value, HTTPException):
            return self._answered(value.get_response(context.environ), context)
        return self._answer(view, value, context)

    def _answer(self, view: View, value: Any, context: Context) -> Answer:
        try:
            made = answered(value, context)
        except NoAnswer as error:
            raise TypeError(f"`{view.name}` ({view.place}) {error}") from error.__cause__
        return self._answered(made, context)

    def _answered(self, made: Answer | Response, context: Context) -> Answer:
        line, fields, body = sent(made, context) if isinstance(made, Response) else made
        status, finish = int(line[:3]), self.finisher(context.path)
        return checked((line, finish(status, context.is_secure, kept_private(status, fields)), body), context)


class _Unknown(HTTPException):
    """An error that Werkzeug has no class for."""


def _has_already(context: Context, response: Response) -> bool:
    """Tell whether the visitor has a page or file of the site as functions left it."""
    tag = response.headers.get("ETag")
    if tag is None or response.status_code not in {200, 206} or context.method not in {"GET", "HEAD"}:
        return False
    get, modified = context.environ.get, parse_date(response.headers.get("Last-Modified", ""))
    return is_unchanged(get("HTTP_IF_NONE_MATCH"), get("HTTP_IF_MODIFIED_SINCE"), tag, modified)


def _response(value: Any, name: str) -> Response:
    if isinstance(value, Response):
        return value
    what = "nothing" if value is None else type(value).__name__
    raise TypeError(f"`{name}` is given a response and must return one, but returned {what}")


def _tear_down(hooks: Iterable[Hook], context: Context) -> None:
    """Call what is to be called at the end, all of it whatever happens, and let go of the request and its uploads."""
    token = current.set(context)
    try:
        for hook in hooks:
            try:
                hook.call(state(context).failure)
            except (Exception, SystemExit):
                logger.exception(
                    "`%s` failed after %s %s (%s)", hook.view.name, context.method, context.path_in_log, hook.declared
                )
    finally:
        current.reset(token)
        known = state(context)
        request, known.request = known.request, None  # they know each other: nothing else would free them soon
        if request is not None:
            request.close()


# --- from the site file -----------------------------------------------------------------------------------------------


def request_cycle(building: Building, templates: Templates) -> RequestCycle:
    """Return what the site's own Python does with every request."""
    site, parts = building.site, building.parts
    hooks, views = site.hooks, ViewTemplates(templates, templates.processors)
    root = parts.folder.root
    stored = StoreSettings.of(site.storage, root).folder
    static = next((mount for mount in site.static if mount.endpoint == DEFAULT_MOUNT.name), DEFAULT_MOUNT)
    code = Application(site.site.name, root, stored, site.config, views, debug=parts.is_development, static=static)
    before, after, teardown = (
        _hooks(key, getattr(hooks, key), building) for key in ("before_request", "after_request", "teardown_request")
    )
    if not (before or after or teardown):
        nothing = Concern((), (), ())
        return RequestCycle(
            lambda _path: nothing, _error_handlers(hooks, building), building.finisher, code, code.debug
        )

    @lru_cache(maxsize=_PATHS)
    def at(path: str) -> Concern:
        return Concern(
            tuple(hook for hook in before if hook.concerns(path)),
            tuple(hook for hook in reversed(after) if hook.concerns(path)),
            tuple(hook for hook in reversed(teardown) if hook.concerns(path)),
        )

    return RequestCycle(at, _error_handlers(hooks, building), building.finisher, code, code.debug)


def _hooks(key: str, declared: Iterable[RequestHook], building: Building) -> tuple[Hook, ...]:
    place = building.parts.place
    return tuple(
        Hook(_view(each.handler, building), place(("hooks", key, index)), tuple(each.paths))
        for index, each in enumerate(declared)
    )


def _error_handlers(hooks: Hooks, building: Building) -> ErrorHandlers:
    by_code: dict[int, dict[type, View]] = {}
    by_range: dict[int, View] = {}
    by_class: dict[type, View] = {}
    for spec, handler in hooks.errors.items():
        view = _view(handler, building)
        if spec.isdecimal():
            by_code.setdefault(int(spec), {})[HTTPException] = view
        elif spec[:1].isdecimal():
            by_range[int(spec[0])] = view
        else:
            kind: Any = building.parts.functions[spec]
            code = kind.code if issubclass(kind, HTTPException) else None
            (by_class if code is None else by_code.setdefault(code, {}))[kind] = view
    return ErrorHandlers(by_code, by_range, by_class)


def _view(spec: str, building: Building) -> View:
    functions = building.parts.functions
    return View(spec, functions[spec], functions.place(spec))
