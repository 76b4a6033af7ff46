"""Calls of the system fail during a submission; `python -m durability faults` lets every one of them fail."""

import pytest
from durability.faults import run


@pytest.mark.parametrize("server", ["granian", "gunicorn"])
def test_whatever_fails_nothing_that_was_acknowledged_is_lost(server: str) -> None:
    tally = run(server, sample=30, seed=1)
    assert tally.points > 5, "how many there are depends on what is written together"
    assert tally.receipts >= tally.points, "after each point the next submission works"
