"""Ten minutes of sixteen channels at 2 kHz: bounded memory, progress, and both workers at it."""

from pathlib import Path

import pytest

from assaycache.analysis.v1 import analysis_service_pb2 as pb2
from assaycache.analysis.v1.emg_pb2 import EmgSessionParams
from tests.support.long_recording import long_recording
from tests.support.memory import peak_memory_bytes
from tests.support.services import (
    analysis_service,
    analyze,
    cache_service,
    children_of,
    counted,
    ingest,
)

pytestmark = pytest.mark.slow

GIBIBYTE = 1024**3


def test_a_long_recording_is_analysed_within_a_gibibyte_and_tells_its_progress(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with cache_service(tmp_path) as cache, analysis_service(cache.listen, ANALYSIS_WORKERS="2") as analysis:
        blob = ingest(cache, long_recording())
        events = analyze(analysis, blob, patience_seconds=600)
        again = analyze(analysis, blob, EmgSessionParams(rpe=5.0), patience_seconds=600)
        processes = [analysis.process.pid, *children_of(analysis.process.pid)]
        peak = sum(map(peak_memory_bytes, processes))
        computed = counted(analysis, 'analysis_parts_total{origin="computed"')
    with capsys.disabled():
        print(f"\n10 min, 16 channels, 2 kHz: {peak / 1024**2:.0f} MiB in {len(processes)} processes, ", end="")
        print(f"computing {cost(events):.2f} s, scored anew {cost(again):.2f} s")
    assert len(processes) == 3
    assert peak < GIBIBYTE
    assert computed == 16
    done = [event.progress.parts_done for event in events if event.progress.parts_total == 16]
    assert done == sorted(done)
    assert set(done) == set(range(17)), "every channel is told"


def cost(events: list[pb2.AnalyzeResponse]) -> float:
    spent = events[-1].result.entry.compute_cost
    return spent.seconds + spent.nanos / 1e9
