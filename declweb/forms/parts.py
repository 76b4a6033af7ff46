"""Facts that drawn forms are made of: names of hidden fields, what browsers fill in, which files they offer.

Owns the tables. Knows no form and no visitor.
"""

import re
from dataclasses import dataclass

from declweb.forms.questions import Question

HONEYPOT = "_marginalia"
"""A field that people never see; programs that fill in everything give themselves away."""
KEY, SECONDS = "_key", "_seconds"
"""Fields that the script fills in: a random submission key, and how long the page has been open."""
TICKET = "_ticket."
"""Before the name of a file field: one value for each file that the visitor keeps from before, its ticket."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that was uploaded with answers that had to be corrected."""

    name: str
    size: int
    ticket: str


_BY_TYPE = {"email": "email", "tel": "tel", "url": "url", "password": "new-password"}
_BY_NAME = {
    "name": "name",
    "your_name": "name",
    "full_name": "name",
    "first_name": "given-name",
    "given_name": "given-name",
    "last_name": "family-name",
    "family_name": "family-name",
    "surname": "family-name",
    "organisation": "organization",
    "organization": "organization",
    "company": "organization",
    "street": "address-line1",
    "address": "address-line1",
    "postcode": "postal-code",
    "postal_code": "postal-code",
    "zip": "postal-code",
    "zip_code": "postal-code",
    "plz": "postal-code",
    "city": "address-level2",
    "town": "address-level2",
    "country": "country-name",
    "vorname": "given-name",
    "nachname": "family-name",
    "strasse": "address-line1",
    "ort": "address-level2",
    "nom": "family-name",
    "prenom": "given-name",
    "nombre": "name",
    "apellidos": "family-name",
}
"""What a browser may fill in, by what the field is called (HTML, section 4.10.18.7)."""


def purpose(question: Question) -> str | None:
    """Return what a browser may fill in; None where that is not known."""
    if question.type in {"text", "textarea"}:
        found = _BY_NAME.get(question.name)
        if question.type == "textarea":
            return "street-address" if found == "address-line1" else None
        return found
    if question.type == "date":
        return "bday" if question.name in {"birthday", "date_of_birth"} else None
    return _BY_TYPE.get(question.type)


def file_size(size: int, language: str) -> str:
    """Return a size as people read it, such as 1.2 MB."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("KB", 10**3)):
        if size >= factor:
            number = f"{size / factor:.1f}".removesuffix(".0")
            return f"{number if language.startswith('en') else number.replace('.', ',')} {unit}"
    return f"{size} B"


_FOREIGN = re.compile(r"\(\?(?!:)|\\[AZzGhNPpRX0-9]|[*+?}]\+|\[[^\]]*[\[&~!#$%*+,.:;<=>?@`^(){}/|-]{2}|\[[^\]]*\[")
"""What only Python reads, or what browsers (in their `v` mode) read in another way."""


def is_for_browsers(pattern: str) -> bool:
    """Tell whether a pattern of Python means the same in the attribute `pattern`."""
    return not _FOREIGN.search(pattern) and "[" not in _unclassed(pattern)


def _unclassed(pattern: str) -> str:
    """Return a pattern without its plain classes: letters, digits, ranges and a few signs."""
    return re.sub(r"\[\^?(?:\w(?:-\w)?|\\[dws\\.-]|[ .,:;'_@!#%&=<>~`\"+*?$])+-?\]", "", pattern)
