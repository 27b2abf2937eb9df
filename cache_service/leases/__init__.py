"""Leases, one file an authority: PostgreSQL, else Valkey, else the process."""
