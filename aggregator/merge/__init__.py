"""Stage 2: arrivals to entries. One writer decides, in config order, and keeps the reasons."""
