"""Connections to Valkey and PostgreSQL: the only modules that import their drivers."""
