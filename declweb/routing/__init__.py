"""Addresses both ways: from a path to who answers it, and from a name to its path.

Owns what the site file's converters mean, and Werkzeug's matcher, which nothing else touches.
"""

from declweb.routing.building import CannotBuild, Endpoint, Urls
from declweb.routing.converters import UnusableConverter, converter_classes
from declweb.routing.languages import Languages
from declweb.routing.matching import Found, Matcher

__all__ = ["CannotBuild", "Endpoint", "Found", "Languages", "Matcher", "UnusableConverter", "Urls", "converter_classes"]
