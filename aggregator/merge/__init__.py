"""Stage 2: merges arrivals into entries. One writer decides, in config order, and stores each reason."""
