"""What a site's own Python imports: Flask's names, for views whose import line says `declweb`.

Owns the list of names. Each is imported on first use, so that a site pays only for what its Python asks for.
"""

from importlib import import_module

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

__all__ = [*HOMES]  # noqa: PLE0604 # the names above


def __getattr__(name: str) -> object:
    if name not in HOMES:
        raise AttributeError(f"module `declweb.hooks` has no attribute `{name}`")
    return getattr(import_module(HOMES[name]), name)
