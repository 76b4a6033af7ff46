"""By which address a visitor is known.

Owns what counts as one visitor: an IPv4 address, or the /64 of an IPv6 address, which is one household; and which
addresses are near. Knows no environ, and of addresses remembers only what they stand for.
"""

from functools import lru_cache
from ipaddress import IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

FORWARDED = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP")
"""Fields in which proxies tell of the visitor."""


@lru_cache(maxsize=1024)
def visitor_address(address: str | None) -> str | None:
    """Return what stands for the visitor at a network address; None where there is no address to go by."""
    try:
        found = ip_address((address or "").partition("%")[0].strip("[]"))
    except ValueError:
        return None
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(IPv6Network((found, 64), strict=False).network_address) + "/64"
    return str(found)


def is_near(host: str) -> bool:
    """Tell whether a Host field names this machine, or one of its own network."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_private
