"""Care for the state: damage, retention, a clock that was wrong."""
