"""Frozen records that the stages share, named as in Atom. Imports no other package of ours."""
