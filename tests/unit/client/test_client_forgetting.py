"""Explaining, invalidating and erasing: what is asked of the cache, and what its answers become."""

import pytest

from assaycache import Difference, Explained, Forgotten, NotFound, Reason, Tier
from assaycache.cache.v1 import cache_service_pb2 as pb
from assaycache.cache.v1 import entry_pb2
from tests.unit.client.client_services import JOB_ID, SECONDS, Services

SHA256 = "ab" * 32


def test_a_job_is_explained(services: Services) -> None:
    explained = services.asked(services.client.explain, JOB_ID)
    answer = pb.ExplainResponse(
        explanation=pb.EXPLANATION_PRESENT,
        message="It has an answer.",
        tiers=[entry_pb2.TIER_HOT],
        differences=[pb.Difference(job_id=JOB_ID, field="threshold_k", asked="4", known="5")],
    )
    assert services.unary("Explain", answer).job_id == JOB_ID
    difference = Difference(JOB_ID, "threshold_k", "4", "5")
    assert explained.result(SECONDS) == Explained("present", "It has an answer.", (Tier.HOT,), (difference,))


def test_what_is_invalidated_is_named_and_what_was_removed_is_told(services: Services) -> None:
    removed = services.asked(services.client.invalidate, blob_sha256=SHA256, note="wrong unit")
    answer = pb.InvalidateResponse(removed_results=2, removed_parts=3, voided_leases=1, unreached=["Backups."])
    request = services.unary("Invalidate", answer)
    assert (request.blob.sha256.hex(), request.note) == (SHA256, "wrong unit")
    assert removed.result(SECONDS) == Forgotten(2, 3, 1, 0, 0, False, ("Backups.",))


def test_versions_of_a_pipeline_are_invalidated(services: Services) -> None:
    services.asked(services.client.invalidate, pipeline="emg.session", to_version="1.0.0")
    request = services.unary("Invalidate", pb.InvalidateResponse())
    assert request.pipeline == pb.PipelineRange(name="emg.session", to_version="1.0.0")


def test_one_thing_must_be_named(services: Services) -> None:
    for named in ({}, {"job_id": JOB_ID, "pipeline": "emg.session"}):
        with pytest.raises(ValueError, match="name one of"):
            services.client.invalidate(**named)  # type: ignore[arg-type] # the values are texts


def test_an_erasure_tells_whether_it_is_pending(services: Services) -> None:
    erased = services.asked(services.client.erase, SHA256)
    answer = pb.EraseBlobResponse(removed_blobs=1, removed_results=2, removed_submissions=3, pending=True)
    assert services.unary("EraseBlob", answer).sha256.hex() == SHA256
    assert erased.result(SECONDS) == Forgotten(2, 0, 0, 1, 3, True, ())


def test_erasing_what_is_not_known_is_an_error(services: Services) -> None:
    erased = services.asked(services.client.erase, SHA256)
    services.unary("EraseBlob", NotFound(Reason.BLOB_MISSING, "Nothing of this blob is known."))
    with pytest.raises(NotFound):
        erased.result(SECONDS)
