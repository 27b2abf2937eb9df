"""Manifests: which parts a job used, so that an erasure of its input reaches them; one file a place."""
