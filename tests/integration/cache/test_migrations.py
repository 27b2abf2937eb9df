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
    known = {"analysis_jobs", "submissions", "analysis_results", "analysis_parts", "samples", "sequences"}
    assert known <= tables(empty_database_url)
    assert schema.pending(empty_database_url) == []
    assert schema.up(empty_database_url) == []
    assert schema.down(empty_database_url)
    assert tables(empty_database_url) == set()
    assert schema.up(empty_database_url)


def test_the_tables_of_samples_come_and_go_without_touching_what_was_there(empty_database_url: str) -> None:
    def stored_bytes() -> list[tuple[int]]:
        with psycopg.connect(empty_database_url) as connection:
            return connection.execute("SELECT stored_bytes FROM analysis_results").fetchall()

    with schema._locked(empty_database_url) as backend:
        migrations = schema._migrations()
        own = migrations.filter(lambda migration: migration.id == "0007.samples")
        backend.apply_migrations(migrations.filter(lambda migration: migration.id < "0007"))
        with psycopg.connect(empty_database_url) as connection:
            connection.execute(
                "INSERT INTO analysis_results (key, payload, compute_cost_ms, created_at, expires_at)"
                " VALUES ('k', '1234', 1, now(), now())"
            )
        before = tables(empty_database_url)
        for _ in range(2):
            backend.apply_migrations(own)
            assert tables(empty_database_url) - before == {"sample_results", "samples", "sequences"}
            assert stored_bytes() == [(516,)]
            backend.rollback_migrations(own)
            assert tables(empty_database_url) == before
            assert stored_bytes() == [(516,)]


def test_many_replicas_that_start_at_once_apply_it_once(empty_database_url: str) -> None:
    with ThreadPoolExecutor(6) as replicas:
        applied = list(replicas.map(schema.up, [empty_database_url] * 6))
    assert sorted(map(bool, applied)) == [False] * 5 + [True]
