"""Member numbers as keyed hashes."""

from __future__ import annotations

import hmac
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from claim_audit.errors import ClaimAuditError
from claim_audit.pipeline import AuditResult
from claim_audit.report import run_folder
from claim_audit.report.documents import Manifest
from claim_audit.report.masking import masked

KEY = "5f" * 32
MEMBERS = ("MBR000001", "MBR000002", "MBR000003")


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    (tmp_path / "key").write_text(KEY + "\n")
    return tmp_path / "key"


def test_no_file_holds_a_member_number(result: AuditResult, tmp_path: Path) -> None:
    told = result.exceptions.with_columns(pl.format("of {}, she", "member_id").alias("observed"))
    named = replace(result, exceptions=told)
    folder = run_folder.write(masked(named), tmp_path, "run")
    for path in folder.iterdir():
        content = path.read_bytes()
        assert not any(member.encode() in content for member in MEMBERS), path.name
    table = pl.read_parquet(folder / "exceptions.parquet")
    assert (
        table["observed"] == pl.select(pl.format("of {}, she", table["member_id"])).to_series()
    ).all()
    assert "not shown (45 characters)" in (folder / "rejects.csv").read_text()


def test_a_mask_is_an_hmac(result: AuditResult, key_file: Path) -> None:
    found = masked(result, key_file).exceptions
    mask = {
        m: hmac.digest(KEY.encode().hex().encode(), m.encode(), "sha256").hex()[:16]
        for m in MEMBERS
    }
    assert found["member_id"].to_list() == [mask[m] for m in result.exceptions["member_id"]]


def test_exception_ids_do_not_give_the_number_away(result: AuditResult, key_file: Path) -> None:
    """They are hashes of a row's keys, the member number among them, all others in plain sight."""
    found = masked(result, key_file).exceptions["exception_id"]
    assert not set(found) & set(result.exceptions["exception_id"])
    assert found.n_unique() == result.exceptions.height


def test_equal_keys_give_equal_masks_and_random_ones_do_not(
    result: AuditResult, key_file: Path
) -> None:
    first, second = masked(result, key_file), masked(result, key_file)
    assert first.exceptions.equals(second.exceptions)
    assert first.manifest["masking"] == second.manifest["masking"]
    drawn, other = masked(result), masked(result)
    assert not set(drawn.exceptions["member_id"]) & set(other.exceptions["member_id"])
    assert drawn.manifest["masking"]["key_id"] != other.manifest["masking"]["key_id"]


def test_nothing_else_changes(result: AuditResult, key_file: Path) -> None:
    found = masked(result, key_file)
    private = ("member_id", "exception_id")
    assert found.exceptions.drop(private).equals(result.exceptions.drop(private))
    assert found.rejects.drop("raw").equals(result.rejects.drop("raw"))
    assert found.summary == result.summary
    assert found.exceptions.schema == result.exceptions.schema


def test_a_missing_number_stays_missing(result: AuditResult) -> None:
    nobody = result.exceptions.with_columns(pl.lit(None, pl.String).alias("member_id"))
    found = masked(replace(result, exceptions=nobody)).exceptions
    assert found["member_id"].null_count() == found.height
    assert found["message"].equals(result.exceptions["message"])


def test_the_manifest_says_how(result: AuditResult, key_file: Path, tmp_path: Path) -> None:
    folder = run_folder.write(masked(result, key_file), tmp_path / "out", "run")
    manifest = Manifest.model_validate_json((folder / "manifest.json").read_bytes())
    assert manifest.masking is not None
    assert manifest.masking.key == "file"
    assert KEY not in (folder / "manifest.json").read_text()


@pytest.mark.parametrize("content", [None, "", "short"])
def test_a_key_that_is_none(result: AuditResult, tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "key"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ClaimAuditError, match="32 random bytes") as raised:
        masked(result, path)
    assert raised.value.exit_code == 2
