"""How the choices of forms are called now, in every language: for whoever searches entries, which keep values alone.

Knows no store.
"""

from collections.abc import Mapping

from declweb.model.fields import CHOOSING
from declweb.model.forms import Form

Labels = dict[str, dict[str, dict[str, str]]]


def labels(forms: Mapping[str, Form]) -> Labels:
    """Return the labels of all choices, by form, field and value; several languages one after the other."""
    return {
        name: {
            field: {str(option.value): _words(option.label) for option in asked.options}
            for field, asked in form.fields.items()
            if asked.type in CHOOSING
        }
        for name, form in forms.items()
    }


def _words(label: str | dict[str, str]) -> str:
    return label if isinstance(label, str) else "\n".join(label.values())
