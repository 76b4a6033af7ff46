"""`[json.NAME]` with `data`: what is asked of datasets, and by which parameters.

Owns what is said of keys that name columns. Knows nothing of answers.
"""

from collections.abc import Iterator

from declweb.data.dataset import ANY, Dataset, Document
from declweb.model import Json
from declweb.model.data import Items
from declweb.model.json import OF_DATA
from declweb.model.urls import variables
from declweb.problems import Problem
from declweb.rules.base import Rule, Subject
from declweb.rules.data import Known, find_dataset, unknown_column, wrong_question
from declweb.sitefile import KeyPath


def wrong_endpoints(subject: Subject) -> Iterator[Problem]:
    """An endpoint shows data or columns that there are not, or asks by a parameter that nobody gives."""
    for name, endpoint in subject.site.json_.items():
        key: KeyPath = ("json", name)
        if endpoint.data is None or subject.draft.is_broken("json", name, "data"):
            continue
        known = find_dataset(endpoint.data, (*key, "data"), subject)
        if isinstance(known, Known) and isinstance(known.made, Document):
            yield from _keys_of_rows(endpoint, key, subject)
            continue
        given = {*endpoint.params, *(variable.name for variable in variables(endpoint.path))}
        asked = Items.model_construct(data=endpoint.data, where=endpoint.where, order=endpoint.order, page_size=None)
        if not any(subject.draft.is_broken("json", name, word) for word in ("path", "params")):
            yield from wrong_question(asked, key, given, f"the path and the `params` of [json.{name}]", subject)
        if isinstance(known, Known) and isinstance(known.made, Dataset):
            yield from _wrong_columns(endpoint, known.made, key, subject)
        yield from _doubled(endpoint, key, subject)


def _keys_of_rows(endpoint: Json, key: KeyPath, subject: Subject) -> Iterator[Problem]:
    for word in OF_DATA:
        if word in endpoint.model_fields_set:
            what = f"`{word}` means nothing here: `{endpoint.data}` is a document without rows"
            help_ = f'take it out, or say where its rows are: `rows = "…"` in [data.{endpoint.data}]'
            yield subject.problem("wrong-key-here", what, (*key, word), help=help_)


def _wrong_columns(endpoint: Json, dataset: Dataset, key: KeyPath, subject: Subject) -> Iterator[Problem]:
    for word in ("filter", "sort", "fields"):
        for index, name in enumerate(getattr(endpoint, word) or ()):
            at = (*key, word, index) if subject.document.find((*key, word, index)) else (*key, word)
            if name not in dataset.names:
                yield unknown_column(dataset, name, at, subject)
            elif word != "fields" and dataset.column(name).type == ANY:
                what = f"the cells of column `{name}` are of several kinds, and cannot be compared"
                help_ = f"take it out, or give it a type: `columns` of [data.{endpoint.data}]"
                yield subject.problem("wrong-kind", what, at, word=name, help=help_)


def _doubled(endpoint: Json, key: KeyPath, subject: Subject) -> Iterator[Problem]:
    for index, name in enumerate(endpoint.filter):
        if name in endpoint.asked:
            at = (*key, "filter", index) if subject.document.find((*key, "filter", index)) else (*key, "filter")
            what = f"`{name}` is a parameter as well: a question for it could mean either"
            yield subject.problem("duplicate-name", what, at, word=name, help="give the parameter another name")


RULES: tuple[Rule, ...] = (wrong_endpoints,)
