"""When a source is asked again. Pure: an outcome, a schedule and a time in, a time and its reason out.

What a publisher asks for is a floor: Retry-After (RFC 9110 10.2.3) up to a week, Cache-Control and Expires (RFC 9111
5) and what its document says up to a day. Nothing is ever asked more often than `Schedule.floor`, and jitter only ever
adds.
"""

from aggregator.polling.cron import check_cron
from aggregator.polling.host_backoff import Refusals, after_refusal, after_welcome, is_refusal
from aggregator.polling.next_poll import Known, Verdict, answered, failed
from aggregator.polling.publisher_hints import freshness, freshness_after
from aggregator.polling.redirect_probation import Move, after_answer, after_fault, refuse
from aggregator.polling.schedule import Schedule, Turn, after_failure, after_success

__all__ = [
    "Known",
    "Move",
    "Refusals",
    "Schedule",
    "Turn",
    "Verdict",
    "after_answer",
    "after_failure",
    "after_fault",
    "after_refusal",
    "after_success",
    "after_welcome",
    "answered",
    "check_cron",
    "failed",
    "freshness",
    "freshness_after",
    "is_refusal",
    "refuse",
]
