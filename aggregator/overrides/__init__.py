"""Decisions of a person about entries, which override the automatic ones for good."""
