"""A result of `sequence.taxonomy` as its message, made up: for what the cache makes of it."""

import hashlib
import random

import zstandard

from assaycache.analysis.v1 import sequence_pb2 as pb
from cache_service.entries import Payload

RANKS = ["family", "genus", "species"]
_TAXA = [
    (["Pythiaceae", "Pythium", "Pythium ultimum"], pb.SEQUENCE_STATUS_KNOWN),
    (["Peronosporaceae", "Phytophthora", ""], pb.SEQUENCE_STATUS_KNOWN),
    (["Peronosporaceae", "", ""], pb.SEQUENCE_STATUS_POTENTIALLY_NOVEL),
    (["", "", ""], pb.SEQUENCE_STATUS_NOT_THIS_MARKER),
]


def taxonomy_message(count: int = 8, *, length: int = 40) -> pb.SequenceTaxonomy:
    """Return a sample of so many unique sequences, each with as many reads as there are less abundant ones, and one."""
    rng = random.Random(count)
    result = pb.SequenceTaxonomy(ranks=RANKS, mean_confidence=0.75)
    result.sequences.extend(_sequence(at, count, "".join(rng.choices("ACGT", k=length))) for at in range(count))
    reads = sum(one.abundance for one in result.sequences)
    result.reading.CopyFrom(
        pb.SequenceReading(format="FASTA", records=count, kept_records=count, kept_reads=reads, unique_sequences=count)
    )
    for status in {status for _, status in _TAXA}:
        own = [one for one in result.sequences if one.assignment.status == status]
        result.statuses.add(status=status, sequences=len(own), reads=sum(one.abundance for one in own))
    result.diversity.CopyFrom(
        pb.SequenceDiversity(features=count, reads=reads, shannon=1.5, shannon_base=pb.SEQUENCE_SHANNON_BASE_E)
    )
    result.reference.CopyFrom(pb.SequenceReference(name="oomycetes", version="1", digest=b"\x01" * 32))
    return result


def _sequence(at: int, count: int, letters: str) -> pb.SampleSequence:
    names, status = _TAXA[at % len(_TAXA)]
    hit = "" if status == pb.SEQUENCE_STATUS_NOT_THIS_MARKER else f"REF{at}"
    return pb.SampleSequence(
        id=f"read{at}",
        letters=letters,
        abundance=count - at,
        records=1,
        cluster="C1" if hit else "",
        assignment=pb.SequenceAssignment(
            status=status,
            names=names,
            confidences=[1.0, 0.75, 0.5],
            probabilities=[1.0, 0.875, 0.25],
            novelty=0.125,
            hit_accession=hit,
            identity=0.5,
            overlap=1.0,
        ),
    )


def taxonomy_payload(content: bytes | None = None) -> Payload:
    """Return a payload that says it is such a message."""
    plain = taxonomy_message().SerializeToString(deterministic=True) if content is None else content
    name = pb.SequenceTaxonomy.DESCRIPTOR.full_name
    packed = zstandard.ZstdCompressor().compress(plain)
    return Payload(packed, "zstd", hashlib.sha256(plain).digest(), len(plain), name)
