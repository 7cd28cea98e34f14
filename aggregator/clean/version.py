"""The version of the cleaning rules, which is stored with everything that they produced."""

from aggregator.codec import digest
from aggregator.text.urls import ContentSettings

# Raise it whenever cleaning, digest or fingerprint gives other results for the same draft.
CLEANING_VERSION = 10


def cleaning_version(settings: ContentSettings) -> str:
    """Names rules and settings. Drafts that were cleaned under another version are cleaned again."""
    return f"{CLEANING_VERSION}-{digest(settings)[:16]}"
