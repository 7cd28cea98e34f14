"""The tables, in types that both SQLite and PostgreSQL have. `store/schema.py` names them all."""
