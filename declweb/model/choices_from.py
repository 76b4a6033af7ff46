"""`choices_from`: choices of a form that are the rows of a dataset.

Owns the keys. Which columns there are, and what stands in them, is a rule's business.
"""

from typing import Annotated, Any

from pydantic import Field, model_validator

from declweb.model.base import Name, OneOrMany, Table, Value, quoted, wrong
from declweb.model.texts import Text

ColumnOfData = Annotated[str, Field(min_length=1)]
"""The name of a column of a dataset."""


class ChoicesFrom(Table):
    """Choices that are the rows of a file of data: a changed file changes what can be chosen."""

    data: Annotated[Name, Field(examples=["courses"])]
    """The dataset; it is one of a file, since others may change while somebody chooses."""
    value: Annotated[ColumnOfData, Field(examples=["code"])]
    """The column of what is stored, and of what conditions name; it tells the rows apart."""
    label: Annotated[Text | None, Field(examples=["title", {"en": "title_en", "de": "title_de"}])] = None
    """The column of what visitors read, or one for each language; the value where nothing is said, or a cell is
    empty."""
    places: Annotated[ColumnOfData | None, Field(examples=["places"])] = None
    """The column that says how many visitors can have each; with an empty cell as many as want."""
    where: Annotated[dict[Name, Value], Field(examples=[{"term": "autumn"}])] = {}
    """What holds of the rows that can be chosen: columns with their values."""
    order: Annotated[OneOrMany[str], Field(validate_default=False, examples=["title", ["day", "-places"]])] = []
    """The columns by which they are sorted; `-` before one turns it round. The file's order where nothing is said."""

    @model_validator(mode="before")
    @classmethod
    def _is_table(cls, data: Any) -> Any:
        if isinstance(data, str):
            help_ = f'write choices_from = {{ data = "{data}", value = "…" }} with the column of what is stored'
            raise wrong("wrong-kind", f"`choices_from` must be a table, not {quoted(data)}", help=help_)
        return data
