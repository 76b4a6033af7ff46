"""Which addresses belong to everybody."""

import sys
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from declweb.http.networks import as_address, near, nowhere

NEAR = [
    "127.0.0.1", "127.255.255.254", "::1", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "fe80::1", "febf::1", "fc00::1", "fd12:3456::1", "fec0::1", "100.64.0.1", "100.127.255.255", "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
]  # fmt: skip
NOWHERE = [
    "0.0.0.0", "0.1.2.3", "::", "224.0.0.1", "239.255.255.255", "ff02::1", "240.0.0.1", "255.255.255.255", "192.0.0.8",
    "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.9", "192.88.99.1", "2001:db8::1", "3fff::1", "2001::1",
    "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:10.0.0.1", "::ffff:0:127.0.0.1", "::127.0.0.1", "::8.8.8.8",
    "2002:7f00:1::1",
    "2002:808:808::1", "64:ff9b:1::7f00:1", "64:ff9b::", "64:ff9b::e000:1", "100::1", "4000::1", "5f00::1", "::2",
]  # fmt: skip
ANYBODY = [
    "8.8.8.8", "1.1.1.1", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "169.253.0.1", "11.0.0.1",
    "126.0.0.1", "128.0.0.1", "192.167.0.1", "223.255.255.255", "2606:4700::1111", "2a00:1450::1", "64:ff9b::808:808",
]  # fmt: skip


@pytest.mark.parametrize("text", NEAR)
def test_near(text: str) -> None:
    assert near(ip_address(text))
    assert not nowhere(ip_address(text))


@pytest.mark.parametrize("text", NOWHERE)
def test_nowhere(text: str) -> None:
    assert nowhere(ip_address(text))
    assert not near(ip_address(text))


@pytest.mark.parametrize("text", ANYBODY)
def test_anybody(text: str) -> None:
    assert not near(ip_address(text))
    assert not nowhere(ip_address(text))


numbers = st.integers(0, 2**32 - 1).map(IPv4Address) | st.integers(0, 2**128 - 1).map(IPv6Address)


@given(numbers)
@example(IPv6Address("2001:20::1"))
def test_nobody_is_called_whom_python_takes_for_private(address: IPv4Address | IPv6Address) -> None:
    """Python's own list differs from version to version; ours leaves out nothing that it has."""
    is_strange = address.is_private or address.is_multicast or address.is_loopback or address.is_link_local
    if (is_strange or address.is_unspecified) and address not in _GIVEN:
        assert near(address) or nowhere(address), sys.version


_GIVEN = {ip_address("192.0.0.9"), ip_address("192.0.0.10")}


def test_names_are_no_addresses() -> None:
    hosts = ("127.0.0.1", "fe80::1%eth0", "till.example", "127.1")
    assert [as_address(host) is not None for host in hosts] == [True, True, False, False]
