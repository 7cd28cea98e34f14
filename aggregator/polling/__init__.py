"""When a source is polled again. Pure: an outcome, a schedule and a time in, a time and its reason out.

A publisher's hints only lengthen the wait: Retry-After (RFC 9110 10.2.3) up to a week, Cache-Control and Expires (RFC
9111 5) and hints in the document up to a day. No source is polled more often than `Schedule.floor`; jitter only adds.
"""

from aggregator.polling.cron import check_cron
from aggregator.polling.host_backoff import Refusals, after_good_answer, after_refusal, is_refusal
from aggregator.polling.next_poll import NextPoll, PollState, poll_after_answer, poll_after_failure
from aggregator.polling.publisher_hints import freshness, freshness_after
from aggregator.polling.redirect_probation import Move, after_answer, after_fault, refuse
from aggregator.polling.schedule import Schedule, Turn, after_failure, after_success

__all__ = [
    "Move",
    "NextPoll",
    "PollState",
    "Refusals",
    "Schedule",
    "Turn",
    "after_answer",
    "after_failure",
    "after_fault",
    "after_good_answer",
    "after_refusal",
    "after_success",
    "check_cron",
    "freshness",
    "freshness_after",
    "is_refusal",
    "poll_after_answer",
    "poll_after_failure",
    "refuse",
]
