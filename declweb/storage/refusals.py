"""Why the store does not take something.

Owns the reasons; each has a sentence of its own for logs. What visitors read is written elsewhere.
"""


class Refused(Exception):
    """The store works, and does not take this."""


class Taken(Refused):
    """Another entry has this unique value."""

    def __init__(self, field: str) -> None:
        super().__init__(f"the value of `{field}` is taken")
        self.field = field


class SoldOut(Refused):
    """All places of a choice are taken."""

    def __init__(self, field: str, value: str) -> None:
        super().__init__(f"all places of `{value}` in `{field}` are taken")
        self.field = field
        self.value = value


class FormFull(Refused):
    """The form has all the entries that it may have."""

    def __init__(self) -> None:
        super().__init__("the form has as many entries as it may")


class TooMany(Refused):
    """A visitor comes too often."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many; again in {retry_after} s")
        self.retry_after = retry_after
        """Seconds to wait, at least 1."""


class StoreDown(Exception):
    """The store cannot promise anything now; the next call tries anew.

    An entry whose `add` ended so may be stored nevertheless (a disk or a server can fail after it wrote and before it
    said so). Its submission key and digest make a retry the same entry, with the same receipt.
    """


class StoreTooNew(Exception):
    """The database was made by a newer declweb; it is left alone."""
