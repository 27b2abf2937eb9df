"""Selectors in SQL."""

from cache_service.invalidations.face import Selector


def meant(key: str) -> str:
    """Return the condition for rows that a selector means, for a table that calls its key so."""
    condition = """
    namespace = %(namespace)s
    AND (%(job)s = '' OR KEY_COLUMN IN (SELECT key FROM analysis_jobs WHERE job_id = nullif(%(job)s, '')::uuid))
    AND (%(blob)s = ''::bytea OR blob_sha256 = %(blob)s)
    AND (%(pipeline)s = '' OR (pipeline = %(pipeline)s
         AND (%(from)s = '' OR string_to_array(pipeline_version, '.')::int[] >= string_to_array(%(from)s, '.')::int[])
         AND (%(to)s = '' OR string_to_array(pipeline_version, '.')::int[] <= string_to_array(%(to)s, '.')::int[])))
    """
    return condition.replace("KEY_COLUMN", key)


def values_of(selector: Selector) -> dict[str, object]:
    """Return a selector as the values that the condition names."""
    return {
        "namespace": selector.namespace,
        "job": selector.job_id,
        "blob": selector.blob_sha256,
        "pipeline": selector.pipeline,
        "from": selector.from_version,
        "to": selector.to_version,
    }
