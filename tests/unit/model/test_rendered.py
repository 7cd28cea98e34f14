"""A rendered document in parts."""

from hypothesis import given
from hypothesis import strategies as st

from aggregator.model.rendered import RenderedDocument, split_document

BYTES = st.binary(max_size=20)


@given(st.builds(RenderedDocument, BYTES, st.lists(BYTES, max_size=5), after=BYTES))
def test_a_document_is_split_by_its_part_lengths(document: RenderedDocument) -> None:
    again = split_document(document.data, document.part_lengths)
    assert again.data == document.data
    if document.entries:
        assert again == document
