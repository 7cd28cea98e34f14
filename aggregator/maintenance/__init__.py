"""Maintenance of the state: damage, retention, times from a wrong clock, entries cleaned again."""
