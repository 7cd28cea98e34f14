"""Many machines on one state in PostgreSQL: pulling spreads over all of them, merging and publishing are one job each.

Procrastinate (`queue.py`) says who does what; leases in the state say who may.
"""
