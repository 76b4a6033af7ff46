"""A process that delivers until it is ended: `python delivering.py FOLDER DATABASE PORT LEASE`."""

import sys
from pathlib import Path
from threading import Event

from mailing import Office

from declweb.delivery.delivering import Deliverer
from declweb.storage import Store, StoreSettings


def main() -> None:
    """Deliver what is in the store of a folder to the mail server at a port."""
    folder, database, port, lease = sys.argv[1:]
    store = Store(StoreSettings(Path(folder), database or None))
    Deliverer(store, Office(store).settings(int(port)), lease=float(lease)).start()
    print("delivering", flush=True)  # noqa: T201 # whoever started it waits for that
    Event().wait()


if __name__ == "__main__":
    main()
