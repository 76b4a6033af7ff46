"""declweb turns one readable TOML file into a running website.

Owns the public names. Each is imported on first use, so that importing declweb costs next to nothing.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os

    from declweb.hooks import (
        Markup,
        Request,
        Response,
        abort,
        after_this_request,
        copy_current_request_context,
        current_app,
        escape,
        flash,
        g,
        get_flashed_messages,
        has_app_context,
        has_request_context,
        jsonify,
        make_response,
        redirect,
        render_template,
        render_template_string,
        request,
        secure_filename,
        send_file,
        send_from_directory,
        session,
        stream_template,
        stream_template_string,
        stream_with_context,
        url_for,
    )
    from declweb.problems import SiteError
    from declweb.serving.asgi import Asgi
    from declweb.serving.importing import import_all
    from declweb.serving.reload import load

__all__ = [
    "Markup",
    "Request",
    "Response",
    "SiteError",
    "__version__",
    "abort",
    "after_this_request",
    "asgi",
    "copy_current_request_context",
    "current_app",
    "escape",
    "flash",
    "g",
    "get_flashed_messages",
    "has_app_context",
    "has_request_context",
    "import_all",
    "jsonify",
    "load",
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

_HOMES = {
    "SiteError": "declweb.problems", "import_all": "declweb.serving.importing", "load": "declweb.serving.reload",
}  # fmt: skip


def __getattr__(name: str) -> object:
    from importlib import import_module, metadata  # noqa: PLC0415 # see above

    if name == "__version__":
        return metadata.version("declweb")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    hooks = import_module("declweb.hooks")
    if name in hooks.HOMES:
        return getattr(hooks, name)
    raise AttributeError(f"module `declweb` has no attribute `{name}`")


def asgi(site: "str | os.PathLike[str]", env: str | None = None, *, reload: bool = True) -> "Asgi":
    """Return a site as an ASGI application; all else is as in `load`.

    A function and no name that is looked for: hypercorn reads the names that are there.
    """
    try:
        from declweb.serving.asgi import asgi as found  # noqa: PLC0415 # see above
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "asgiref":
            raise
        raise ModuleNotFoundError("declweb.asgi needs asgiref; add it: pip install 'declweb[asgi]'") from error
    return found(site, env, reload=reload)
