from aggregator.text.free_names import FreeNames


def test_a_taken_name_gets_the_first_free_number() -> None:
    names = FreeNames(["a", "a-3", "c"])
    assert [names.take(base) for base in ("a", "b", "a", "a-2", "c", "a")] == ["a-2", "b", "a-4", "a-2-2", "c-2", "a-5"]
