"""Proof that nothing acknowledged is lost: clients that write down what they were told, and what is done to servers.

`PYTHONPATH=tests/support python -m durability rounds|faults|deliveries` runs what takes long; the test suite runs a
part of it.
"""
