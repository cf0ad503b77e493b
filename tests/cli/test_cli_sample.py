"""`claim-audit sample`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from cli_claims import left_behind
from typer.testing import Result

Call = Callable[..., Result]


def test_a_sample_has_the_lines_asked_for_and_its_truth(call: Call, place: Path) -> None:
    result = call("sample", "--lines", 300, "--seed", 5, "--out", "made-up", "--format", "parquet")

    assert (result.exit_code, result.stderr) == (0, "")
    assert "300 claim lines in made-up/claims.parquet" in result.stdout
    assert pl.read_parquet("made-up/claims.parquet").height == 300
    assert (place / "made-up" / "truth.parquet").is_file()


def test_the_seed_decides(call: Call, place: Path) -> None:
    for folder, seed in (("a", 1), ("b", 1), ("c", 2)):
        assert call("sample", "--lines", 200, "--seed", seed, "--out", folder).exit_code == 0

    a, b, c = (Path(folder, "claims.csv").read_bytes() for folder in "abc")
    assert a == b != c


def test_kinds_and_rate_decide_what_is_planted(call: Call, place: Path) -> None:
    args = ["--lines", 2000, "--errors", "0.02", "--kinds", "unknown-modifier,no-units"]
    result = call("sample", *args, "--out", "made-up")

    assert result.exit_code == 0, result.output
    truth = pl.read_parquet("made-up/truth.parquet")
    assert set(truth["kind"]) == {"unknown-modifier", "no-units"}


def test_an_audit_of_a_clean_sample_is_0(call: Call, place: Path) -> None:
    call("sample", "--lines", 400, "--errors", 0, "--out", "made-up")

    assert call("run", "made-up", "--fail-on", "warning", "-q").exit_code == 0


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--lines", "0", "--out", "x"], "--lines"),
        (["--lines", "5", "--out", "x", "--errors", "2"], "--errors"),
        (["--lines", "5", "--out", "x", "--layout", "cannonical"], "did you mean 'canonical'?"),
        (["--lines", "5", "--out", "x", "--kinds", "nonsense"], "kinds cannot be used"),
        (["--lines", "5", "--out", "x", "--dirty", "--format", "parquet"], "dirty cannot be used"),
        (["--lines", "5", "--out", "file/x"], "file/x: the sample cannot be written"),
        (["--lines", "5"], "Missing option '--out'"),
    ],
)
def test_what_cannot_be_is_2_and_leaves_nothing(
    call: Call, place: Path, args: list[str], said: str
) -> None:
    (place / "file").touch()
    before = left_behind(place)

    result = call("sample", *args)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    assert said in result.stderr
    assert left_behind(place) == before
