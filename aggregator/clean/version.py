"""The version of the cleaning rules, which stands beside whatever was made by them."""

from aggregator.codec import digest
from aggregator.text.urls import ContentSettings

# Raised whenever cleaning, digest or fingerprint gives other results for the same draft. RENDERING (app.py)
# is raised with it, so that the results are published.
RULES = 6


def rules_version(settings: ContentSettings) -> str:
    """Names the rules that clean drafts are made by. Drafts with another one are cleaned again."""
    return f"{RULES}-{digest(settings)[:16]}"
