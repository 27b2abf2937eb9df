"""What worker processes load, and when: before a request needs it, and nothing that no request can need."""

import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from analysis_service.sequence.reference import About, Library
from assaycache import Client
from tests.support.processes import Service
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


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def is_answered(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


def test_a_service_that_compiles_answers_nobody_and_no_request_compiles_anything(tmp_path: Path) -> None:
    marker, references, code, port = evolved(seed=7), tmp_path / "references", tmp_path / "code", free_port()
    Library(references).add(marker.source, About("m"))
    settings = {
        "ANALYSIS_LISTEN": f"127.0.0.1:{port}",
        "ANALYSIS_METRICS_LISTEN": "127.0.0.1:0",
        "ANALYSIS_WORKERS": "1",
        "NUMBA_CACHE_DIR": str(code),
        "REFERENCE_FOLDER": str(references),
    }
    with cache_service(tmp_path / "blobs") as cache, ThreadPoolExecutor(1) as threads:
        starting = threads.submit(Service, "analysis_service", CACHE_ADDRESS=cache.listen, **settings)
        while not is_answered(port) and not starting.done():
            time.sleep(0.01)
        compiled = set(code.rglob("*.nbc"))
        service = starting.result()
        with Client.connect(cache.listen, service.listen) as client:
            reads = [*marker.reads[:5], *marker.strangers[:5], marker.reads[0][::-1]]
            found = client.analyze(b"".join(b">r%d\n%s\n" % item for item in enumerate(reads)))
        service.stop()
    assert len(found.result.sequences) == len(reads)
    assert compiled
    assert set(code.rglob("*.nbc")) == compiled
