"""plan, dry run and check: the real stages on a copy of the state."""
