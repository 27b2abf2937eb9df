"""Building a reference: sort, index, learn, write."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis_service.sequence.kernels.bit_rows import BLOCK_WORDS, WORD_BITS, block_rows, row_words
from analysis_service.sequence.kernels.kmers import KMERS, UNKNOWN, K, encoded
from analysis_service.sequence.orientation import strand_weights
from analysis_service.sequence.phylogeny import Phylogeny
from analysis_service.sequence.reference.artefact import SUFFIX, TREE, ArtefactWriter
from analysis_service.sequence.reference.errors import ReferenceProblem, ReferenceReason
from analysis_service.sequence.reference.lessons import Lessons, Teacher
from analysis_service.sequence.reference.reference import About, head_of
from analysis_service.sequence.reference.source import Source
from analysis_service.sequence.reference.texts import packed
from analysis_service.sequence.search import Search, joined
from analysis_service.sequence.taxonomy import Taxonomy, grown

Report = Callable[[str, float], None]
"""Hears what is being done, and which fraction of the whole is done."""

_INDEXED = 0.35
_LEARNT = 0.95
_LEAST = 2


def build(source: Source, about: About, folder: Path, report: Report | None = None) -> Path:
    """Build a reference and write it to `folder` under its digest.

    The same sequences, lineages and `about` give the same digest, in whatever order they are.

    Parameters
    ----------
    source
        At least two sequences; those without any 8 known letters in a row are refused.
    about
        What is said of it.
    folder
        Where it is kept; made if need be.
    report
        Hears of the progress.

    Returns
    -------
    Path
        The artefact.

    Raises
    ------
    ReferenceProblem
        REFERENCE_INVALID.
    """
    say = report or _nobody
    source = _sorted(source)
    sequences = [encoded(letters) for letters in source.letters]
    _check(source, sequences)
    taxonomy = grown(source.ranks, source.lineages)
    with ArtefactWriter(folder) as writer:
        bits = writer.allocate("bits", "<u8", (KMERS, row_words(len(sequences))))
        _index(bits, sequences, say)
        teacher = Teacher(Search(bits, taxonomy.paths, len(taxonomy.names)), taxonomy, source.accessions, sequences)
        lessons = teacher.lessons(lambda done: say("learning", _INDEXED + done * (_LEARNT - _INDEXED)))
        _write(writer, source, taxonomy, bits, lessons)
        if source.phylogeny is not None:
            _write_tree(writer, source.phylogeny)
        say("writing", _LEARNT)
        head = head_of(about, taxonomy.ranks, lessons.gate, lessons.calibration, lessons.novelty)
        path = writer.finish(head, lambda digest: f"{digest}{SUFFIX}")
    say("done", 1.0)
    return path


def _nobody(stage: str, fraction: float) -> None:
    """Hear nothing."""


def _sorted(source: Source) -> Source:
    """Kin side by side: the candidates of a query then lie in few words of a row."""
    order = sorted(range(len(source.accessions)), key=lambda i: (source.lineages[i], source.accessions[i]))
    return replace(
        source,
        accessions=[source.accessions[i] for i in order],
        lineages=[source.lineages[i] for i in order],
        letters=[source.letters[i] for i in order],
    )


def _check(source: Source, sequences: list[NDArray[np.uint8]]) -> None:
    if len(sequences) < _LEAST:
        raise ReferenceProblem(
            ReferenceReason.REFERENCE_INVALID, f"A reference has at least {_LEAST} sequences, not {len(sequences)}."
        )
    for accession, codes in zip(source.accessions, sequences, strict=True):
        edges = np.flatnonzero(np.concatenate([[True], codes >= UNKNOWN, [True]]))
        if np.diff(edges).max() <= K:
            text = f"The sequence {accession!r} has no {K} known nucleotides in a row."
            raise ReferenceProblem(ReferenceReason.REFERENCE_INVALID, text)


def _index(bits: NDArray[np.uint64], sequences: list[NDArray[np.uint8]], say: Report) -> None:
    codes, starts = joined(sequences)
    for word in range(0, bits.shape[1], BLOCK_WORDS):
        bits[:, word : word + BLOCK_WORDS] = block_rows(codes, starts, word * WORD_BITS)
        say("indexing", _INDEXED * (word + BLOCK_WORDS) / bits.shape[1])


def _write(
    writer: ArtefactWriter, source: Source, taxonomy: Taxonomy, bits: NDArray[np.uint64], lessons: Lessons
) -> None:
    texts = {
        "accession": packed([accession.encode() for accession in source.accessions]),
        "taxon": packed([name.encode() for name in taxonomy.names]),
    }
    for name, (letters, starts) in texts.items():
        writer.add(f"{name}_letters", letters)
        writer.add(f"{name}_starts", starts)
    letters, starts = packed(source.letters)
    writer.add("letters", letters)
    writer.add("starts", starts)
    writer.add("paths", taxonomy.paths)
    writer.add("strand_weights", strand_weights(bits))
    writer.add("projection_mean", lessons.projection.mean)
    writer.add("projection_axes", lessons.projection.axes)


def _write_tree(writer: ArtefactWriter, phylogeny: Phylogeny) -> None:
    letters, starts = packed([name.encode() for name in phylogeny.names])
    writer.add("tree_letters", letters)
    writer.add("tree_starts", starts)
    writer.add(TREE, phylogeny.parents)
    writer.add("tree_lengths", phylogeny.lengths)
