"""The durable queue: what it does, and how PostgreSQL does it."""
