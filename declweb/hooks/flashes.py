"""Messages for a visitor, as Flask's.

Owns how they are asked for. Knows nothing of where they are kept.
"""

from collections.abc import Sequence

from declweb.context import current


def get_flashed_messages(
    with_categories: bool = False,  # noqa: FBT001, FBT002 # Flask's signature
    category_filter: Sequence[str] = (),
) -> list[object]:
    """Return the messages for the visitor and forget them, as Flask does; all calls for one request give the same."""
    flashes = current.get().messages()
    if category_filter:
        flashes = [flash for flash in flashes if flash[0] in category_filter]
    return list(flashes) if with_categories else [message for _, message in flashes]
