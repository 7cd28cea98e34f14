"""Files of posts are read by the processes that clean them."""

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from aggregator.clean.clean_entry import ContentSettings
from aggregator.posts import PostSettings
from aggregator.pull.post_files import PostRequest, process_files

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def test_a_file_of_known_bytes_is_not_read_as_a_post_and_a_missing_one_is_a_fault(tmp_path: Path) -> None:
    data = b"---\ntitle: A\n---\nText\n"
    (tmp_path / "a.md").write_bytes(data)
    known = sha256(data).hexdigest()
    requests = [PostRequest("a.md", "a.md"), PostRequest("a.md", "a.md", known=known), PostRequest("b.md", "b.md")]
    read, same, missing = process_files(tmp_path, requests, PostSettings(), ContentSettings(), NOW)
    assert read.entry
    assert (read.digest, read.is_same) == (known, False)
    assert (same.entry, same.digest, same.is_same) == (None, known, True)
    assert missing.fault
    assert missing.fault.transient
    assert missing.digest == ""
