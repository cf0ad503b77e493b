"""Parquet files as raw frames."""

from __future__ import annotations

import datetime as dt
import decimal
import gzip
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from claim_audit.errors import ClaimAuditError
from claim_audit.ingest import parquet
from claim_audit.ingest.parquet import Opened
from claim_audit.ingest.sources import Source


def opened(folder: Path, table: pa.Table | bytes, name: str = "claims.parquet") -> Opened:
    path = folder / name
    if isinstance(table, bytes):
        path.write_bytes(table)
    else:
        pq.write_table(table, path)
    return parquet.open(Source(1, path, name), folder)


def test_columns_keep_their_types(tmp_path: Path) -> None:
    table = pa.table(
        {
            "text": ["a", None],
            "day": [dt.date(2024, 3, 1), None],
            "at": pa.array([dt.datetime(2024, 3, 1, 12)] * 2, pa.timestamp("ms")),
            "money": pa.array([decimal.Decimal("1.20"), None], pa.decimal128(10, 2)),
            "units": pa.array([1, None], pa.int32()),
            "nothing": pa.nulls(2),
        }
    )
    found = opened(tmp_path, table)
    frame = found.raw.collect()
    assert list(frame.schema.items()) == [
        ("source_row", pl.UInt32),
        ("text", pl.String),
        ("day", pl.Date),
        ("at", pl.Datetime("ms")),
        ("money", pl.Decimal(10, 2)),
        ("units", pl.Int32),
        ("nothing", pl.Null),
    ]
    assert frame["source_row"].to_list() == [1, 2]
    assert {"source_row": pl.UInt32(), **found.schema} == dict(frame.schema)
    assert found.header == tuple(table.column_names)
    assert (found.records, found.notes) == (2, ())
    found.accounting().check()


def test_categories_and_bytes_are_text(tmp_path: Path) -> None:
    path = tmp_path / "claims.parquet"
    pl.DataFrame(
        {"c": ["a", None], "e": ["a", "b"], "b": [b"x", "é".encode()]},
        schema={"c": pl.Categorical, "e": pl.Enum(["a", "b"]), "b": pl.Binary},
    ).write_parquet(path)
    found = parquet.open(Source(1, path, "claims.parquet"), tmp_path)
    assert found.raw.collect().rows() == [(1, "a", "a", "x"), (2, None, "b", "é")]
    assert set(found.schema.values()) == {pl.String()}


def test_dictionaries_of_other_writers_are_text(tmp_path: Path) -> None:
    found = opened(tmp_path, pa.table({"d": pa.array(["a", "b", None]).dictionary_encode()}))
    assert found.raw.collect()["d"].to_list() == ["a", "b", None]
    assert found.schema == {"d": pl.String()}


def test_what_cannot_be_a_cell_is_left_out_and_said(tmp_path: Path) -> None:
    table = pa.table({"id": [1], "list": [[1]], "struct": [{"a": 1}], "bytes": [b"\xff"]})
    found = opened(tmp_path, table)
    assert found.header == ("id",)
    assert found.raw.collect().columns == ["source_row", "id"]
    assert found.notes == (
        "column 'list' is nested and not read",
        "column 'struct' is nested and not read",
        "column 'bytes' holds bytes that are no text and is not read",
    )


def test_a_column_of_our_own_name_steps_aside(tmp_path: Path) -> None:
    found = opened(tmp_path, pa.table({"source_row": [7], "source_row_2": [8]}))
    assert found.raw.collect().to_dicts() == [
        {"source_row": 1, "source_row_3": 7, "source_row_2": 8}
    ]
    assert found.header == ("source_row_3", "source_row_2")


def test_names_that_look_like_patterns_or_partitions(tmp_path: Path) -> None:
    folder = tmp_path / "year=2024"
    folder.mkdir()
    found = opened(folder, pa.table({"id": [1]}), "part[1]*.parquet")
    assert found.raw.collect().columns == ["source_row", "id"]


def test_rows_are_numbered_across_row_groups(tmp_path: Path) -> None:
    path = tmp_path / "claims.parquet"
    pq.write_table(pa.table({"id": list(range(1000))}), path, row_group_size=100)
    raw = parquet.open(Source(1, path, "claims.parquet"), tmp_path).raw
    late = raw.filter(pl.col("id") >= 950).collect(engine="streaming")
    assert late["source_row"].to_list() == list(range(951, 1001))


def test_a_compressed_file_is_unpacked(tmp_path: Path) -> None:
    inner = tmp_path / "inner.parquet"
    pq.write_table(pa.table({"id": ["a"]}), inner)
    found = opened(tmp_path, gzip.compress(inner.read_bytes()), "claims.parquet.gz")
    assert found.raw.collect()["id"].to_list() == ["a"]
    with pytest.raises(ClaimAuditError, match="cut off"):
        opened(tmp_path, gzip.compress(inner.read_bytes())[:-9], "claims.parquet.gz")
    assert not (tmp_path / "00001.unpacked.parquet").exists()


@pytest.mark.parametrize("kept", [0.3, 0.99])
def test_a_truncated_file(tmp_path: Path, kept: float) -> None:
    whole = tmp_path / "whole.parquet"
    pq.write_table(pa.table({"id": list(range(1000))}), whole)
    content = whole.read_bytes()
    with pytest.raises(ClaimAuditError, match="its footer is damaged or cut off") as caught:
        opened(tmp_path, content[: int(len(content) * kept)])
    assert (caught.value.where, caught.value.exit_code) == ("claims.parquet", 2)


def test_columns_of_one_name(tmp_path: Path) -> None:
    with pytest.raises(ClaimAuditError, match="two columns are named 'a'"):
        opened(tmp_path, pa.table([[1], [2]], names=["a", "a"]))


def test_a_file_of_no_rows(tmp_path: Path) -> None:
    found = opened(tmp_path, pa.table({"id": pa.array([], pa.string())}))
    found.accounting().check()
    assert found.raw.collect().is_empty()
