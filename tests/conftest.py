"""What holds for every test."""

import os
import signal
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings
from turns import turn

# How long an example takes says more of the machine than of what is tested; speed is measured in benchmarks/.
settings.register_profile("declweb", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("declweb")

# Who is started in the background ignores Ctrl-C, and so would every server that a test starts and stops.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

LONG = tuple(
    f"tests/{name}"
    for name in ("quality", "openapi", "servers", "serving", "durability", "delivery", "test_browser", "test_mutations")
)
"""What starts servers and browsers; it goes first, so that nobody is left alone with it at the end."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let what takes long begin early, in an order that is as random as it was."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Let a test that is marked `alone` have the machine for itself, together with what it sets up."""
    if "PYTEST_XDIST_WORKER" not in os.environ or item.config.cache is None:
        return (yield)
    with turn(item.config.cache.mkdir("turns") / "file", is_alone=item.get_closest_marker("alone") is not None):
        return (yield)
