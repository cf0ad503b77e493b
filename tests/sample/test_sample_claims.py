"""The claims in `sample_claims/`: what is found in them, and that they can be made again."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

import claim_audit
from claim_audit.cli import app

FOLDER = Path(__file__).parents[2] / "sample_claims"
CLAIMS = sorted(FOLDER.glob("*/claims.*"))
KEYS = ["source_row", "rule_id", "severity"]
GRAVE = pl.col("severity").is_in(["error", "warning"])


def truth(claims: Path) -> pl.DataFrame:
    return pl.read_parquet(claims.with_name("truth.parquet"))


def of_lines(table: pl.DataFrame) -> list[tuple[object, ...]]:
    return table.drop_nulls("source_row").filter(GRAVE).select(KEYS).sort(KEYS).rows()


@pytest.fixture(scope="module")
def together() -> claim_audit.AuditResult:
    return claim_audit.audit(FOLDER)


@pytest.mark.parametrize("claims", CLAIMS, ids=lambda path: path.parent.name)
def test_each_file_raises_exactly_its_truth(claims: Path) -> None:
    known = truth(claims)
    result = claim_audit.audit(claims)

    assert of_lines(result.exceptions) == of_lines(known)
    batch = known.filter(pl.col("source_row").is_null(), pl.col("line_number").is_null())
    assert set(batch["rule_id"]) <= set(result.exceptions["rule_id"])
    rejects = known.filter(rule_id="reject")["line_number"].sort()
    assert result.rejects["line_number"].to_list() == rejects.to_list()


def test_the_folder_is_one_extract_without_its_truth(together: claim_audit.AuditResult) -> None:
    names = [claims.relative_to(FOLDER).as_posix() for claims in CLAIMS]
    assert [entry["file"] for entry in together.manifest["inputs"]] == names
    assert sum("written by claim-audit (truth)" in why for why in together.manifest["skipped"]) == 4


@pytest.mark.parametrize("claims", CLAIMS, ids=lambda path: path.parent.name)
def test_the_files_raise_together_what_they_raise_alone(
    claims: Path, together: claim_audit.AuditResult
) -> None:
    name = claims.relative_to(FOLDER).as_posix()
    found = together.exceptions.filter(source_file=name)
    assert of_lines(found) == of_lines(truth(claims))


def test_the_readme_says_how_to_make_them_again(tmp_path: Path) -> None:
    commands = re.findall("^claim-audit (sample .*)$", (FOLDER / "README.md").read_text(), re.M)
    assert len(commands) == len(CLAIMS)
    for command in commands:
        *options, out = shlex.split(command)
        assert CliRunner().invoke(app, [*options, str(tmp_path / out)]).exit_code == 0
    for claims in CLAIMS:
        again = tmp_path / FOLDER.name / claims.parent.name / claims.name
        if claims.suffix == ".csv":
            assert again.read_bytes() == claims.read_bytes()
        else:
            assert pl.read_parquet(again).equals(pl.read_parquet(claims))
        assert pl.read_parquet(again.with_name("truth.parquet")).equals(truth(claims))


def test_they_are_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) < 400_000
