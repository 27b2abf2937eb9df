"""The schema goes up and down, once, however many replicas start."""

from concurrent.futures import ThreadPoolExecutor

import psycopg

from cache_service import schema

OURS = (
    "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_name NOT LIKE '%%yoyo%%'"
)


def tables(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {name for (name,) in connection.execute(OURS)}


def test_up_makes_the_tables_the_labs_know_and_down_takes_them_away(empty_database_url: str) -> None:
    assert schema.up(empty_database_url)
    assert {"analysis_jobs", "submissions", "analysis_results", "analysis_parts"} <= tables(empty_database_url)
    assert schema.pending(empty_database_url) == []
    assert schema.up(empty_database_url) == []
    assert schema.down(empty_database_url)
    assert tables(empty_database_url) == set()
    assert schema.up(empty_database_url)


def test_many_replicas_that_start_at_once_apply_it_once(empty_database_url: str) -> None:
    with ThreadPoolExecutor(6) as replicas:
        applied = list(replicas.map(schema.up, [empty_database_url] * 6))
    assert sorted(map(bool, applied)) == [False] * 5 + [True]
