"""`assaycache signals` and `analyze --save-plots`: what a result looks like."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from matplotlib.image import imread

from assaycache.analysis.v1 import emg_pb2, sequence_pb2
from assaycache.cli.plots import composition_figure, session_figure
from tests.unit.cli.cli_standins import JOB_ID, SIGNALS, PlayedClient, analysis
from tests.unit.cli.conftest import Run


def test_the_signals_of_a_job_are_listed_with_thresholds_and_contractions(run: Run, client: PlayedClient) -> None:
    rows = run("signals", JOB_ID).stdout.splitlines()
    assert rows[1].split() == ["VL,", "left", "filtered", "2", "-20.5", "250.2", "-", "1"]
    assert rows[2].split() == ["VL,", "left", "envelope", "2", "1", "4", "12.5", "1"]


def test_signals_are_csv_a_line_a_point(run: Run, client: PlayedClient) -> None:
    lines = run("signals", JOB_ID, "--csv").stdout.splitlines()
    assert lines[:3] == [
        "label,kind,time_ms,minimum_uv,maximum_uv",
        '"VL, left",filtered,0,-20.5,18',
        '"VL, left",filtered,1,-4,250.25',
    ]
    assert len(lines) == 5


def test_signals_are_json_with_all_that_is_known(run: Run, client: PlayedClient) -> None:
    _, envelope = json.loads(run("signals", JOB_ID, "--json").stdout)
    assert (envelope["kind"], envelope["threshold_uv"]) == ("envelope", 12.5)
    assert envelope["contractions_ms"] == [[500.0, 900.0]]


def test_the_ending_of_the_output_says_its_form(run: Run, client: PlayedClient, tmp_path: Path) -> None:
    assert run("signals", JOB_ID, "-o", "out.CSV").stdout == ""
    assert (tmp_path / "out.CSV").read_text().startswith("label,kind")
    run("signals", JOB_ID, "--output", "out.json")
    assert len(json.loads((tmp_path / "out.json").read_text())) == len(SIGNALS)
    assert run("signals", JOB_ID, "-o", "out.xls").exit_code == 2
    assert run("signals", JOB_ID, "-o", "out.csv", "--csv").exit_code == 2
    assert run("signals", JOB_ID, "-o", "nowhere/out.csv").exit_code == 2


def test_a_stretch_of_some_channels_of_a_file_is_asked_for(run: Run, client: PlayedClient, recording: Path) -> None:
    wanted = ("-c", "VL, left", "-c", "RF", "--start", "1.5", "--length", "2", "--points", "50")
    assert run("signals", recording, "--set", "threshold_k=4", *wanted).exit_code == 0
    (asked,) = client.asked
    assert asked == {
        "given": Path(recording),
        "params": {"threshold_k": 4.0},
        "labels": ["VL, left", "RF"],
        "start_seconds": 1.5,
        "length_seconds": 2.0,
        "max_points": 50,
    }
    assert run("signals", JOB_ID, "--set", "threshold_k=4").exit_code == 2
    assert run("signals", "nowhere.c3d").exit_code == 2


def test_a_result_is_drawn_and_its_file_says_of_which_job(
    run: Run, client: PlayedClient, recording: Path, tmp_path: Path
) -> None:
    client.answers["jump.c3d"] = analysis()
    done = run("analyze", recording, "--save-plots", "new/plots", "--set", "threshold_k=4")
    assert done.exit_code == 0
    (drawn,) = (tmp_path / "new" / "plots").iterdir()
    assert drawn.name == f"jump-{JOB_ID[:8]}.png"
    assert "drawn in new/plots/jump-" in done.stderr
    assert client.asked[1]["params"] == {"threshold_k": 4.0}, "the marks are those of the question"
    assert len({tuple(colour) for colour in imread(drawn).reshape(-1, 4)}) > 20, "a blank one has one"


def test_without_matplotlib_it_says_what_to_install_before_anything_is_asked(
    run: Run, client: PlayedClient, recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    done = run("analyze", recording, "--save-plots", "plots")
    assert done.exit_code == 2
    assert "pip install 'assaycache[plots]'" in done.stderr
    assert client.asked == []


def test_what_has_no_signals_is_not_drawn_and_that_is_said(run: Run, client: PlayedClient, recording: Path) -> None:
    found = analysis()
    assert isinstance(found.result, emg_pb2.EmgSession)
    found.result.compat.SetInParent()
    client.answers["jump.c3d"] = found
    done = run("analyze", recording, "--save-plots", "plots")
    assert done.exit_code == 0
    assert "the profile compat has no signals to draw" in done.stderr


def test_a_plot_shows_signal_envelope_threshold_and_contractions() -> None:
    figure = session_figure(SIGNALS, "jump $x.c3d")
    (axes,) = figure.axes
    assert axes.get_legend_handles_labels()[1] == ["Signal", "Contraction", "RMS envelope", "Threshold"]
    threshold = axes.lines[-1]
    assert list(threshold.get_ydata()) == [12.5, 12.5]
    (band,) = axes.patches
    left: Any = band
    assert (left.get_x(), left.get_width()) == (0.5, 0.4)


def test_a_sample_is_drawn_rank_by_rank_to_the_whole() -> None:
    sample = sequence_pb2.SequenceTaxonomy()
    for rank, share in (("phylum", 0.7), ("genus", 0.5)):
        composition = sample.compositions.add(rank=rank)
        composition.taxa.add(name="Ascomycota", share=share)
        composition.unassigned.share = 1 - share
    figure = composition_figure(sample, "pond.fasta")
    (axes,) = figure.axes
    assert [label.get_text() for label in axes.get_xticklabels()] == ["Phylum", "Genus"]
    heights = [patch.get_height() for patch in axes.patches]  # type: ignore[attr-defined]  # bars are rectangles
    assert heights == pytest.approx([70, 0, 30, 50, 0, 50])
