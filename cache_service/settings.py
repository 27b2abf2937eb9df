"""The settings of the cache service."""

from pydantic import Field, SecretStr

from rpc.settings import ServerSettings

MEBIBYTE = 1024 * 1024


class CacheSettings(ServerSettings):
    """Read once, from the environment and the command line."""

    cache_listen: str = Field(
        "127.0.0.1:50051", description="Where the service listens, as host:port; port 0 is any free one."
    )
    cache_metrics_listen: str = Field(
        "127.0.0.1:50151", description="Where the metrics are shown, as host:port; port 0 is any free one."
    )
    use_database: bool = Field(
        True, description="Keep results in PostgreSQL. False: they do not survive a restart of everything."
    )
    database_url: SecretStr = Field(
        SecretStr(""), description="PostgreSQL, as postgresql://user:password@host:port/name."
    )
    redis_url: SecretStr = Field(
        SecretStr(""), description="Valkey or Redis, as redis://host:port/0. Empty: no hot tier."
    )
    blob_url: str = Field(
        "file:///var/lib/assaycache/blobs", description="Where blobs are kept, as file:///folder or s3://bucket."
    )
    cache_ttl_seconds: int = Field(
        30 * 24 * 3600, gt=0, description="How long PostgreSQL keeps a result after its last use, in seconds."
    )
    hot_ttl_seconds: int = Field(24 * 3600, gt=0, description="How long Valkey keeps a result, in seconds.")
    negative_ttl_seconds: int = Field(600, gt=0, description="How long a failure is remembered, in seconds.")
    durable_quota_bytes: int = Field(
        0, ge=0, description="How much results and parts may take in PostgreSQL, in bytes; 0: no limit."
    )
    blob_quota_bytes: int = Field(0, ge=0, description="How much the blobs may take, in bytes; 0: no limit.")
    blob_ttl_seconds: int = Field(
        30 * 24 * 3600, ge=7200, description="How long a blob is kept after its last use, in seconds."
    )
    memory_cache_bytes: int = Field(
        256 * MEBIBYTE, ge=0, description="How much of the process's memory may hold results, in bytes."
    )
    max_blob_bytes: int = Field(256 * MEBIBYTE, gt=0, description="The largest upload, in bytes.")
    task_attempts: int = Field(5, gt=0, description="How often a queued task is tried before it fails.")
    task_ttl_seconds: int = Field(
        7 * 24 * 3600, gt=0, description="How long a task is remembered after its end, in seconds."
    )
    max_running_calls: int = Field(512, gt=0, description="How many calls may run at once; more are refused.")
    max_waiters: int = Field(
        4096, gt=0, description="How many calls of Reserve, and as many of Claim, may wait at once; more are refused."
    )
    audit_access: bool = Field(
        False, description="Note in the audit who was given which result or file; erasures are noted in any case."
    )
    database_pool_size: int = Field(
        8, gt=0, description="How many connections to PostgreSQL one process holds at most."
    )
