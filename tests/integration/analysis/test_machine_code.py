"""Machine code is compiled by one process, and loaded by the others."""

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = (
    "from analysis_service.sequence.kernels.search import search\n"
    "from analysis_service.sequence.warming import warm\n"
    "warm()\n"
    "print(sum(search.stats.cache_misses.values()))"
)


def test_of_two_processes_that_start_together_one_compiles(tmp_path: Path) -> None:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    both = [
        subprocess.Popen([sys.executable, "-c", PROGRAM], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert sorted(process.communicate()[0].strip() for process in both) == ["0", "1"]
    assert [process.returncode for process in both] == [0, 0]
