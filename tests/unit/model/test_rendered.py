"""A document of a feed in its parts."""

from hypothesis import given
from hypothesis import strategies as st

from aggregator.model.rendered import RenderedDocument, split_document

BYTES = st.binary(max_size=20)


@given(st.builds(RenderedDocument, BYTES, st.lists(BYTES, max_size=5), after=BYTES))
def test_who_knows_how_it_is_laid_can_part_it_again(document: RenderedDocument) -> None:
    again = split_document(document.data, document.laid)
    assert again.data == document.data
    if document.entries:
        assert again == document
