"""How diverse a sample is, by scikit-bio."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import auto

import numpy as np
from skbio.diversity import alpha

from analysis_service.sequence.errors import NameEnum
from analysis_service.sequence.phylogeny import Phylogeny
from analysis_service.sequence.sample.member import SampleMember, of_the_marker
from analysis_service.sequence.sample_params import ShannonBase


class FaithMethod(NameEnum):
    """How Faith's phylogenetic diversity was measured, or why it was not."""

    BEST_HIT = auto()
    """Each unique sequence stands at the tip of its best hit."""
    NO_HIT = auto()
    """It was not: no sequence has a hit."""


_BASES = {ShannonBase.E: math.e, ShannonBase.TWO: 2.0, ShannonBase.TEN: 10.0}


@dataclass(frozen=True, slots=True)
class AlphaDiversity:
    """Diversity within one sample. A value that is not defined is None.

    Attributes
    ----------
    features : int
        Richness: how many different ones were seen.
    reads : int
        How many reads they are of.
    singletons : int
        Features of one read. Without any, as denoising leaves it, Chao1 is the richness and says nothing more.
    doubletons : int
        Features of two reads.
    shannon : float or None
        Shannon 1948, -sum(p log p); None without reads.
    shannon_base : ShannonBase
        Base of its logarithm.
    simpson : float or None
        Simpson 1949 as 1 - sum(p^2): the chance that two reads differ, drawn with replacement.
    chao1 : float or None
        Chao 1984, bias-corrected: S + F1 (F1 - 1) / (2 (F2 + 1)), the least richness that fits.
    pielou : float or None
        Evenness, Pielou 1966: Shannon by its greatest value; None for less than two features.
    faith : float or None
        Phylogenetic diversity, Faith 1992: see :func:`faith_diversity`; None without a tree, or without any hit.
    faith_method : FaithMethod or None
        How, or why not; None without a tree.
    """

    features: int
    reads: int
    singletons: int
    doubletons: int
    shannon: float | None
    shannon_base: ShannonBase
    simpson: float | None
    chao1: float | None
    pielou: float | None
    faith: float | None = None
    faith_method: FaithMethod | None = None


def alpha_diversity(counts: Iterable[int], shannon_base: ShannonBase = ShannonBase.E) -> AlphaDiversity:
    """Diversity of counts.

    Parameters
    ----------
    counts : iterable of int
        Reads of each feature, in any order; zeros are passed over.
    shannon_base : ShannonBase
        Base of the logarithm.
    """
    # Sorted, so that floating point adds up to the same bits whatever the order.
    found = np.sort(np.array([count for count in counts if count > 0], np.int64))
    is_there = len(found) > 0
    return AlphaDiversity(
        features=len(found),
        reads=int(found.sum()),
        singletons=int(np.count_nonzero(found == 1)),
        doubletons=int(np.count_nonzero(found == 2)),
        shannon=float(alpha.shannon(found, base=_BASES[shannon_base])) + 0.0 if is_there else None,
        shannon_base=shannon_base,
        simpson=float(alpha.simpson(found)) if is_there else None,
        chao1=float(alpha.chao1(found)) if is_there else None,
        pielou=float(alpha.pielou_e(found)) if len(found) > 1 else None,
    )


def sample_diversity(
    members: Iterable[SampleMember],
    shannon_base: ShannonBase = ShannonBase.E,
    phylogeny: Phylogeny | None = None,
) -> AlphaDiversity:
    """Diversity of a sample's unique sequences, those that are not of the marker left out.

    Parameters
    ----------
    members : iterable of SampleMember
        The sample, in any order.
    shannon_base : ShannonBase
        Base of the logarithm.
    phylogeny : Phylogeny, optional
        The reference's tree; its tips are accessions.
    """
    ours = of_the_marker(members)
    found = alpha_diversity((member.abundance for member in ours), shannon_base)
    if phylogeny is None:
        return found
    faith = faith_diversity(hit_counts(ours), phylogeny)
    return replace(found, faith=faith, faith_method=FaithMethod.NO_HIT if faith is None else FaithMethod.BEST_HIT)


def hit_counts(members: Iterable[SampleMember]) -> dict[str, int]:
    """Reads by the accession of the best hit, in the order of the accessions."""
    counts: dict[str, int] = {}
    for member in members:
        if member.hit_accession:
            counts[member.hit_accession] = counts.get(member.hit_accession, 0) + member.abundance
    return dict(sorted(counts.items()))


def faith_diversity(counts: Mapping[str, int], phylogeny: Phylogeny) -> float | None:
    """Faith's phylogenetic diversity: the branch length from the root down to what was found.

    Each unique sequence stands at the tip of its best hit (ours): nothing is placed anew, so what a sample has beyond
    its reference adds nothing.

    Parameters
    ----------
    counts : mapping of str to int
        Reads by accession.
    phylogeny : Phylogeny
        A tree whose tips are the accessions.

    Returns
    -------
    float or None
        In the unit of the tree's branches; None if nothing was found.
    """
    found = sorted(accession for accession, count in counts.items() if count > 0)
    if not found:
        return None
    return float(alpha.faith_pd([counts[name] for name in found], taxa=found, tree=phylogeny.spanning(found)))
