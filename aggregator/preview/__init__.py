"""What would happen: plan, dry run, check. The real stages work on a copy of the state."""
