"""The jobs of sequences, as a worker process runs them. Imported when the first of them is asked for."""

import os
from functools import partial
from pathlib import Path

from analysis_service.pipelines import SEQUENCE_TAXONOMY
from analysis_service.sequence import warming
from analysis_service.sequence.reference import About, Library, ReferenceProblem, read_source
from analysis_service.service.parted import jobs_of
from analysis_service.service.problems import error_of_problem
from analysis_service.service.reference_files import REFERENCE_FOLDER, SEQUENCES_NAME, TAXONOMY_NAME, TREE_NAME, WARM
from analysis_service.service.sequence_comparison import compared
from analysis_service.service.sequence_steps import SequenceSteps
from analysis_service.service.shelf import Shelf
from analysis_service.service.steps import split
from analysis_service.workers.process import Input, Job, Report
from assaycache.analysis.v1 import analysis_service_pb2 as pb2


def jobs_on(library: Library) -> dict[str, Job]:
    """Return the jobs over a library of references, by name."""
    shelf = Shelf(library)
    return {
        **jobs_of(SEQUENCE_TAXONOMY.name, SequenceSteps(shelf)),
        "reference:build": partial(_build, library),
        WARM: _warm,
        f"{SEQUENCE_TAXONOMY.name}:compare": partial(compared, shelf),
    }


def worker_jobs() -> dict[str, Job]:
    """Return the jobs over the library that the environment names."""
    return jobs_on(Library(Path(os.environ[REFERENCE_FOLDER])))


def _warm(data: Input, arguments: bytes, report: Report) -> bytes:  # noqa: ARG001  it takes nothing
    warming.warm()
    return b""


def _build(library: Library, data: Input, arguments: bytes, report: Report) -> bytes:  # noqa: ARG001  the files are in the folder
    """Build a reference out of the files in a folder, and return its digest."""
    header_bytes, folder_bytes = split(arguments)
    header = pb2.AddReferenceHeader.FromString(bytes(header_bytes))
    folder, said = Path(bytes(folder_bytes).decode()), header.reference
    taxonomy, tree = (_if_sent(folder / name) for name in (TAXONOMY_NAME, TREE_NAME))
    report("reading", 0.0)
    try:
        source = read_source(folder / SEQUENCES_NAME, taxonomy, tuple(said.ranks), tree)
        about = About(said.name, said.version, said.licence, said.citation)
        digest = library.add(source, about, report, is_replacing=header.replace)
        if said.is_default:
            library.choose(said.name)
    except ReferenceProblem as problem:
        raise error_of_problem(problem) from problem
    return bytes.fromhex(digest)


def _if_sent(path: Path) -> Path | None:
    return path if path.exists() else None
