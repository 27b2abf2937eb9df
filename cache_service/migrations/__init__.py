"""The database's schema as plain SQL, up and down, and the command that applies it.

`python -m cache_service.migrations [up|down|status]` with DATABASE_URL set.
"""
