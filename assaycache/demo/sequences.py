"""The demo's sequences: an isolate of a known species, real reads, and a second sample that overlaps them."""

import gzip
import time
from dataclasses import dataclass
from pathlib import Path

from assaycache import Analysis, Client, Event
from assaycache.analysis.v1.sequence_pb2 import SequenceTaxonomy
from assaycache.demo.expectations import expect
from assaycache.sequence_samples import fetch_demo_sequences

_ISOLATE = "P-cinnamomi-82"
_SPECIES = "Phytophthora cinnamomi"
_READS = "DNAMIX_S95_L001_R1_001.fastq.gz"
_LEFT_OUT = 400
"""Records of the second sample that the first one does not share: the last ones, with which it begins."""


@dataclass(frozen=True)
class Samples:
    """What the demo analyses."""

    isolate: Path
    reads: Path
    first: bytes
    """All but the last records of the reads."""


@dataclass(frozen=True)
class Sample:
    """One sample that was analysed: how long it took, and how many of its sequences the cache knew."""

    what: str
    analysis: Analysis
    result: SequenceTaxonomy
    seconds: float
    known: int
    sequences: int


def samples(folder: Path) -> Samples:
    """Return the samples, out of `folder` or out of the downloaded package.

    Raises:
        SampleUnavailableError: if the package cannot be had.
    """
    package = fetch_demo_sequences(folder)
    (isolate,) = (package / "database" / "single_isolates").glob(f"{_ISOLATE}*.fasta")
    reads = package / "tests" / "reads" / _READS
    lines = gzip.decompress(reads.read_bytes()).splitlines(keepends=True)
    return Samples(isolate, reads, b"".join(lines[: -4 * _LEFT_OUT]))


def analysed(client: Client, given: Samples) -> list[Sample]:
    """Analyse the samples one after the other, and check what must come of it.

    Raises:
        ExpectationFailed: naming the expectation.
    """
    isolate = _analysed(client, "An isolate of a known species", given.isolate)
    most = isolate.result.compositions[-1].taxa
    expect(bool(most) and most[0].name == _SPECIES, f"the isolate is mostly {_SPECIES}")
    first = _analysed(client, "A mixture's reads, the last left out", given.first)
    expect(first.known < first.sequences, "the first sample is computed")
    second = _analysed(client, "All reads of the mixture", given.reads)
    expect(not second.analysis.cached, "the second sample as a whole is new")
    expect(second.known > second.sequences // 2, "most sequences of the second sample are known from the first")
    again = _analysed(client, "The same again", given.reads)
    expect(again.analysis.cached, "the same sample again is answered from the cache")
    return [isolate, first, second, again]


def _analysed(client: Client, what: str, given: Path | bytes) -> Sample:
    counts = [0, 0]

    def hear(event: Event) -> None:
        if event.parts_total and not counts[1]:
            counts[:] = event.parts_done, event.parts_total  # the first count is of those that the cache had

    started = time.perf_counter()
    analysis = client.analyze(given, progress=hear)
    seconds = time.perf_counter() - started
    result = analysis.result
    expect(isinstance(result, SequenceTaxonomy), "sequences are answered with a taxonomy")
    assert isinstance(result, SequenceTaxonomy)  # noqa: S101  tells the type checker what was expected
    return Sample(what, analysis, result, seconds, counts[0], counts[1])
