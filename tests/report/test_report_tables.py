"""The tables as files: inert, equal for equal rows, and as they were the last time."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from claim_audit.pipeline import AuditResult
from claim_audit.report import run_folder, tables

GOLDEN = Path(__file__).parent / "golden"
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
HOSTILE = (
    "=cmd|'/c calc'!A1",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1+1",
    "\u202e=1",
    "\ufeff=1",
    "＝1+1",
    '=HYPERLINK("http://x","y")',
)


def written(table: pl.DataFrame, ending: str) -> bytes:
    file = io.BytesIO()
    tables.WRITERS[ending](table, "exceptions", file)
    return file.getvalue()


def read_back(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline=""), strict=True))


@pytest.mark.parametrize("name", ["exceptions.csv", "summary.json"])
def test_golden(name: str, result: AuditResult, tmp_path: Path) -> None:
    folder = run_folder.write(result, tmp_path, "run")
    assert (folder / name).read_bytes() == (GOLDEN / name).read_bytes()


@pytest.mark.parametrize("cell", HOSTILE)
def test_formula_gets_an_apostrophe_in_csv_only(cell: str) -> None:
    table = pl.DataFrame({"id": ["a"], "text": [cell]})
    assert read_back(written(table, "csv")) == [{"id": "a", "text": "'" + cell}]
    assert pl.read_parquet(written(table, "parquet")).equals(table)


@pytest.mark.parametrize("cell", ["1+1", "a=b", "x@y", "2024-01-01", "'=1", 'say "no"', "a,b"])
def test_other_text_stays_as_it_is(cell: str) -> None:
    table = pl.DataFrame({"id": ["a"], "text": [cell]})
    assert read_back(written(table, "csv")) == [{"id": "a", "text": cell}]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), min_size=1))
@example(["x\r\ny", "", 'a"b', "=", "\u200f-1"])
@settings(deadline=None, max_examples=60)
def test_any_text_survives_and_none_begins_like_a_formula(cells: list[str]) -> None:
    table = pl.DataFrame({"id": list(range(len(cells))), "text": cells})
    shown = [row["text"] for row in read_back(written(table, "csv"))]
    assert [text.removeprefix("'") for text in shown] == [text.removeprefix("'") for text in cells]
    assert not any(text.startswith(STARTS) for text in shown)


def test_numbers_and_dates_are_plain() -> None:
    table = pl.DataFrame(
        {
            "units": [Decimal("-1.5000"), None],
            "day": [date(2024, 2, 29), None],
            "share": [1e-7, 1e20],
            "text": ["", None],
        },
        schema_overrides={"units": pl.Decimal(16, 4)},
    )
    assert written(table, "csv") == (
        b'units,day,share,text\r\n-1.5000,2024-02-29,0.0000001,""\r\n,,100000000000000000000,\r\n'
    )


def test_a_table_without_rows_has_its_header() -> None:
    table = pl.DataFrame(schema={"a": pl.String, "b": pl.Decimal(16, 2)})
    assert written(table, "csv") == b"a,b\r\n"
    assert pl.read_parquet(written(table, "parquet")).schema == table.schema


def test_parquet_bears_its_name_and_types(result: AuditResult, tmp_path: Path) -> None:
    folder = run_folder.write(result, tmp_path, "run")
    for name, table in result.tables.items():
        file = pq.read_metadata(folder / f"{name}.parquet")
        assert file.metadata[b"claim_audit.table"] == name.encode()
        assert pl.read_parquet(folder / f"{name}.parquet").equals(table)


@pytest.mark.parametrize("ending", tables.WRITERS)
def test_chunks_leave_no_trace(ending: str) -> None:
    rows = pl.DataFrame({"n": range(300_000), "text": [f"t{n % 977}" for n in range(300_000)]})
    chunked = pl.concat([rows[:7], rows[7:140_000], rows[140_000:]], rechunk=False)
    assert written(chunked, ending) == written(rows.rechunk(), ending)


WRITES_A_RUN = """
import sys
from datetime import date
from pathlib import Path
from claim_audit import AuditConfig, audit
from claim_audit.report import run_folder
out = Path(sys.argv[2])
run_folder.write(audit(sys.argv[1], config=AuditConfig(as_of=date(2026, 1, 1))), out, "run")
"""


def extract(path: Path) -> Path:
    """Four thousand lines with breaches of many rules."""
    head = (
        "claim_id,claim_line_number,member_id,payer_name,billing_npi,place_of_service,"
        "service_from_date,service_to_date,hcpcs_code,modifier_1,modifier_2,units,days_supply,"
        "charge_amount,allowed_amount,paid_amount\n"
    )
    payers = ("Original Medicare", "Aetna", "Cigna HMO", "Somebody", "")
    with path.open("w") as file:
        file.write(head)
        for n in range(4_000):
            day = f"2024-{n % 12 + 1:02}-{n * 7 % 28 + 1:02}"
            code = ("A4224", "J1817", "A4231", "E0784", "K0552", "ZZZZZ")[n % 6]
            file.write(
                f"C{n // 3},{n % 3 + 1},M{n % 577:06},{payers[n % 5]},123456789{n % 10},12,"
                f"{day},{day},{code},{'KX' if n % 4 else 'YY'},,{n % 90 - 2},90,"
                f"{n % 400}.50,{n % 300}.25,\n"
            )
    return path


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Run folders of the same extract: twice with two threads, once with one."""
    home = tmp_path_factory.mktemp("threads")
    source = extract(home / "claims.csv")
    outs = [home / name for name in ("two", "again", "one")]
    for out, threads in zip(outs, "221", strict=True):
        subprocess.run(
            [sys.executable, "-c", WRITES_A_RUN, str(source), str(out)],
            env={**os.environ, "POLARS_MAX_THREADS": threads},
            check=True,
        )
    return [out / "run" for out in outs]


def test_tables_and_summary_are_equal_byte_for_byte_whatever_the_threads(runs: list[Path]) -> None:
    manifests: list[dict[str, Any]] = [json.loads((r / "manifest.json").read_bytes()) for r in runs]
    assert [m["cost"]["threads"] for m in manifests] == [2, 2, 1]
    assert {f["file"]: f["rows"] for f in manifests[0]["files"]}["exceptions.csv"] > 1_000
    hashes = [
        {f["file"]: f["sha256"] for f in manifest["files"] if f["file"] != "report.html"}
        for manifest in manifests
    ]
    assert hashes[0] == hashes[1] == hashes[2]
    assert len(hashes[0]) == 9
