"""Frozen records that the stages share, in Atom's words. Imports nothing of ours."""
