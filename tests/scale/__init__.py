"""Many workers on a real PostgreSQL: `make scale`."""
