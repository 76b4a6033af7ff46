"""Header fields: how those of two sources become one.

Owns the merging rules. Knows nothing of which answer the fields belong to.
"""

from collections.abc import Iterable

from declweb.http.answer import Header, Headers


def find(headers: Iterable[Header], name: str) -> str | None:
    """Return the value of the first field with this name."""
    name = name.lower()
    return next((value for given, value in headers if given.lower() == name), None)


def without(headers: Iterable[Header], names: Iterable[str]) -> Headers:
    """Return the fields but for those with these names."""
    unwanted = {name.lower() for name in names}
    return [header for header in headers if header[0].lower() not in unwanted]


def merge(headers: Iterable[Header], added: Iterable[Header], unset: Iterable[str] = ()) -> Headers:
    """Return the fields without the `unset` ones and with the added ones.

    Vary gets the names it lacks, Link and Set-Cookie get another line; every other field replaces those of its name,
    where the first of them stood.
    """
    merged = without(headers, unset)
    for header in added:
        _ADDING.get(header[0].lower(), _replace)(merged, header)
    return merged


def _replace(headers: Headers, header: Header) -> None:
    name = header[0].lower()
    places = [place for place, (given, _) in enumerate(headers) if given.lower() == name]
    if not places:
        headers.append(header)
        return
    headers[places[0]] = header
    for place in reversed(places[1:]):
        del headers[place]


def _append(headers: Headers, header: Header) -> None:
    if header not in headers:
        headers.append(header)


def _vary(headers: Headers, header: Header) -> None:
    names: dict[str, str] = {}
    for field, value in (*headers, header):
        if field.lower() == "vary":
            for name in filter(None, (item.strip() for item in value.split(","))):
                names.setdefault(name.lower(), name)
    _replace(headers, ("Vary", "*" if "*" in names else ", ".join(names.values())))


_ADDING = {"vary": _vary, "link": _append, "set-cookie": _append}
