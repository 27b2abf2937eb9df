"""Warm worker processes: a crash, a limit or a kill is one job's error and nothing else's."""
