"""Load on a running stack by ghz: plans, thresholds, and the table that they make."""
