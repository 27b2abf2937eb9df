"""How much memory a process has, and has had.

Not by ``getrusage``: its peak is handed down from a parent to the program it starts.
"""

from pathlib import Path


def memory_bytes(process: int | str = "self") -> int:
    """Return what the process has in memory now; pages of mapped files are in it."""
    return _status_bytes(process, "VmRSS:")


def peak_memory_bytes(process: int | str = "self") -> int:
    """Return the most that the process has had in memory at once; pages of mapped files are in it."""
    return _status_bytes(process, "VmHWM:")


def _status_bytes(process: int | str, name: str) -> int:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith(name)).split()[1])
