"""What a memory keeps, and what it forgets."""

from declweb.memory import Memory


def test_the_oldest_is_forgotten() -> None:
    memory: Memory[str, int] = Memory(2)
    assert memory.keep("a", 1) == 1
    memory.keep("b", 2)
    memory.keep("a", 3)
    memory.keep("c", 4)
    assert memory == {"a": 3, "c": 4}
    assert list(memory) == ["a", "c"]
