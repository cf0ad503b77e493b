"""Delta tables: written by delta-rs, read by Spark through a stand-in for the source `delta`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import polars as pl
import pyspark_delta
import pytest
from deltalake import DeltaTable, write_deltalake
from pyspark import cloudpickle
from spark_runs import AS_OF, hashes, program, settings, written

import claim_audit
from claim_audit import sample
from claim_audit.errors import ClaimAuditError
from claim_audit.pipeline import audit

KEY = "claim_id,claim_line_number,nth"
LINES = 700


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    folder = tmp_path_factory.mktemp("sample")
    sample.write(folder, lines=LINES, seed=9, format="parquet", error_rate=0.2)
    read = pl.read_parquet(folder / "claims.parquet")
    return read.with_columns(nth=pl.int_range(pl.len(), dtype=pl.Int64))


@pytest.fixture(scope="module")
def table(lines: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table that came to hold the lines, in no order, over lines that were wrong."""
    path = tmp_path_factory.mktemp("lake") / "claims.parquet"
    nth = pl.col("nth")
    mixed = lines.sample(fraction=1, shuffle=True, seed=1)
    wrong = mixed.filter(nth < 200).with_columns(hcpcs_code=pl.lit("E0784"))
    surplus = mixed.filter(nth < 100).with_columns(nth + LINES)
    write_deltalake(path, pl.concat([wrong, mixed.filter(nth.is_between(200, 399))]))
    write_deltalake(path, pl.concat([mixed.filter(nth >= 400), surplus]), mode="append")
    right = mixed.filter(nth < 200)
    write_deltalake(path, right, mode="overwrite", predicate="nth < 200")
    DeltaTable(path).delete(f"nth >= {LINES}")
    return path


@pytest.fixture(scope="module")
def alone(lines: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """SHA-256 of each table of the lines as one file, by the local engine."""
    file = tmp_path_factory.mktemp("file") / "claims.parquet"
    lines.sort(KEY.split(",")).write_parquet(file)
    return hashes(audit(file, config=settings()))


@pytest.fixture(scope="module")
def knowing(session: Any) -> Any:
    """The open session, which knows the source; its workers need not find the module."""
    cloudpickle.register_pickle_by_value(pyspark_delta)
    session.dataSource.register(pyspark_delta.DefaultSource)
    yield session
    cloudpickle.unregister_pickle_by_value(pyspark_delta)


def test_the_newest_version_is_read_and_not_the_files_as_they_lie(
    knowing: Any, table: Path
) -> None:
    operations = [commit["operation"] for commit in DeltaTable(table).history()]
    assert operations == ["DELETE", "WRITE", "WRITE", "WRITE"]
    assert knowing.read.parquet(str(table)).count() > LINES
    assert knowing.read.format("delta").load(str(table)).count() == LINES


@pytest.mark.usefixtures("knowing", "small")
def test_a_table_is_judged_like_a_file_sorted_by_the_key(
    table: Path, alone: dict[str, str], out: Path
) -> None:
    how = {"engine": "spark", "record_key": KEY, "buckets": 3}
    assert hashes(claim_audit.audit(f"delta:{table}", as_of=AS_OF, out=out, **how)) == alone


@pytest.mark.usefixtures("knowing")
def test_a_folder_that_is_no_table(tmp_path: Path, out: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        config = settings(engine="spark", out=out, record_key=KEY)
        with pytest.raises(ClaimAuditError, match="cannot read this table") as refused:
            audit(f"delta:{folder}", config=config)
        assert refused.value.exit_code == 2
    assert list(out.iterdir()) == []


def test_the_program(table: Path, alone: dict[str, str], out: Path) -> None:
    """In a session of its own, which finds the source by itself."""
    path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    options = ("--master", "local[2]", "--record-key", KEY)
    done = program(out, *options, inputs=f"delta:{table}", PYTHONPATH=path)
    assert done.returncode == 0, done.stderr
    assert written(out / "run") == alone
