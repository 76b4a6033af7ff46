"""declweb turns one readable TOML file into a running website.

Owns the public names. Each is imported on first use, so that importing declweb costs next to nothing.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from declweb.problems import SiteError
    from declweb.serving.reload import load

__all__ = ["SiteError", "__version__", "load"]

_HOMES = {"SiteError": "declweb.problems", "load": "declweb.serving.reload"}


def __getattr__(name: str) -> object:
    from importlib import import_module, metadata  # noqa: PLC0415 # see above

    if name == "__version__":
        return metadata.version("declweb")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module `declweb` has no attribute `{name}`")
