"""When a hub is believed to tell the news of a topic, and when it is silent. Pure.

Hubs that accept every subscription and never deliver exist. So a source is polled as before until its hub was first
with the news a few times, and again from the first news on that a poll finds.
"""

PROVED_AFTER = 3  # deliveries with news, without one that a poll found first
SILENT_AFTER = 3  # news that polls found first, without any delivery


def is_proved(told: int) -> bool:
    """`told`: deliveries with news since a poll found news first."""
    return told >= PROVED_AFTER


def is_silent(missed: int) -> bool:
    """`missed`: polls that found news first since the last delivery."""
    return missed >= SILENT_AFTER
