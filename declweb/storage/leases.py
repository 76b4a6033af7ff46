"""Leases: which process does a piece of work that only one is to do.

Owns how a lease is taken over from a process that is gone.
"""

from sqlalchemy import Connection, insert, select, update

from declweb.storage.tables import LEASES


def take_lease(connection: Connection, name: str, holder: str, now: float, seconds: float) -> bool:
    """Tell whether a piece of work is this holder's from now on, for so many seconds."""
    row = connection.execute(select(LEASES.c.holder, LEASES.c.until).where(LEASES.c.name == name)).first()
    if row is None:
        connection.execute(insert(LEASES), [{"name": name, "holder": holder, "until": now + seconds}])
        return True
    if row.holder != holder and now < row.until <= now + seconds:  # one from the future is a clock's mistake
        return False
    connection.execute(update(LEASES).where(LEASES.c.name == name).values(holder=holder, until=now + seconds))
    return True
