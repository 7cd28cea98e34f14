"""What is scrubbed of secrets before it is stored or told."""

from aggregator.clean.scrub import scrub_document
from aggregator.parse import parse
from aggregator.text.masking import Hidden


def test_a_secret_in_the_text_of_a_date_is_masked() -> None:
    body = "<rss><channel><item><guid>1</guid><pubDate>key s3cr3t-token-77 of 2026</pubDate></item></channel></rss>"
    document, _ = scrub_document(parse(body.encode(), url=""), "", Hidden((("s3cr3t-token-77", "${KEY}"),)))
    assert document.date_faults == (("not a date: key ${KEY} of 2026",),)
