"""Running a site: its processes, its log, and the watch over its files.

Owns everything between a site that can be loaded and the visitors that it answers. Knows nothing of what is in a site
file but how it wants to be served.
"""


class CannotStart(Exception):
    """Why a site cannot be served, in a sentence for its owner."""
