"""Insulin of a pump user is billed with an injection code.

What it checks
    A line of J1812, J1814 or J1815 (5 insulin units each) fails where the member has a pump,
    pump supplies or pump insulin within 90 days before or after it, or where the extract itself
    says that a DME supplier billed it (`claim_type` dme, or a DMERC claim type code). An extract
    that does not say who billed tells nothing about that.

Why it matters
    Insulin for a pump has codes of its own per 50 insulin units: J1817, J1811 (Fiasp) and J1813
    (Lyumjev). DME contractors pay no injected insulin, and the wrong code makes ten times the
    units.

Example
    1,000 units of J1815 on the day of A4224: 100 units of J1817.

Source
    Noridian, correct coding of insulin (2017, retired); NCCI MUE 2024Q3, DME edition: J1815 0
    units.

Known false positives
    Pens kept for when the pump fails, or the weeks around the change from injections to a pump.
"""

from datetime import timedelta

import polars as pl

from claim_audit.rules import alike, words
from claim_audit.rules.families import INJECTION_INSULIN, PUMP_THERAPY
from claim_audit.rules.form import MemberFinding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="CD-05",
    name="codes.injection-insulin",
    title="Injection code for the insulin of a pump user",
    severity="error",
    codes=INJECTION_INSULIN,
    reads=("member", "hcpcs_code", "service_from_date"),
    uses=("payer__no", "units", "stated_setting"),
    params={"days": 90},
    source=Source("Noridian correct coding article 2017 (retired); NCCI MUE DME", "2024Q3"),
)

FOR_A_PUMP = {"J1812": "J1811", "J1814": "J1813", "J1815": "J1817"}
UNITS_RATIO = 10
"""Insulin units in a unit of a pump code (50) over those in a unit of an injection code (5)."""


@RULE.member
def injection_insulin(line: Line, p: Params) -> MemberFinding:
    day = pl.col("service_from_date")
    therapy = line.code_in(*PUMP_THERAPY)
    by_supplier = (pl.col("stated_setting") == "dme").fill_null(False)
    severity = line.medicare_else("error", "warning")

    def find(lines: pl.LazyFrame) -> pl.LazyFrame:
        injecting = lines.filter("in_population").select("member_key")
        pump = (
            alike.among(lines.filter(therapy), pl.col("member_key"), injecting)
            .drop_nulls("service_from_date")
            .sort("line_id")
            .group_by("member_key", day.alias("pump_day"))
            .agg(pl.col("hcpcs_code").min().alias("pump_code"), pl.col("line_id").alias("related"))
            .sort("pump_day")
        )
        near = pl.col("pump_day").is_not_null()
        return (
            lines.filter("in_population")
            .sort("service_from_date")
            .join_asof(
                pump,
                left_on="service_from_date",
                right_on="pump_day",
                by="member_key",
                strategy="nearest",
                tolerance=timedelta(days=p.days),
                check_sortedness=False,
            )
            .filter(near | by_supplier)
            .select(
                "line_id",
                severity.alias("severity"),
                pl.lit("insulin of a pump user is billed with a code for injections").alias(
                    "message"
                ),
                pl.when(near)
                .then(pl.format("{}, and {} on {}", "hcpcs_code", "pump_code", "pump_day"))
                .otherwise(pl.format("{} billed by a DME supplier", "hcpcs_code"))
                .alias("observed"),
                pl.lit("a code for insulin through a pump").alias("expected"),
                pl.format(
                    "{}, {} units",
                    pl.col("hcpcs_code").cast(pl.String).replace(FOR_A_PUMP),
                    words.number(pl.col("units") / UNITS_RATIO),
                ).alias("suggestion"),
                "related",
            )
        )

    return MemberFinding(find=find, evidence=therapy)
