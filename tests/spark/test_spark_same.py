"""The tables are those of the local engine, byte for byte, however the work is cut."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from spark_runs import SAMPLES, hashes, settings

from claim_audit import sample
from claim_audit.engine.spark import audit as spark
from claim_audit.pipeline import audit


@pytest.mark.parametrize("buckets", [1, 3, 8, 33])
@pytest.mark.usefixtures("session", "small")
def test_any_number_of_buckets_gives_the_same_bytes(
    alone: dict[str, str], out: Path, buckets: int
) -> None:
    result = audit(SAMPLES, config=settings(engine="spark", out=out, buckets=buckets))
    assert hashes(result) == alone
    assert list(out.iterdir()) == []


@pytest.mark.usefixtures("session")
def test_sizes_of_a_large_extract_too(alone: dict[str, str], out: Path) -> None:
    result = audit(SAMPLES, config=settings(engine="spark", out=out))
    assert hashes(result) == alone


def skewed(folder: Path) -> Path:
    """A file in which one member has 30 % of the lines, copies of lines among them, some lines
    have no member, and records stand in no order."""
    sample.write(folder, lines=1500, seed=5, format="csv", error_rate=0.2)
    lines = pl.read_csv(folder / "claims.csv", infer_schema=False)
    nth = pl.int_range(pl.len())
    member = pl.when(nth % 10 < 3).then(pl.lit(lines["member_id"][0])).otherwise("member_id")
    lines = lines.with_columns(
        pl.when(nth % 17 == 0).then(None).otherwise(member).alias("member_id")
    )
    lines = pl.concat([lines, lines[::9], lines[::9]])
    lines.sample(fraction=1, shuffle=True, seed=3).write_csv(folder / "claims.csv")
    return folder / "claims.csv"


@pytest.mark.usefixtures("session", "small")
def test_one_heavy_member_lines_without_member_and_copies(tmp_path: Path, out: Path) -> None:
    file = skewed(tmp_path / "claims")
    result = audit(file, config=settings(engine="spark", out=out, buckets=5))
    assert hashes(result) == hashes(audit(file, config=settings()))
    assert result.exceptions["exception_id"].is_unique().all()


@pytest.mark.usefixtures("session", "small")
def test_claims_are_taken_back_by_the_number_that_a_layout_names(tmp_path: Path, out: Path) -> None:
    shape: dict[str, Any] = {"format": "csv", "layout": "ccw-rif-dme", "error_rate": 0.0}
    file = sample.write(tmp_path / "claims", lines=2500, seed=0, **shape).claims
    result = audit(file, config=settings(engine="spark", out=out, buckets=3))
    assert result.summary["superseded_lines"] > 0
    assert hashes(result) == hashes(audit(file, config=settings()))


@pytest.mark.usefixtures("session", "small")
def test_a_rule_that_breaks_in_some_bucket_is_set_aside_in_all(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = spark.Cluster.buckets

    def one_breaks(self: spark.Cluster, *args: Any) -> Any:
        found = judged(self, *args)
        last = max(found)
        crashed = {"UN-02": "ComputeError in un_02.py, line 1"}
        return {**found, last: replace(found[last], crashed=crashed)}

    monkeypatch.setattr(spark.Cluster, "buckets", one_breaks)
    result = audit(SAMPLES, config=settings(engine="spark", out=out, buckets=3))
    assert result.rule_errors == ["UN-02"]
    assert "UN-02" not in result.exceptions["rule_id"]
    assert result.exceptions.height


@pytest.mark.usefixtures("session")
def test_an_extract_without_a_claim_line(tmp_path: Path, out: Path) -> None:
    header = (SAMPLES / "five-payers" / "claims.csv").read_text().splitlines()[0]
    file = tmp_path / "claims.csv"
    file.write_text(f"{header}\ntoo,few\n")
    result = audit(file, config=settings(engine="spark", out=out))
    assert result.rejects.height == 1
    assert hashes(result) == hashes(audit(file, config=settings()))
