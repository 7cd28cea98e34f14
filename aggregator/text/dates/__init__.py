"""Dates that people and programs wrote, for feeds and posts alike. Pure; runs in worker processes.

A date is read whole or not at all: every part of a text must have a meaning, and nothing is taken from the clock.
"""

from aggregator.text.dates.date_reader import NO_CONTEXT, DateContext, DateReader, shape
from aggregator.text.dates.order import OrderChoice

__all__ = ["NO_CONTEXT", "DateContext", "DateReader", "OrderChoice", "shape"]
