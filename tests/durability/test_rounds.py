"""Processes are killed while visitors hand in reports; `python -m durability rounds` does it 2,000 times."""

from durability.rounds import VISITORS, run


def test_whoever_is_killed_no_receipt_is_lost() -> None:
    tally = run(20, seed=1)
    assert tally.rounds == 20
    assert tally.receipts >= VISITORS, "each has handed in one report at least, however slow the machine is"
    assert set(tally.killed) == {"one worker", "all workers", "everything"}
    assert not tally.refused
