"""Processes that deliver are killed; `python -m durability deliveries` does it to 5,000 messages."""

from durability.deliveries import run


def test_whoever_is_killed_no_message_is_lost_and_none_is_sent_twice_but_what_was_on_its_way() -> None:
    tally = run(150, least=2, seed=1, lease=8.0, pause=0.4)
    assert tally.arrived == tally.count
    assert tally.kills >= 2
    assert not tally.lost
    assert not tally.unexcused
    assert tally.doubles <= tally.kills
