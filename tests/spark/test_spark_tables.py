"""Tables that Spark reads: numbered by their key, then judged like a file in that order."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from spark_runs import hashes, settings

from claim_audit import sample
from claim_audit.errors import ClaimAuditError
from claim_audit.pipeline import AuditResult, audit

KEY = ("claim_id", "claim_line_number", "nth")


@pytest.fixture
def lines(tmp_path: Path) -> pl.DataFrame:
    sample.write(tmp_path, lines=700, seed=9, format="parquet", error_rate=0.2)
    return pl.read_parquet(tmp_path / "claims.parquet").with_columns(nth=pl.row_index(), same=1)


def table(lines: pl.DataFrame, folder: Path) -> Path:
    """A folder of Parquet files, the lines in no order."""
    folder.mkdir(parents=True)
    mixed = lines.cast({"nth": pl.Int64}).sample(fraction=1, shuffle=True, seed=1)
    for number, part in enumerate(mixed.iter_slices(150)):
        part.write_parquet(folder / f"part-{number}.parquet")
    return folder


def read(folder: Path, out: Path, key: tuple[str, ...] = KEY, **given: int) -> AuditResult:
    config = settings(engine="spark", out=out, record_key=key, **given)
    return audit(folder, config=config)


@pytest.mark.usefixtures("session", "small")
def test_a_table_is_judged_like_a_file_sorted_by_the_key(
    lines: pl.DataFrame, tmp_path: Path, out: Path
) -> None:
    folder = table(lines, tmp_path / "lake" / "claims.parquet")
    file = tmp_path / "sorted" / "claims.parquet"
    file.parent.mkdir()
    lines.cast({"nth": pl.Int64}).sort(KEY).write_parquet(file)
    assert hashes(read(folder, out, buckets=3)) == hashes(audit(file, config=settings()))


@pytest.mark.usefixtures("session", "small")
def test_a_key_that_does_not_tell_records_apart(
    lines: pl.DataFrame, tmp_path: Path, out: Path
) -> None:
    folder = table(lines, tmp_path / "lake" / "claims")
    wrong = {
        "same": "two records have the same",
        "payer_name": "no value in its key",
        "nobody": "no column nobody",
    }
    for key, why in wrong.items():
        with pytest.raises(ClaimAuditError, match=why) as refused:
            read(folder, out, (key,))
        assert refused.value.exit_code == 2
    assert list(out.iterdir()) == []


@pytest.mark.usefixtures("session")
def test_a_table_that_cannot_be_read(tmp_path: Path, out: Path) -> None:
    wrong = {
        f"delta:{tmp_path}": r"no Delta Lake; .* io\.delta:delta-spark_2\.13.*--packages",
        f"{tmp_path}/nowhere": "cannot read this table",
        "nobodys_claims": "cannot read this table",
    }
    for given, why in wrong.items():
        with pytest.raises(ClaimAuditError, match=why) as refused:
            audit(given, config=settings(engine="spark", out=out, record_key=KEY))
        assert refused.value.exit_code == 2
    assert list(out.iterdir()) == []
