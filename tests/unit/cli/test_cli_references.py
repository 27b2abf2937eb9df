"""`assaycache reference …`: what is asked of the service, and what is shown."""

import json
from pathlib import Path

import pytest

from assaycache.cli.references import KnownName
from assaycache.reference_samples import KNOWN
from tests.unit.cli.cli_standins import PlayedClient
from tests.unit.cli.conftest import Run


@pytest.fixture
def fasta(tmp_path: Path) -> Path:
    path = tmp_path / "a.fasta"
    path.write_text(">a\tx;y\nACGT\n")
    return path


def test_a_reference_is_added_with_its_tree_listed_shown_and_removed(
    run: Run, client: PlayedClient, fasta: Path, tmp_path: Path
) -> None:
    tree = tmp_path / "a.nwk"
    tree.write_text("(a:1,b:1);")
    bare = run("reference", "add", "bare", fasta, "--version", "2", "--ranks", "genus, species")
    assert bare.exit_code == 0, bare.output
    assert client.asked[0]["ranks"] == ("genus", "species")
    assert client.asked[0]["tree"] is None
    assert run("reference", "add", "grown", fasta, "--tree", tree, "--json").exit_code == 0
    assert client.asked[1]["tree"] == tree
    header, *rows = run("reference", "list").stdout.splitlines()
    assert "Tree" in header
    assert [("yes" in row.split(), "no" in row.split()) for row in rows] == [(False, True), (True, False)]
    shown = run("reference", "show", "grown", "--json")
    assert json.loads(shown.stdout)["has_tree"] is True
    assert "has tree" in run("reference", "show", "bare").stdout
    assert "bare is removed" in run("reference", "remove", "bare").stdout
    assert [item["name"] for item in json.loads(run("reference", "list", "--json").stdout)] == ["grown"]


def test_a_tree_that_is_not_there_is_refused_before_anything_is_sent(
    run: Run, client: PlayedClient, fasta: Path
) -> None:
    assert run("reference", "add", "x", fasta, "--tree", "none.nwk").exit_code == 2
    assert client.asked == []


def test_without_references_the_list_says_how_to_get_one(run: Run, client: PlayedClient) -> None:
    assert "assaycache reference fetch" in run("reference", "list").stdout


def test_what_packages_carry_is_fetched_and_added_with_its_provenance(
    run: Run, client: PlayedClient, tmp_path: Path
) -> None:
    """The packages lie there already, as an earlier call leaves them."""
    samples = tmp_path / "home" / "samples" / "sequences"
    curated = samples / "thapbi_pict-1.0.24" / "database"
    greengenes = samples / "qiime-default-reference-0.1.3" / "qiime_default_reference" / "gg_13_8_otus"
    for folder in (curated, greengenes):
        folder.mkdir(parents=True)
    (curated / "Phytophthora_ITS1_curated.fasta").write_text(">A1 Phytophthora x;A2 Phytophthora y\nac\ngt\n")
    (curated / "Nothophytophthora_ITS1_curated.fasta").write_text("")
    for arguments in ((), ("greengenes-97",)):
        done = run("reference", "fetch", *arguments, "--home", tmp_path / "home")
        assert done.exit_code == 0, done.output
    demo, large = client.asked
    assert demo["sequences"].read_text() == (
        ">A1\tPhytophthora;Phytophthora x\nACGT\n>A2\tPhytophthora;Phytophthora y\nACGT\n"
    )
    assert (demo["name"], demo["licence"], demo["tree"]) == ("its1-curated", "MIT", None)
    assert (large["name"], large["licence"]) == ("greengenes-97", "CC BY-SA 3.0")
    assert large["tree"] == greengenes / "trees" / "97_otus.tree.gz"


def test_every_reference_that_packages_carry_can_be_asked_for() -> None:
    assert {name.value for name in KnownName} == set(KNOWN)
