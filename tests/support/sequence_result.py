"""A result of a taxonomic analysis as `/v1/results` would render it, made up: for the view of it alone."""

import random
from typing import Any

RANKS = ["kingdom", "phylum", "genus"]
_TAXA = [
    ("Fungi", "Ascomycota", "Aspergillus"),
    ("Fungi", "Ascomycota", "Penicillium"),
    ("Fungi", "Basidiomycota", "Russula"),
    ("Fungi", "Mucoromycota", ""),
]
_COLOURS = ["#1f77b4", "#ff7f0e", "#2ca02c", "#9467bd"]
_GREY = "#9aa0a6"


def sequence_result(count: int = 120, seed: int = 1) -> dict[str, Any]:
    """Return a sample of so many unique sequences."""
    rng = random.Random(seed)
    sequences = [_sequence(rng, at, count) for at in range(count)]
    reads = sum(one["abundance"] for one in sequences)
    return {
        "reading": {
            "format": "FASTA", "is_compressed": False, "records": count + 3, "kept_records": count,
            "kept_reads": reads, "unique_sequences": count,
            "dropped": {"empty": 0, "too_short": 3, "too_long": 0, "expected_errors": 0},
            "warnings": [{"code": "IDENTIFIER_DUPLICATED", "message": "2 identifiers are used more than once."}],
        },
        "ranks": RANKS,
        "statuses": [{"status": "known", "sequences": count, "reads": reads}],
        "mean_confidence": 0.87,
        "compositions": [_composition(sequences, rank, reads) for rank in range(len(RANKS))],
        "hierarchy": _node(sequences, 0, "", _GREY),
        "sankey": {"nodes": [], "links": []},
        "clusters": [
            {"id": f"C{at + 1}", "sequences": 30, "reads": 100, "color": color} for at, color in enumerate(_COLOURS)
        ],
        "diversity": {
            "features": count, "reads": reads, "singletons": 4, "doubletons": 3, "shannon": 3.9, "shannon_base": "e",
            "simpson": 0.97, "chao1": 131.2, "pielou": 0.81, "faith": None,
            "faith_method": None,
        },
        "rarefaction": [{"reads": reads * at // 10, "features": count * (at / 10) ** 0.5} for at in range(1, 11)],
        "sequences": sequences,
        "unlisted_sequences": 0,
        "reference": {
            "digest": "ab" * 32, "name": "made up", "version": "1", "licence": "CC0", "citation": "", "sequences": 4,
        },
        "params": {"bootstraps": 100, "min_confidence": 0.8},
    }  # fmt: skip


def sequence_job(job_id: str, name: str, reference: str = "ab" * 32) -> dict[str, Any]:
    """Return the job of such a result."""
    submission: dict[str, Any] = {"file_name": name, "uploader": None, "metadata": {}, "seen_count": 1}
    return {
        "job_id": job_id, "status": "succeeded", "file_name": name, "pipeline": "sequence.taxonomy",
        "pipeline_version": "1.0.0", "params": {}, "sha256": "cd" * 32, "size_bytes": 12_000, "compute_ms": 812.0,
        "created_at": "2026-03-01T12:30:00Z", "updated_at": "2026-03-01T12:30:01Z", "failure": None,
        "reference": reference, "submissions": [submission],
    }  # fmt: skip


def _sequence(rng: random.Random, at: int, count: int) -> dict[str, Any]:
    kind = min(3, int(rng.random() ** 1.5 * 4))
    names = list(_TAXA[kind])
    return {
        "id": f"seq{at + 1}", "letters": "".join(rng.choices("ACGT", k=240)), "abundance": 1 + (count - at) ** 2 // 9,
        "records": 1, "mean_quality": None, "cluster": f"C{kind + 1}",
        "assignment": {
            "status": "known", "is_reversed": False, "names": names, "confidences": [1.0, 0.97, rng.random()],
            "probabilities": [1.0, 0.99, 0.9], "shared_fraction": 0.8, "hit_accession": f"SH{kind:04}",
            "identity": 0.985, "overlap": 1.0, "novelty": rng.random() ** 3, "x": kind + rng.gauss(0, 0.2),
            "y": kind % 2 + rng.gauss(0, 0.2), "z": 0.0,
        },
    }  # fmt: skip


def _composition(sequences: list[dict[str, Any]], rank: int, reads: int) -> dict[str, Any]:
    taxa = []
    for name in dict.fromkeys(taxon[rank] for taxon in _TAXA):
        own = [one for one in sequences if one["assignment"]["names"][rank] == name]
        taxa.append(_taxon(own, name, rank, reads))
    named = sorted((taxon for taxon in taxa if taxon["name"]), key=lambda taxon: -taxon["reads"])
    without = [taxon for taxon in taxa if not taxon["name"]]
    return {"rank": RANKS[rank], "taxa": named, "unassigned": without[0] if without else None}


def _taxon(own: list[dict[str, Any]], name: str, rank: int, reads: int) -> dict[str, Any]:
    lineage = own[0]["assignment"]["names"][: rank + 1] if own and name else []
    total = sum(one["abundance"] for one in own)
    return {
        "name": name, "lineage": lineage, "sequences": len(own), "reads": total, "share": total / reads,
        "color": _color(name),
    }  # fmt: skip


def _node(own: list[dict[str, Any]], rank: int, name: str, color: str) -> dict[str, Any]:
    below = {} if rank == len(RANKS) else {one["assignment"]["names"][rank]: None for one in own}
    children = [
        _node(
            [one for one in own if one["assignment"]["names"][rank] == child],
            rank + 1,
            child or "Unassigned",
            _color(child),
        )
        for child in below
    ]
    return {
        "name": name, "rank": RANKS[rank - 1] if rank else "", "sequences": len(own),
        "reads": sum(one["abundance"] for one in own), "color": color,
        "children": sorted(children, key=lambda child: -child["reads"]),
    }  # fmt: skip


def _color(name: str) -> str:
    return _COLOURS[sum(map(ord, name)) % len(_COLOURS)] if name else _GREY
