"""What each process of Granian calls: loads the site beside this file."""

from pathlib import Path

import declweb


def load() -> object:
    """Return the site as a WSGI application."""
    return declweb.load(Path(__file__).with_name("site.toml"))
