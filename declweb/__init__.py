"""declweb turns one readable TOML file into a running website.

Owns the public names. Each is imported on first use, so that importing declweb costs next to nothing.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os

    from declweb.problems import SiteError
    from declweb.serving.asgi import Asgi
    from declweb.serving.reload import load

__all__ = ["SiteError", "__version__", "asgi", "load"]

_HOMES = {"SiteError": "declweb.problems", "load": "declweb.serving.reload"}


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
