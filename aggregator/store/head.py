"""The newest step of the schema, which a state has after it was opened."""

HEAD = "0027"  # the newest migration in migrations/versions
