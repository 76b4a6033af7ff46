"""What a site's own Python imports: Flask's names, for views whose import line says `declweb`.

Owns the list of names. Each is imported on first use, so that a site pays only for what its Python asks for.
"""

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from markupsafe import Markup, escape

    from declweb.hooks.current import (
        current_app,
        g,
        has_app_context,
        has_request_context,
        request,
        session,
    )
    from declweb.hooks.helpers import (
        abort,
        flash,
        get_flashed_messages,
        redirect,
        secure_filename,
        send_file,
        send_from_directory,
        url_for,
    )
    from declweb.hooks.response import Response, after_this_request, jsonify, make_response
    from declweb.hooks.streams import copy_current_request_context, stream_with_context
    from declweb.hooks.templates import (
        render_template,
        render_template_string,
        stream_template,
        stream_template_string,
    )
    from declweb.hooks.view_request import Request

__all__ = [
    "Markup",
    "Request",
    "Response",
    "abort",
    "after_this_request",
    "copy_current_request_context",
    "current_app",
    "escape",
    "flash",
    "g",
    "get_flashed_messages",
    "has_app_context",
    "has_request_context",
    "jsonify",
    "make_response",
    "redirect",
    "render_template",
    "render_template_string",
    "request",
    "secure_filename",
    "send_file",
    "send_from_directory",
    "session",
    "stream_template",
    "stream_template_string",
    "stream_with_context",
    "url_for",
]

HOMES = {
    **dict.fromkeys(("current_app", "g", "request", "session"), "declweb.hooks.current"),
    "Request": "declweb.hooks.view_request",
    **dict.fromkeys(("Response", "after_this_request", "jsonify", "make_response"), "declweb.hooks.response"),
    **dict.fromkeys(
        ("abort", "flash", "get_flashed_messages", "redirect", "secure_filename", "send_file", "send_from_directory",
         "url_for"),
        "declweb.hooks.helpers",
    ),
    **dict.fromkeys(
        ("render_template", "render_template_string", "stream_template", "stream_template_string"),
        "declweb.hooks.templates",
    ),
    **dict.fromkeys(("copy_current_request_context", "stream_with_context"), "declweb.hooks.streams"),
    **dict.fromkeys(("has_app_context", "has_request_context"), "declweb.hooks.current"),
    **dict.fromkeys(("Markup", "escape"), "markupsafe"),
}  # fmt: skip
"""The public names, and the modules they are in."""


def __getattr__(name: str) -> object:
    if name not in HOMES:
        raise AttributeError(f"module `declweb.hooks` has no attribute `{name}`")
    return getattr(import_module(HOMES[name]), name)
