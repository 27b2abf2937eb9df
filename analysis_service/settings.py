"""The settings of the analysis service."""

import os
from pathlib import Path

from pydantic import Field

from rpc.settings import ServerSettings


class AnalysisSettings(ServerSettings):
    """Read once, from the environment and the command line."""

    analysis_listen: str = Field(
        "127.0.0.1:50052", description="Where the service listens, as host:port; port 0 is any free one."
    )
    analysis_metrics_listen: str = Field(
        "127.0.0.1:50152", description="Where the metrics are shown, as host:port; port 0 is any free one."
    )
    cache_address: str = Field(
        "127.0.0.1:50051",
        description="The cache service: one host:port, or those of several replicas joined by commas.",
    )
    analysis_workers: int = Field(
        default_factory=lambda: os.cpu_count() or 1,
        gt=0,
        description="How many worker processes compute at once; by default one a processor.",
    )
    analysis_memory_limit_bytes: int = Field(
        2 * 1024**3,
        ge=256 * 1024**2,  # the libraries alone take about half of it
        description="How much memory one worker process may take for itself, in bytes.",
    )
    analysis_time_limit_seconds: float = Field(
        300.0, gt=0, description="How long one analysis may compute, in seconds; of one in parts, each task."
    )
    reference_folder: Path = Field(
        Path(".assaycache/references"),
        description="The folder that keeps the reference databases of sequences; replicas may share it.",
    )
    analysis_max_calls: int = Field(
        64, gt=0, description="How many calls of Analyze may run or wait at once; more are refused."
    )
    analysis_claimers: int | None = Field(
        None, ge=0, description="How many queued tasks are worked on at once; unset: as many as there are workers."
    )
    source_urls: str = Field(
        "",
        description="The storage that queued tasks may be fetched from, as s3://bucket/folder or file:///folder,"
        " joined by commas. Empty: none.",
    )
    announce_seconds: float = Field(
        10.0,
        gt=0,
        description="How often the cache is told what is offered, in seconds, so that one that lost its state learns.",
    )
