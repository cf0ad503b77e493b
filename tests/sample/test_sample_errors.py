from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest
from polars import col

from claim_audit import sample
from claim_audit.sample import KINDS, Written

Write = Callable[..., Written]

PLANTED_RULES = {
    "DQ": (1, 2, 3, 4, 5, 6, 7, 8, 10),
    "ID": (1, 4),
    "CD": (2, 3, 5, 10),
    "UN": (1, 2, 3, 4, 5, 7, 8, 13, 14, 17),
    "MD": (1, 2, 3, 6, 7, 8, 9, 10, 11, 13, 14),
    "PY": (1, 3),
    "DT": (1, 2, 3, 4, 5, 7, 9),
    "DU": (1, 2, 3, 5),
    "DX": (1, 2, 3, 4, 5),
    "PS": (1, 2, 3),
    "MY": (1, 3, 8),
    "XL": (1,),
    "UT": (1, 2),
}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    out = tmp_path_factory.mktemp("planted")
    yield sample.write(out, lines=60_000, seed=4, format="csv", error_rate=0.05)


@pytest.fixture(scope="module")
def lines(planted: Written) -> pl.DataFrame:
    return pl.read_csv(planted.claims, infer_schema=False).with_row_index("source_row", offset=1)


@pytest.fixture(scope="module")
def truth(planted: Written) -> pl.DataFrame:
    """The rows that name a line."""
    return pl.read_parquet(planted.truth).drop_nulls("source_row")


def of_kind(lines: pl.DataFrame, truth: pl.DataFrame, *kinds: str) -> pl.DataFrame:
    wanted = truth.filter(col("kind").is_in(kinds))
    found = lines.join(wanted.select("source_row").unique(), on="source_row", how="semi")
    assert found.height
    return found


def test_every_rule_that_can_be_planted_is() -> None:
    rules = {f"{group}-{n:02}" for group, numbers in PLANTED_RULES.items() for n in numbers}
    assert {raised.rule for kind in KINDS.values() for raised in kind.raises} == rules


def test_every_kind_is_planted(planted: Written, truth: pl.DataFrame) -> None:
    about_lines = {
        kind.name for kind in KINDS.values() if any(r.on != "batch" for r in kind.raises)
    }
    assert set(planted.planted) == set(KINDS)
    assert set(truth["kind"]) == about_lines


def test_rules_about_the_batch_have_one_row_without_a_line(planted: Written) -> None:
    rows = pl.read_parquet(planted.truth).filter(col("source_row").is_null())
    assert set(rows["rule_id"]) == {"PY-01", "PY-03", "DQ-10"}
    assert rows.height == 3


def test_truth_names_the_lines_as_they_are_written(
    lines: pl.DataFrame, truth: pl.DataFrame
) -> None:
    named = truth.join(lines.with_columns(col("claim_line_number").cast(pl.Int32)), on="source_row")
    assert named.height == truth.height
    assert named.select((col("claim_id") == col("claim_id_right")).all()).item()
    same = col("claim_line_number").eq_missing(col("claim_line_number_right"))
    assert named.select(same.all()).item()


def test_truth_has_a_row_once(truth: pl.DataFrame) -> None:
    assert not truth.select("source_row", "rule_id").is_duplicated().any()


def test_truth_is_what_the_kinds_declare(truth: pl.DataFrame) -> None:
    declared = {
        (kind.name, raised.rule, severity)
        for kind in KINDS.values()
        for raised in kind.raises
        if raised.on != "batch"
        for severity in {raised.severity, raised.elsewhere or raised.severity}
    }
    assert set(truth.select("kind", "rule_id", "severity").unique().rows()) == declared


def test_a_claim_and_a_member_hold_one_error(lines: pl.DataFrame, truth: pl.DataFrame) -> None:
    held = truth.select("source_row", "kind").unique().join(lines, on="source_row")
    assert held.group_by("claim_id").agg(col("kind").n_unique())["kind"].max() == 1
    moved = ["member-placeholder", "pump-insulin-without-a-pump", "old-medicare-number"]
    own = held.filter(col("member_id").is_not_null(), ~col("kind").is_in(moved))
    assert own.group_by("member_id").agg(col("kind").n_unique())["kind"].max() == 1


@pytest.mark.parametrize("name", sorted(sample.available("canonical", "csv")))
def test_each_kind_alone(write: Write, name: str) -> None:
    written = write(lines=8000, format="csv", error_rate=0.01, kinds=[name])
    truth = pl.read_parquet(written.truth)
    assert set(truth["kind"]) == {name}
    for raised in KINDS[name].raises:
        rows = truth.filter(rule_id=raised.rule).height
        expected = {"both": 2 * written.planted[name], "batch": 1, "claim": rows}
        assert rows == expected.get(raised.on, written.planted[name])


@pytest.mark.parametrize("name", sorted(sample.available("ccw-rif-dme", "csv")))
def test_each_kind_stays_out_of_a_file_that_cannot_show_it(name: str) -> None:
    assert not {"received_date", "payer_name", "claim_type"} & set(KINDS[name].needs)


def test_some_edits_by_name(lines: pl.DataFrame, truth: pl.DataFrame) -> None:
    unknown = of_kind(lines, truth, "unknown-modifier")
    slots = pl.concat_list([f"modifier_{n}" for n in range(1, 5)])
    assert unknown.select(slots.list.contains("YY").all()).item()
    raw = of_kind(lines, truth, "raw-insulin-units")
    assert set(raw["hcpcs_code"]) == {"J1817"}
    assert raw["units"].cast(pl.Int64).min() > 3000
    assert of_kind(lines, truth, "units-left-out")["units"].is_null().all()
    glued = of_kind(lines, truth, "modifier-glued-to-code")
    assert glued["hcpcs_code"].str.contains(r"\AA42[0-9]{2}[- ]?[A-Z]{2}\z").all()
    assert glued["modifier_1"].is_null().all()
    twice = of_kind(lines, truth, "record-twice").drop("source_row")
    assert twice.is_duplicated().all()
    late = of_kind(lines, truth, "filed-late-with-medicare")
    days = col("received_date").str.to_date() - col("service_from_date").str.to_date()
    assert late.select(days.dt.total_days().min()).item() > 366
    half = of_kind(lines, truth, "part-of-a-unit")
    assert half["units"].str.ends_with(".500").all()


def test_text_errors_stay_out_of_parquet(write: Write) -> None:
    written = write(lines=20_000, error_rate=0.05)
    assert {"units-in-words", "date-that-is-none"}.isdisjoint(written.planted)


def test_rif_sample_reads_as_such(write: Write) -> None:
    written = write(format="csv", layout="ccw-rif-dme", error_rate=0.05)
    with Path(written.claims).open(newline="") as file:
        rows = list(csv.DictReader(file, delimiter="|"))
    assert {"CLM_ID", "BENE_ID", "HCPCS_CD", "DMERC_LINE_MTUS_CNT"} <= set(rows[0])
    assert {row["CARR_CLM_ENTRY_CD"] for row in rows} == {"1", "3", "5"}
    assert all("." not in row[f"ICD_DGNS_CD{n}"] for row in rows for n in (1, 2, 3))
    dates = pl.Series([row["LINE_LAST_EXPNS_DT"] for row in rows])
    assert dates.str.to_date("%d-%b-%Y").null_count() == 0
    codes = {row["HCPCS_CD"] for row in rows}
    assert {"A4224", "A4225", "J1817", "E0784", "A4239"} <= codes
