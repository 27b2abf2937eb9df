"""Invalidations: what must not be served any more, the places that keep the log of them, and what is known of it."""
