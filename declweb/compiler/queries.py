"""`[data.NAME]` with `database`: the rows that a query gives at the moment.

Owns which of what a site knows its queries are told. Knows no SQL.
"""

from declweb.compiler.building import Building
from declweb.compiler.data import SiteData
from declweb.data.dataset import Dataset
from declweb.data.sql import source_of
from declweb.model import Data


def bind_query(name: str, data: Data, known: SiteData, building: Building) -> None:
    """Let the rows of a dataset be those of its query; its columns stay what they were found to be."""
    bound = known.source(name)
    made = bound.now()
    assert isinstance(made, Dataset)
    bound.bind(source_of(name, data, building.parts.folder, building.site.site.timezone, made.columns))
