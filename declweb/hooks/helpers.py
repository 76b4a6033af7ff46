"""The functions that views call, as Flask's.

Owns what each of them does. Knows the site only through the request that is being answered.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from stat import S_ISREG
from typing import Any

import werkzeug.utils
from werkzeug.exceptions import NotFound, abort
from werkzeug.security import safe_join
from werkzeug.utils import secure_filename
from werkzeug.wrappers import Response as BaseResponse

from declweb.context import Context
from declweb.hooks.current import context_of
from declweb.hooks.flashes import get_flashed_messages
from declweb.hooks.response import Response
from declweb.routing import Urls, converter_classes

__all__ = [
    "abort",
    "flash",
    "get_flashed_messages",
    "redirect",
    "secure_filename",
    "send_file",
    "send_from_directory",
    "url_for",
]


def flash(message: str, category: str = "message") -> None:
    """Keep a message for the next page that shows messages."""
    context_of("session").session.flash(message, category)


def redirect(
    location: str,
    code: int = 302,
    Response: type[BaseResponse] | None = None,  # noqa: N803 # Flask's signature
) -> BaseResponse:
    """Return a response that sends the visitor elsewhere."""
    return werkzeug.utils.redirect(location, code, Response or _Response)


_Response = Response


def url_for(
    endpoint: str,
    *,
    _anchor: str | None = None,
    _method: str | None = None,
    _scheme: str | None = None,
    _external: bool | None = None,
    **values: Any,
) -> str:
    """Return the address of a route; raises a LookupError where there is none, as Flask does."""
    context = context_of("current_app", needs_request=False)
    options = {"_anchor": _anchor, "_method": _method, "_scheme": _scheme, "_external": _external}
    if endpoint.startswith("."):
        blueprint = (context.endpoint or "").rpartition(".")[0]
        endpoint = f"{blueprint}{endpoint}" if blueprint else endpoint[1:]
    values |= {name: value for name, value in options.items() if value is not None}
    if _external is None and not (context.code is None or context.code.has_request):
        values["_external"] = True
    if endpoint == "static" and endpoint not in context.app.urls:
        return _of_no_file(context, values)
    url: str = context.app.url_for(endpoint, **values)
    return url


def _of_no_file(context: Context, values: Mapping[str, Any]) -> str:
    """Return the address that a file would have on a site without static files, as Flask does."""
    urls = Urls(context.app.urls.origin, converter_classes({}))
    urls.add("static", f"{context.app.code.static_url_path}/<path:filename>")
    return urls.build("static", values, context.prefix, context.origin)


def send_file(  # noqa: PLR0913 # Flask's signature
    path_or_file: Any,
    mimetype: str | None = None,
    as_attachment: bool = False,  # noqa: FBT001, FBT002 # Flask's signature
    download_name: str | None = None,
    conditional: bool = True,  # noqa: FBT001, FBT002 # as above
    etag: bool | str = True,  # noqa: FBT001, FBT002 # as above
    last_modified: Any = None,
    max_age: Any = None,
) -> BaseResponse:
    """Return a response that is a file; a path is seen from the site folder."""
    context = context_of("request")
    return werkzeug.utils.send_file(
        path_or_file,
        context.environ,
        mimetype=mimetype,
        as_attachment=as_attachment,
        download_name=download_name,
        conditional=conditional,
        etag=etag,
        last_modified=last_modified,
        max_age=max_age,
        response_class=Response,
        _root_path=context.app.code.root_path,
    )


def send_from_directory(
    directory: str | os.PathLike[str], path: str | os.PathLike[str], **options: Any
) -> BaseResponse:
    """Return a response that is a file of a folder; 404 for what is no file, or lies outside, also behind a link."""
    root = Path(context_of("request").app.code.root_path, os.fspath(directory))
    joined = safe_join(os.fspath(root), os.fspath(path))
    try:
        real = Path(joined or "").resolve(strict=True)
        is_file = joined is not None and real.is_relative_to(root.resolve()) and S_ISREG(real.stat().st_mode)
    except (OSError, ValueError):
        is_file = False
    if joined is None or not is_file:
        raise NotFound
    return send_file(joined, **options)
