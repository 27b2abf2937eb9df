"""The cache service: hashing, keys, look-up, single flight, retention."""
