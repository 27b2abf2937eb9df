"""The tiers that keep records, one file a tier."""
