"""Stage 1: a site file's text becomes one tree of plain values, and remembers where each of them is written."""

from declweb.sitefile.document import Document
from declweb.sitefile.reading import NoSiteFile, Reading, read
from declweb.sitefile.spans import KeyPath
from declweb.sitefile.variables import ABSENT, FromVariable

__all__ = ["ABSENT", "Document", "FromVariable", "KeyPath", "NoSiteFile", "Reading", "read"]
