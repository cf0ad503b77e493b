"""The shared line rules as Polars expressions, for the validation libraries.

The libraries check expressions and look nothing up, so each line first gets what is known of its
values, worked out once per distinct value of the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.rivals.facts import (
    HICN,
    ICD_10_FROM,
    INSTITUTIONS,
    MBI,
    MBI_ONLY_FROM,
    NO_DAYS,
    PLACEHOLDERS,
    SETTINGS,
    Facts,
    npi_holds,
)
from benchmarks.rivals.shared import (
    AMOUNTS,
    AS_OF,
    COUNTS,
    DATES,
    DIAGNOSES,
    IDS,
    NPIS,
    PAYER_NAMES,
    SLOTS,
)

MONEY, QUANTITY = pl.Decimal(16, 2), pl.Decimal(16, 4)
NUMBERS = {
    **dict.fromkeys(COUNTS, pl.Int32()),
    "units": QUANTITY,
    **dict.fromkeys(AMOUNTS, MONEY),
}
STEPS = {"days": "d", "months": "mo"}
GLUED_CELL = (
    pl.when(pl.col("hcpcs_code").str.len_bytes() > 5).then("hcpcs_code").alias("glued_cell")
)
"""Beside its slots what tells the modifiers of a line: a code that may have some glued to it."""


def typed(claims: Path) -> pl.LazyFrame:
    """The lines with `source_row`, numbers and dates; what is none of these by `<name>__unread`."""
    if claims.suffix == ".parquet":
        lines = pl.scan_parquet(claims, row_index_name="source_row", row_index_offset=1)
        unread = dict.fromkeys((*NUMBERS, *DATES), pl.lit(False))
        cells: dict[str, pl.Expr] = {}
    else:
        lines = pl.scan_csv(
            claims, infer_schema=False, row_index_name="source_row", row_index_offset=1
        )
        cells = {name: pl.col(name).cast(kind, strict=False) for name, kind in NUMBERS.items()}
        cells |= {name: pl.col(name).str.to_date("%Y-%m-%d", strict=False) for name in DATES}
        unread = {name: cell.is_null() & pl.col(name).is_not_null() for name, cell in cells.items()}
    return lines.with_columns(
        **cells, **{f"{name}__unread": broken for name, broken in unread.items()}
    )


@dataclass(frozen=True)
class Known:
    """What is known of the values of a file, as small tables with the columns to join on."""

    facts: Facts
    tables: Sequence[tuple[Sequence[str], pl.DataFrame]]

    @classmethod
    def of(cls, claims: Path) -> Known:
        """Look at the distinct values of the file."""
        facts = Facts.load()
        lines = typed(claims).with_columns(GLUED_CELL)
        keys = (("hcpcs_code",), PAYER_NAMES, (*SLOTS, "glued_cell"), DIAGNOSES, ("claim_type",))
        codes, names, worn, diagnoses, types, *npis = pl.collect_all(
            [lines.select(columns).unique() for columns in (*keys, *((npi,) for npi in NPIS))],
            engine="streaming",
        )
        tables = [
            _beside(codes, [facts.of_code(cell) for (cell,) in codes.rows()]),
            facts.payers(names).rename({"policies": "payer_policies"}),
            _beside(worn, [facts.of_modifiers(row[:-1], row[-1]) for row in worn.rows()]),
            _beside(diagnoses, [facts.of_diagnoses(row) for row in diagnoses.rows()]),
            types.with_columns(
                pl.col("claim_type")
                .str.to_uppercase()
                .replace_strict(SETTINGS, default="dme")
                .fill_null("dme")
                .alias("setting")
            ),
        ]
        joins = [*zip(keys, tables, strict=True), (("place_of_service",), facts.places)]
        for npi, frame in zip(NPIS, npis, strict=True):
            holds = [{f"{npi}_holds": cell is None or npi_holds(cell)} for (cell,) in frame.rows()]
            joins.append(((npi,), _beside(frame, holds)))
        joins.append((("setting", "code", "payer"), facts.mue.rename({"hcpcs_code": "code"})))
        return cls(facts, joins)

    def beside(self, lines: pl.LazyFrame) -> pl.LazyFrame:
        """The lines with what is known of them beside."""
        known = reduce(
            lambda joined, table: joined.join(
                table[1].lazy(), on=table[0], how="left", nulls_equal=True, maintain_order="left"
            ),
            self.tables,
            lines.with_columns(GLUED_CELL),
        )
        words = [pl.col(f"{name}_policies") for name in ("code", "payer", "broken")]
        held = pl.col("service_from_date").is_between("begun", "until")
        return known.with_columns(
            pl.when(held).then("mue_value").alias("mue_value"),
            (words[0] & words[1] & words[2]).alias("policies"),
        )


GLUED_CELL = (
    pl.when(pl.col("hcpcs_code").str.len_bytes() > 5).then("hcpcs_code").alias("glued_cell")
)


def _beside(keys: pl.DataFrame, facts: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    return keys.hstack(pl.DataFrame(facts, infer_schema_length=None))


def fits(row: Mapping[str, Any]) -> pl.Expr:
    """Whether a policy binds a line: by the words of what it names, and by its dates."""
    start = pl.col("service_from_date")
    received = pl.coalesce("received_date", start)
    bounds = {
        "dos_from": start.ge,
        "dos_to": start.le,
        "received_from": received.ge,
        "received_to": received.le,
    }
    dated = [bound(row[name]) for name, bound in bounds.items() if row[name]]
    named = pl.col("policies") & pl.lit(row["bit"], pl.Int64) != 0
    return pl.all_horizontal(named, *dated).fill_null(False)


def binding(rows: Iterable[Mapping[str, Any]], values: Iterable[pl.Expr | int]) -> pl.Expr:
    """The value of the first policy that binds a line; null where none does."""
    pairs = zip(rows, values, strict=True)
    return pl.coalesce(pl.when(fits(row)).then(value) for row, value in pairs)


def broken(facts: Facts) -> dict[str, pl.Expr]:
    """What is wrong with a line, by rule; null where that cannot be told."""

    def policy(rule_id: str) -> pl.Expr:
        return reduce(or_, map(fits, facts.policies_of(rule_id)))

    def unread(names: Iterable[str]) -> pl.Expr:
        return pl.any_horizontal(f"{name}__unread" for name in names)

    def no(name: str) -> pl.Expr:
        return pl.col(name).is_null() & ~pl.col(f"{name}__unread")

    col = pl.col
    start, end, received = (
        col(name) for name in ("service_from_date", "service_to_date", "received_date")
    )
    span = (end - start).dt.total_days() + 1
    code, units, supply = col("code"), col("units"), col("days_supply")
    charge, allowed, paid = (col(f"{name}_amount") for name in ("charge", "allowed", "paid"))
    frequency, ffs = col("claim_frequency_code"), (col("lob") == "medicare_ffs").fill_null(False)
    original, void = ~frequency.is_in(["7", "8"]).fill_null(False), frequency.eq_missing("8")
    place, member = col("place_of_service"), col("member_id")
    stated = pl.coalesce(pl.when(supply > 0).then(supply), pl.when(span > 1).then(span))
    supplied = pl.coalesce(
        pl.when(supply > 0).then(supply), pl.when(code == "A4224").then(units * 7)
    )
    unsaid = supplied.is_null() & col("pump_fill") & (span <= 92)
    therapy = (start >= ICD_10_FROM) & col("diagnosed") & col("pump_therapy")
    limits, spans = facts.policies_of("DT-05"), facts.policies_of("DT-07")
    anchors = {
        "service_from_date": start,
        "service_to_date": pl.coalesce(end, pl.when(~col("service_to_date__unread")).then(start)),
    }
    last_days = [
        anchors[row["anchor"]].dt.offset_by(f"{int(row['value'])}{STEPS[row['unit']]}")
        for row in limits
    ]
    return {
        "DQ-01": code.is_null()
        | no("units")
        | no("service_from_date")
        | col("payer_name").is_null()
        | no("charge_amount")
        | member.is_null(),
        "DQ-02": col("misshapen"),
        "DQ-03": col("glued"),
        "DQ-05": unread(NUMBERS) | (no("units") & (charge > 0)),
        "DQ-06": unread(DATES),
        "DQ-08": pl.any_horizontal(
            *(col(name).is_in(PLACEHOLDERS) for name in IDS),
            *(col(name).is_in(NO_DAYS) for name in DATES),
        ),
        "ID-01": ~pl.all_horizontal(f"{npi}_holds" for npi in NPIS),
        "ID-04": ffs
        & ~member.str.contains(rf"\A{MBI}\z")
        & ~(member.str.contains(rf"\A{HICN}\z") & (start < MBI_ONLY_FROM)),
        "CD-02": (start < col("code_begun")) | (start > col("code_ended")),
        "CD-03": policy("CD-03") & col("setting").is_in(["dme", "practitioner"]),
        "UN-01": original & ((units <= 0) | (units % 1 != 0)),
        "UN-03": (col("mue_value") == 0) & ~void,
        "UN-17": code.is_in(["A4224", "A4226"]) & ((units > (stated + 6) // 7 + 1) | (units > 13)),
        "MD-01": col("unknown_modifier"),
        "MD-02": col("filler"),
        "MD-03": col("repeated_modifier"),
        "MD-06": ~start.is_between("modifiers_begun", "modifiers_ended"),
        "MD-07": policy("MD-07") & start.is_not_null(),
        **{rule: policy(rule) for rule in ("MD-08", "MD-09", "MD-10", "MD-13", "MD-14")},
        "MD-11": col("insulin")
        & ffs
        & (span > 1)
        & ((col("jk") & (span > 34)) | (col("jl") & (span <= 75))),
        "DT-01": start > end,
        "DT-02": pl.any_horizontal(start > received, start > col("paid_date"), start > AS_OF),
        "DT-03": (start <= AS_OF) & (end > AS_OF) & ~unsaid & span.ne_missing(supplied),
        "DT-04": (received < start) | (col("paid_date") < received),
        "DT-05": original & start.is_not_null() & (received > binding(limits, last_days)),
        "DT-07": span > binding(spans, [int(row["value"]) for row in spans]),
        "DX-01": ~col("diagnosed"),
        "DX-02": (start >= ICD_10_FROM) & col("misshapen_diagnosis"),
        "DX-03": therapy & ~col("diabetes"),
        "DX-04": therapy & ffs & col("diabetes") & ~col("listed"),
        "DX-05": therapy & col("status_only"),
        "PS-01": (place.is_not_null() | (col("setting") != "outpatient_hospital"))
        & ~col("assigned").fill_null(False),
        "PS-02": col("dme") & col("assigned").is_not_null() & place.is_in(INSTITUTIONS),
        "PS-03": col("dme") & ffs & ~col("home"),
        "MY-01": original & (charge <= 0),
        "MY-03": ~void
        & ~pl.any_horizontal((amount < 0).fill_null(False) for amount in (charge, allowed, paid))
        & ((allowed > charge) | (paid > allowed + pl.lit("0.01").cast(MONEY))),
    }


def good(facts: Facts) -> dict[str, pl.Expr]:
    """What holds of a sound line, by rule; true where it cannot be told."""
    return {rule: ~wrong.fill_null(False) for rule, wrong in broken(facts).items()}


def columns(checks: Iterable[pl.Expr]) -> list[str]:
    """`source_row` and the columns that the checks look at."""
    return ["source_row", *sorted(set().union(*(check.meta.root_names() for check in checks)))]
