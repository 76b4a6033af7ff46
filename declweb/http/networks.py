"""Which addresses of the internet belong to everybody, and which to this machine, its network or nobody.

Owns the table of networks. Knows no name and opens no connection.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address

NEAR = {
    "this machine itself": ("127.0.0.0/8", "::1/128"),
    "in a private network": ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fec0::/10"),
    "in this machine's own network (link-local)": ("169.254.0.0/16", "fe80::/10"),
    "in the network of an internet provider": ("100.64.0.0/10",),
}
"""Networks that only this machine or its neighbours reach, by what they are (IANA special-purpose address registries,
RFC 6890; RFC 1918, RFC 3879, RFC 3927, RFC 4193, RFC 4291, RFC 6598)."""

NOWHERE = {
    "no address at all": ("0.0.0.0/8", "::/128"),
    "many machines at once": ("224.0.0.0/4", "ff00::/8"),
    "an address that nobody has": ("192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "240.0.0.0/4", "2001::/23"),
    "an address for examples": (
        "192.0.2.0/24",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "2001:db8::/32",
        "3fff::/20",
    ),
    "another spelling of an address": ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b:1::/48", "2002::/16"),
}
"""Networks in which there is nobody to be called (RFC 1112, RFC 2544, RFC 3849, RFC 5737, RFC 7526, RFC 9637), and
forms of IPv6 in which any address of IPv4 can be written (RFC 3056, RFC 4291, RFC 7915, RFC 8215)."""

TRANSLATED = IPv6Network("64:ff9b::/96")
"""Addresses of IPv4 as machines with IPv6 alone see them (RFC 6052 section 2.1): what counts is what is in them."""

GLOBAL = IPv6Network("2000::/3")
"""All that is given to anybody of IPv6 (RFC 4291 section 2.4)."""

_NEAR = tuple((ip_network(each), what) for what, networks in NEAR.items() for each in networks)
_NOWHERE = tuple((ip_network(each), what) for what, networks in NOWHERE.items() for each in networks)


def as_address(host: str) -> Address | None:
    """Return the address that is written in a URL in a name's place; None where it is a name."""
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        return None


def near(address: Address) -> str | None:
    """Say what an address is that only this machine or its network can reach; None where it is no such."""
    return _found(_inner(address), _NEAR)


def nowhere(address: Address) -> str | None:
    """Say why nobody can be called at an address; None where somebody may be."""
    inner = _inner(address)
    found = _found(inner, _NOWHERE) if _found(inner, _NEAR) is None else None
    is_unknown = isinstance(inner, IPv6Address) and inner not in GLOBAL and near(inner) is None
    return found or ("an address that nobody has" if is_unknown else None)


def _inner(address: Address) -> Address:
    if isinstance(address, IPv6Address) and address in TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _found(address: Address, networks: Iterable[tuple[object, str]]) -> str | None:
    return next((what for network, what in networks if address in network), None)  # type: ignore[operator] # a network
