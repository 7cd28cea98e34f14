"""Stage 1: sources to arrivals. What is due is fetched, cleaned and recorded."""
