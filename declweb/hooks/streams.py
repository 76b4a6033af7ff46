"""Bodies that a view makes while they are sent.

Owns what becomes of one that fails, is left early, or is of another length than was said, and how long its request
lasts. Knows no server.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from functools import update_wrapper, wraps
from typing import Any, ParamSpec, TypeVar

from declweb.context import Context, current
from declweb.hooks.state import state, where

logger = logging.getLogger("declweb.app")

P = ParamSpec("P")
R = TypeVar("R")


class WrongLength(Exception):
    """A body that is shorter than was said; the connection has to end, or the next answer would pass for its rest."""


class Stream:
    """The body of an answer, sent part by part.

    Where so many bytes are expected no more are sent, and less is an error: the server ends the connection.
    """

    __slots__ = ("_close", "_context", "_left", "_parts", "_source")

    def __init__(self, source: Iterable[Any], context: Context) -> None:
        self._source = source
        self._parts = iter(source)
        self._context = context
        self._left: int | None = None

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            part = next(self._parts)
            data = part.encode() if isinstance(part, str) else bytes(part)
        except StopIteration:
            if self._left:
                self._say("ended %d bytes too early", self._left)
                raise WrongLength(f"{self._left} bytes are missing") from None
            raise
        except Exception as error:
            self._log_failure(error)
            raise
        except SystemExit as error:
            self._log_failure(error)
            raise RuntimeError("a view must not end the process") from error
        return data if self._left is None else self._within(data)

    def _log_failure(self, error: BaseException) -> None:
        context = self._context
        what = context.method, context.path_in_log, where(context)
        logger.error("%s %s failed while it was sent (%s)", *what, exc_info=error)

    def expect(self, length: int) -> None:
        """Send so many bytes, and no others."""
        self._left = length

    def _within(self, data: bytes) -> bytes:
        left = self._left or 0
        if len(data) > left:
            self._say("is longer than its Content-Length says; the rest is not sent")
            self._parts = iter(())
        self._left = left - min(left, len(data))
        return data[:left]

    def _say(self, message: str, *arguments: object) -> None:
        context = self._context
        logger.error(f"%s %s {message} (%s)", context.method, context.path_in_log, *arguments, where(context))  # noqa: G004 # what happened is chosen above

    def close(self) -> None:
        """Let go of what the parts come from; what it says to that is for the log alone."""
        close = getattr(self._source, "close", None)
        try:
            if close is not None:
                close()
        except Exception:
            context = self._context
            logger.exception("%s %s failed when it was left (%s)", context.method, context.path_in_log, where(context))


class _WithContext:
    """An iterator that sees its request whenever it is asked for the next part, wherever and in whatever thread."""

    __slots__ = ("_context", "_is_over", "_parts")

    def __init__(self, parts: Iterable[Any], context: Context) -> None:
        self._is_over = False
        self._context = context
        state(context).hold()
        token = current.set(context)
        try:
            self._parts = iter(parts)
        finally:
            current.reset(token)

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        token = current.set(self._context)
        try:
            return next(self._parts)
        finally:
            current.reset(token)

    def close(self) -> None:
        """Close what the parts come from, and let the request be over."""
        if self._is_over:
            return
        self._is_over = True
        token = current.set(self._context)
        try:
            if (close := getattr(self._parts, "close", None)) is not None:
                close()
        finally:
            try:
                state(self._context).release()
            finally:
                current.reset(token)

    def __del__(self) -> None:
        if not getattr(self, "_is_over", True):
            self.close()


def stream_with_context(parts: Any) -> Any:
    """Let a generator see the request while it is sent, as Flask's: also as a decorator of a generator function."""
    if callable(parts) and not hasattr(parts, "__iter__"):
        function = parts

        def streamed(*args: Any, **kwargs: Any) -> Any:
            return stream_with_context(function(*args, **kwargs))

        return update_wrapper(streamed, function)
    context = current.get(None)
    if context is None:
        raise RuntimeError("there is no request that could be streamed with: stream_with_context belongs into a view")
    return _WithContext(parts, context)


def copy_current_request_context(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function that runs elsewhere, in a thread or a greenlet, see the request that is being answered now."""
    context = current.get(None)
    if context is None:
        raise RuntimeError("there is no request to hand on: copy_current_request_context belongs into a view")

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        token = current.set(context)
        try:
            return function(*args, **kwargs)
        finally:
            current.reset(token)

    return run
