"""What worker processes load, and when: before a request needs it, and nothing that no request can need."""

import os
import subprocess
import sys
from pathlib import Path

from assaycache import Client
from tests.support.services import analysis_service, cache_service, children_of
from tests.support.synthetic_marker import RANKS, Marker, evolved

ONLY_FOR_SEQUENCES = {"sklearn", "skbio", "numba", "pandas", "edlib", "dnaio"}
ONLY_FOR_SERVERS = {"grpc", "pydantic", "structlog"}


def loaded(references: Path) -> set[str]:
    """What a worker has loaded when it is warm."""
    program = (
        "import sys\n"
        "from analysis_service.workers.process import load\n"
        "load('analysis_service.service.jobs:JOBS')\n"
        "print(*sys.modules)"
    )
    environment = {**os.environ, "REFERENCE_FOLDER": str(references), "PYTHONPATH": os.pathsep.join(sys.path)}
    ran = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True, text=True)
    return set(ran.stdout.split())


def has_classifier(process: int) -> bool:
    return "llvmlite" in Path(f"/proc/{process}/maps").read_text()


def fasta_of(marker: Marker, folder: Path) -> Path:
    path = folder / "reference.fasta"
    source = marker.source
    records = zip(source.accessions, source.lineages, source.letters, strict=True)
    path.write_text("".join(f">{name}\t{';'.join(taxa)}\n{letters.decode()}\n" for name, taxa, letters in records))
    return path


def test_a_worker_without_references_loads_nothing_that_only_sequences_or_servers_need(tmp_path: Path) -> None:
    found = loaded(tmp_path)
    assert "scipy.signal" in found
    assert not found & ONLY_FOR_SEQUENCES
    assert not found & ONLY_FOR_SERVERS


def test_a_damaged_list_of_references_keeps_no_worker_from_coming_up(tmp_path: Path) -> None:
    (tmp_path / "references.json").write_text("{")
    assert "scipy.signal" in loaded(tmp_path)


def test_workers_load_the_classifier_when_the_first_reference_comes_and_when_they_start_beside_one(
    tmp_path: Path,
) -> None:
    settings = {"ANALYSIS_WORKERS": "2", "REFERENCE_FOLDER": str(tmp_path / "references")}
    with cache_service(tmp_path / "blobs") as cache:
        with (
            analysis_service(cache.listen, **settings) as analysis,
            Client.connect(cache.listen, analysis.listen) as client,
        ):
            workers = children_of(analysis.process.pid)
            assert [has_classifier(worker) for worker in workers] == [False, False]
            client.add_reference("first", fasta_of(evolved(seed=7), tmp_path), ranks=RANKS)
            assert children_of(analysis.process.pid) == workers
            assert [has_classifier(worker) for worker in workers] == [True, True]
        with analysis_service(cache.listen, **settings) as analysis:
            assert [has_classifier(worker) for worker in children_of(analysis.process.pid)] == [True, True]
