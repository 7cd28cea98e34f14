"""Stage 1: sources to arrivals. Due sources are fetched, cleaned and recorded."""
