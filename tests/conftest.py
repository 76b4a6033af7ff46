"""What holds for every test."""

import os
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings
from turns import turn

# How long an example takes says more of the machine than of what is tested; speed is measured in benchmarks/.
settings.register_profile("declweb", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("declweb")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Let a test that is marked `alone` have the machine for itself, together with what it sets up."""
    if "PYTEST_XDIST_WORKER" not in os.environ or item.config.cache is None:
        return (yield)
    with turn(item.config.cache.mkdir("turns") / "file", is_alone=item.get_closest_marker("alone") is not None):
        return (yield)
