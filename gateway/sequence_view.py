"""A sample of sequences in the frontends' form, and its views for charts, from its result as JSON."""

from collections.abc import Mapping, Sequence
from typing import Any

from rpc.errors import InvalidArgument, Violation
from rpc.reasons import Reason

Json = Mapping[str, Any]

_MOST_SLICES = 12
"""Taxa that a chart shows by themselves; more cannot be told apart by colour."""
_OTHER, _OTHER_COLOUR = "Other", "#757575"


def frontend_data(result: Json) -> dict[str, Any]:
    """Return a result as the frontends read it, without what belongs to the request (see `metadata_of`)."""
    return {
        "taxonomy_summary": _summary(composition_at(result, _telling_rank(result))),
        "sequences": [_sequence(item) for item in result["sequences"]],
        "cluster_data": _cluster_data(result),
    }


def metadata_of(result: Json) -> dict[str, Any]:
    """Return the figures of `metadata`; all of them count reads."""
    novel = [count["reads"] for count in result["statuses"] if count["status"] == "potentially_novel"]
    return {
        "totalSequences": result["reading"]["kept_reads"],
        "avgConfidence": round(100 * result["mean_confidence"], 1),
        "novelSequences": sum(novel),
    }


def composition(result: Json, rank: str) -> dict[str, Any]:
    """Return what a sample is made of at a rank, all taxa; by default that which tells most."""
    chosen = _checked(result, rank) if rank else _telling_rank(result)
    found = composition_at(result, chosen)
    unassigned = [found["unassigned"]] if found["unassigned"]["reads"] else []
    return {"rank": chosen, "ranks": result["ranks"], "taxa": [*found["taxa"], *unassigned]}


def hierarchy(result: Json, rank: str) -> dict[str, Any]:
    """Return the tree of a sample's taxa, down to a rank."""
    depth = _depth(result, rank)
    return {"rank": result["ranks"][depth - 1], "ranks": result["ranks"], "root": _cut(result["hierarchy"], depth)}


def sankey(result: Json, rank: str) -> dict[str, Any]:
    """Return the flows of a sample's reads between ranks, down to a rank."""
    depth = _depth(result, rank)
    ranks = result["ranks"][:depth]
    nodes = [node for node in result["sankey"]["nodes"] if node["rank"] in ranks]
    shown = {node["id"] for node in nodes}
    links = [link for link in result["sankey"]["links"] if link["target"] in shown]
    return {"rank": ranks[-1], "ranks": result["ranks"], "nodes": nodes, "links": links}


def composition_at(result: Json, rank: str) -> Json:
    """Return the composition of a rank that there is."""
    return next(item for item in result["compositions"] if item["rank"] == rank)


def _telling_rank(result: Json) -> str:
    """The highest rank at which the sample is of more than one taxon, else the lowest at which it is of any."""
    named = [item for item in result["compositions"] if item["taxa"]]
    several = [item["rank"] for item in named if len(item["taxa"]) > 1]
    return str((several or [item["rank"] for item in reversed(named)] or result["ranks"])[0])


def _summary(found: Json) -> list[dict[str, Any]]:
    shown, rest = found["taxa"][:_MOST_SLICES], found["taxa"][_MOST_SLICES:]
    other = {"name": _OTHER, "reads": sum(taxon["reads"] for taxon in rest), "color": _OTHER_COLOUR}
    slices = [*shown, other, found["unassigned"]]
    return [
        {"name": taxon["name"], "value": taxon["reads"], "color": taxon["color"]} for taxon in slices if taxon["reads"]
    ]


def _sequence(item: Json) -> dict[str, Any]:
    said = item["assignment"]
    names = said["names"]
    named = [at for at, name in enumerate(names) if name]
    return {
        "accession": item["id"],
        "taxonomy": ";".join(names[at] for at in named) or "Unassigned",
        "length": len(item["letters"]),
        "confidence": said["confidences"][named[-1]] if named else 0.0,
        "overlap": round(100 * said["overlap"], 1),
        "cluster": item["cluster"],
        "novelty_score": said["novelty"],
        "status": said["status"],
    }


def _cluster_data(result: Json) -> list[dict[str, Any]]:
    """One point a sequence of the marker."""
    colours = {cluster["id"]: cluster["color"] for cluster in result["clusters"]}
    return [
        {
            "x": item["assignment"]["x"],
            "y": item["assignment"]["y"],
            "z": item["assignment"]["z"],
            "cluster": item["cluster"],
            "color": colours[item["cluster"]],
        }
        for item in result["sequences"]
        if item["cluster"]
    ]


def _cut(node: Json, depth: int) -> dict[str, Any]:
    children = [_cut(child, depth - 1) for child in node["children"]] if depth else []
    return {**node, "children": children}


def _depth(result: Json, rank: str) -> int:
    ranks: Sequence[str] = result["ranks"]
    return ranks.index(_checked(result, rank)) + 1 if rank else len(ranks)


def _checked(result: Json, rank: str) -> str:
    if rank in result["ranks"]:
        return rank
    text = f"rank must be one of {', '.join(result['ranks'])}"
    raise InvalidArgument(
        Reason.PARAMETER_INVALID, f"{text}.", metadata={"parameter": "rank"}, violations=[Violation("rank", text)]
    )
