"""The tables, in types that both SQLite and PostgreSQL have. `store/schema.py` names them all.

Indexes of a part have `sqlite_where` alone: `postgresql_where` would load the dialect of PostgreSQL in each process.
There the migrations make them, which have both.
"""
