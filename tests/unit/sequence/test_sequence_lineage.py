"""Lineages in every notation that reference databases use."""

import pytest

from analysis_service.sequence.lineage import Header, LineageError, read_table, split_header, understood


@pytest.mark.parametrize(
    ("header", "accession", "lineage"),
    [
        ("AY1.1\tBacteria;Firmicutes", "AY1.1", "Bacteria;Firmicutes"),
        ("AY1.1 Bacteria;Firmicutes;Bacillus subtilis", "AY1.1", "Bacteria;Firmicutes;Bacillus subtilis"),
        ("AY1.1;tax=d:Bacteria,p:Firmicutes;", "AY1.1", "tax=d:Bacteria,p:Firmicutes"),
        ("AY1.1;size=3;tax=d:Bacteria", "AY1.1", "tax=d:Bacteria"),
        ("AY1.1;tax=d:Bacteria,s:Bacillus subtilis;", "AY1.1", "tax=d:Bacteria,s:Bacillus subtilis"),
        ("AY1.1\tk__Bacteria; p__Firmicutes", "AY1.1", "k__Bacteria; p__Firmicutes"),
        ("AY1.1", "AY1.1", ""),
        ("", "", ""),
    ],
)
def test_a_header_is_accession_and_lineage(header: str, accession: str, lineage: str) -> None:
    assert split_header(header) == Header(accession, lineage)


def test_the_ranks_of_sintax_are_said_by_their_letters() -> None:
    found = understood(["tax=d:Bacteria,p:Firmicutes,g:Bacillus", "tax=d:Archaea,g:Haloferax"])
    assert found.ranks == ("domain", "phylum", "genus")
    assert found.names == [("Bacteria", "Firmicutes", "Bacillus"), ("Archaea", "", "Haloferax")]


def test_the_order_of_ranks_is_that_of_the_lineages() -> None:
    found = understood(["tax=k:Eukaryota,d:Alveolata,p:Ciliophora", "tax=k:Eukaryota,p:Fungi"])
    assert found.ranks == ("kingdom", "domain", "phylum")


def test_prefixes_of_qiime_are_taken_off_and_empty_ones_are_blank() -> None:
    found = understood(["k__Bacteria; p__Firmicutes; c__; o__; f__; g__; s__", "k__Archaea;p__;c__;o__;f__;g__;s__x"])
    assert found.ranks == ("kingdom", "phylum", "class", "order", "family", "genus", "species")
    assert found.names == [
        ("Bacteria", "Firmicutes", "", "", "", "", ""),
        ("Archaea", "", "", "", "", "", "x"),
    ]


@pytest.mark.parametrize(("depth", "last"), [(6, "genus"), (7, "species"), (8, "species"), (3, "rank 3")])
def test_plain_lineages_have_ranks_by_their_number(depth: int, last: str) -> None:
    assert understood([";".join("abcdefgh"[:depth]) + ";"]).ranks[-1] == last


def test_the_ranks_of_plain_lineages_can_be_named() -> None:
    assert understood(["Ciliophora;Paramecium"], ranks=("phylum", "genus")).ranks == ("phylum", "genus")


def test_shorter_lineages_are_filled_with_blanks_and_blanks_may_stand_in_the_middle() -> None:
    found = understood(["a;b;c", "a", "a;;c"])
    assert found.names == [("a", "b", "c"), ("a", "", ""), ("a", "", "c")]


@pytest.mark.parametrize("word", ["unclassified", "uncultured", "NA", "-", "Bacteria_unclassified", "unidentified"])
def test_words_for_no_name_are_blank(word: str) -> None:
    assert understood([f"Bacteria;{word}"]).names == [("Bacteria", "")]


@pytest.mark.parametrize(
    ("texts", "ranks", "message"),
    [
        ([], (), "No sequence has a lineage"),
        (["", ";"], (), "No sequence has a lineage"),
        (["tax=d:Bacteria", "Bacteria;Firmicutes"], (), "has no 'tax='"),
        (["tax=Bacteria"], (), "no rank before a colon"),
        (["k__Bacteria;p__x", "k__Bacteria;x"], (), "has no rank such as"),
        (["tax=d:a,p:b", "tax=p:b,d:a"], (), "in one order"),
        (["a;b;c"], ("domain",), "1 ranks are named"),
        ([";".join("a" * 40)], (), "at most 32"),
    ],
)
def test_lineages_that_cannot_be_understood_say_why(texts: list[str], ranks: tuple[str, ...], message: str) -> None:
    with pytest.raises(LineageError, match=message):
        understood(texts, ranks)


def test_a_table_is_accession_tab_lineage_with_or_without_a_head() -> None:
    lines = ["Feature ID\tTaxon\tConfidence\n", "# note\n", "\n", "A1\tk__Bacteria; p__x\t0.9\n", "A2\tk__Archaea\r\n"]
    assert read_table(lines) == {"A1": "k__Bacteria; p__x", "A2": "k__Archaea"}


@pytest.mark.parametrize(
    ("lines", "message"), [(["A1 Bacteria"], "Line 1 .* no tab"), (["A\tx", "A\ty"], "Line 2 .* repeats")]
)
def test_a_table_that_cannot_be_read_says_the_line(lines: list[str], message: str) -> None:
    with pytest.raises(LineageError, match=message):
        read_table(lines)
