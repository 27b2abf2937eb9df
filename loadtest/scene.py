"""What stands in the cache before the load comes, and the data of the calls, as ghz takes it: JSON with templates."""

import base64
import os
import threading
import time
from pathlib import Path
from typing import Any

from google.protobuf import json_format

from assaycache import Client
from assaycache.cache.v1 import cache_service_pb2 as pb
from assaycache.cache.v1 import identity_pb2
from assaycache.cache.v1.cache_service_pb2_grpc import CacheServiceStub
from assaycache.samples import fetch_demo_recording
from bench.parts import made
from bench.stack import PIPELINE, offer, payload_of
from rpc.channels import connect

RESULT_BYTES = 1024
_UPLOAD_BYTES = 100_000
_PARTS, _PART_BYTES = 1000, 512
_LEAD_SECONDS = 1.0

UNSEEN = "{{printf `%042d` .RequestNumber}}A="
"""A digest in base64 that no two calls of a run have in common, and nobody has uploaded."""

Data = Any


class Scene:
    """One cache service and what was put there for the load."""

    def __init__(self, cache: str) -> None:
        self._cache = cache
        self._stub: Any = CacheServiceStub(connect(cache))
        self._stub.AnnouncePipelines(pb.AnnouncePipelinesRequest(announcer="loadtest", offers=[offer()]))
        self._standing = self._let_stand(os.urandom(RESULT_BYTES))

    def lookup_hit(self) -> Data:
        """Ask for a result that stands."""
        return {"question": as_json(self._standing)}

    def lookup_miss(self) -> Data:
        """Ask for what was never seen: each call for something else."""
        return {"question": {**as_json(self._standing), "blob": {"sha256": UNSEEN, "sizeBytes": "1"}}}

    def lookup_nine_in_ten(self) -> Data:
        """Ask for a result that stands, but every tenth time for what was never seen."""
        known = base64.b64encode(self._standing.blob.sha256).decode()
        # One action, not {{if}}: ghz takes data for a template only where an action stands outside of any other.
        digest = f"{{{{ternary (printf `%042dA=` .RequestNumber) `{known}` (eq (mod .RequestNumber 10) 0)}}}}"
        size = str(self._standing.blob.size_bytes)
        return {"question": {**as_json(self._standing), "blob": {"sha256": digest, "sizeBytes": size}}}

    def batch_lookup(self) -> Data:
        """Ask for 1,000 parts that stand."""
        parts = made(_PARTS, _PART_BYTES, os.urandom(8))
        items = [pb.BatchStoreItem(part=part.ref, payload=payload_of(part.content)) for part in parts]
        messages = (
            pb.BatchStoreRequest(context=pb.BatchStoreContext(pipeline=PIPELINE)),
            pb.BatchStoreRequest(items=pb.BatchStoreItems(items=items)),
        )
        self._stub.BatchStore(iter(messages))
        return as_json(pb.BatchLookupRequest(pipeline=PIPELINE, parts=[part.ref for part in parts]))

    def ingest(self) -> Data:
        """Upload 100 kB, each call something else."""
        same = base64.b64encode(os.urandom(_UPLOAD_BYTES // 3 * 3)).decode()
        run = base64.b64encode(os.urandom(9)).decode()
        return [{"header": {}}, {"chunk": run + "{{printf `%012d` .RequestNumber}}"}, {"chunk": same}]

    def reserve_stampede(self) -> Data:
        """Ask for a result that one caller computes just now: all wait for it, and are answered when it stands."""
        content = os.urandom(RESULT_BYTES)
        question = self._uploaded(content)
        lease = self._stub.Reserve(pb.ReserveRequest(question=question, owner_id="leader")).lease

        def commit() -> None:
            time.sleep(_LEAD_SECONDS)
            self._stub.Commit(pb.CommitRequest(token=lease.token, payload=payload_of(content)))

        threading.Thread(target=commit, daemon=True).start()
        return {"question": as_json(question), "ownerId": "{{.UUID}}", "wait": "5s"}

    def analyze_cached(self, analysis: str, samples: Path) -> Data:
        """Ask the analysis service for a recording that was analysed before.

        Raises:
            SampleUnavailableError: the recording could not be fetched.
        """
        recording = fetch_demo_recording(samples)
        with Client.connect(cache=self._cache, analysis=analysis) as client:
            client.analyze(recording)
        blob = self._ingested(recording.read_bytes())
        return {"question": as_json(identity_pb2.Question(blob=blob, pipeline={"name": "emg.session"}))}

    def _let_stand(self, content: bytes) -> identity_pb2.Question:
        question = self._uploaded(content)
        lease = self._stub.Reserve(pb.ReserveRequest(question=question, owner_id="loadtest")).lease
        self._stub.Commit(pb.CommitRequest(token=lease.token, payload=payload_of(content)))
        return question

    def _uploaded(self, content: bytes) -> identity_pb2.Question:
        return identity_pb2.Question(blob=self._ingested(content), pipeline=PIPELINE)

    def _ingested(self, content: bytes) -> identity_pb2.BlobRef:
        megabyte = 1_000_000
        chunks = [content[start : start + megabyte] for start in range(0, len(content), megabyte)]
        messages = [pb.IngestRequest(header=pb.IngestHeader()), *(pb.IngestRequest(chunk=chunk) for chunk in chunks)]
        blob: identity_pb2.BlobRef = self._stub.Ingest(iter(messages)).blob
        return blob


def as_json(message: Any) -> dict[str, Any]:
    """Return a message as ghz takes it."""
    return json_format.MessageToDict(message)
