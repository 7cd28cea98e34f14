from functools import partial

from aggregator.validate.cache import ResultCache


def test_results_are_computed_once_until_other_texts_take_their_place() -> None:
    cache: ResultCache[int] = ResultCache(10)
    computed: list[str] = []

    def length(text: str) -> int:
        computed.append(text)
        return len(text)

    for text in ("1234", "abcd", "1234", "ABCD", "1234", "abcd", "larger than all"):
        assert cache.get("kind", text, partial(length, text)) == len(text)
    assert computed == ["1234", "abcd", "ABCD", "abcd", "larger than all"]
    assert cache.get("another kind", "abcd", lambda: 0) == 0
