from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from claim_audit.sample import Written
from claim_audit.sample.damage import CUT_OFF, DAMAGES, TRAILER

Write = Callable[..., Written]


@pytest.mark.parametrize("lines", [20, 2500])
def test_damage_stands_where_truth_says(write: Write, lines: int) -> None:
    written = write(lines=lines, format="csv", dirty=True)
    physical = written.claims.read_bytes().split(b"\n")
    found = pl.read_parquet(written.truth).drop_nulls("line_number")
    fields = physical[0].count(b",")
    shows = {
        "too-few-fields": lambda line: line.count(b",") < fields,
        "too-many-fields": lambda line: line.count(b",") > fields,
        "stray-quote": lambda line: line.count(b'"') == 1,
        "nul-byte": lambda line: b"\0" in line,
        "cp1252-bytes": lambda line: b"\xe9" in line,
        "blank-line": lambda line: line == b"",
        "newline-in-a-field": lambda line: line.endswith(b'"left at the door'),
        "utf-8-text": lambda line: line.endswith("Orléans".encode()),
        TRAILER: lambda line: line.startswith(b"TRAILER,"),
        CUT_OFF: lambda line: line.count(b",") < fields,
    }
    assert set(found["kind"]) == set(shows)
    for row in found.iter_rows(named=True):
        assert shows[row["kind"]](physical[row["line_number"] - 1]), row
    assert found["line_number"].max() == len(physical)
    assert dict(found.group_by("kind").len().iter_rows()) == {
        kind: count for kind, count in written.planted.items() if kind in shows
    }


def test_verdicts_are_those_of_the_kinds_of_damage(write: Write) -> None:
    written = write(format="csv", dirty=True)
    found = pl.read_parquet(written.truth).drop_nulls("line_number")
    verdicts = {damage.name: damage.verdict for damage in DAMAGES}
    verdicts |= {TRAILER: "reject", CUT_OFF: "reject"}
    assert dict(found.select("kind", "rule_id").unique().rows()) == verdicts


def test_source_rows_count_damaged_records(write: Write) -> None:
    written = write(format="csv", dirty=True, error_rate=0.05)
    truth = pl.read_parquet(written.truth)
    physical = written.claims.read_bytes().split(b"\n")
    skipped = set(truth.filter(pl.col("kind") == "blank-line")["line_number"].to_list()) | {
        line + 1
        for line in truth.filter(pl.col("kind") == "newline-in-a-field")["line_number"].to_list()
    }
    records = [line for number, line in enumerate(physical[1:], start=2) if number not in skipped]
    for row in truth.filter(pl.col("source_row").is_not_null()).iter_rows(named=True):
        assert records[row["source_row"] - 1].startswith(row["claim_id"].encode() + b",")


def test_good_records_are_those_of_the_undamaged_file(write: Write) -> None:
    clean, dirty = (write(f"dirty{dirty}", format="csv", dirty=dirty) for dirty in (False, True))
    good = clean.claims.read_bytes().split(b"\n")[1:-1]
    assert len(set(good)) == len(good)
    damaged = [line.rstrip() for line in dirty.claims.read_bytes().split(b"\n")]
    kept = sum(line + b"," in damaged for line in good[:500])
    assert kept > 495
