"""What every column of the tables means; `schemas/tables.csv` is generated from here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from polars._typing import PolarsDataType

from claim_audit.engine import benchmarks, exceptions, outcomes
from claim_audit.ingest import REJECTS

USD: Final = "USD"
UNITS: Final = "billed units"


class Column(NamedTuple):
    """Meaning and unit of a column; the unit is empty for text, codes and dates."""

    meaning: str
    unit: str = ""


_LINE: Final = {
    "hcpcs_code": Column("HCPCS or CPT code as billed"),
    "payer": Column("canonical payer; null where it is not recognised"),
    "line_of_business": Column(
        "medicare_ffs, medicare_advantage, commercial, commercial_fehb or medicaid_managed"
    ),
}

EXCEPTIONS: Final[Mapping[str, Column]] = {
    "exception_id": Column(
        "hash of rule and claim keys, equal in every run; keyed where member numbers are masked"
    ),
    "rule_id": Column("id of the rule that is broken, such as UN-02"),
    "rule_name": Column("dotted name of the rule"),
    "category": Column("category of the rule"),
    "severity": Column("error: impossible or would be denied; warning: probably wrong; info"),
    "status": Column("open, or waived"),
    "delta": Column("new or persisting against a baseline; null without one"),
    "source_file": Column("file the line came from; null where the whole extract is meant"),
    "source_row": Column(
        "number of the record in its file, from 1, without header and blank lines", "records"
    ),
    "claim_id": Column("claim number as the sender knows it"),
    "claim_line_number": Column("line number within the claim"),
    "member_id": Column("member number, else the extract's key of the person; private"),
    "payer": _LINE["payer"],
    "line_of_business": _LINE["line_of_business"],
    "billing_npi": Column("NPI of the billing supplier"),
    "hcpcs_code": _LINE["hcpcs_code"],
    "modifiers": Column("modifiers in their order, one blank between them"),
    "units": Column("units as billed", UNITS),
    "service_from_date": Column("first date of service"),
    "service_to_date": Column("last date of service"),
    "message": Column("what is wrong, in one sentence"),
    "observed": Column("what stands on the line"),
    "expected": Column("what should stand there"),
    "suggestion": Column("a repair, where there is one"),
    "amount_at_risk": Column(
        "paid, else allowed, else charged on the line; to add up, take each line once", USD
    ),
    "related": Column("other lines that prove it, as file:record"),
    "reference": Column("table, release and interval, or the policy row, that decided"),
    "citation": Column("document and edition that the rule comes from"),
}

RULE_OUTCOMES: Final[Mapping[str, Column]] = {
    "rule_id": Column("id of the rule"),
    "outcome": Column("passed, failed, not_applicable, not_evaluated, no_reference or error"),
    "population": Column("lines (or columns, names) that the rule applies to", "lines"),
    "evaluated": Column("of these, judged", "lines"),
    "failed": Column("of the judged, broken", "lines"),
    "waived": Column("exceptions that a waiver covers", "exceptions"),
    "not_evaluated": Column("of the population, not judged", "lines"),
    "reason": Column("why not, with counts; empty where all were judged"),
    "amount_at_risk": Column("paid, else allowed, else charged on the failed lines", USD),
}

REJECT_COLUMNS: Final[Mapping[str, Column]] = {
    "source_file": Column("file the record stands in"),
    "line_number": Column("physical line on which the record begins, from 1", "lines"),
    "reason": Column("why it cannot be a claim line"),
    "expected_fields": Column("fields that the header has", "fields"),
    "found_fields": Column("fields that the record has; null where they cannot be told", "fields"),
    "raw": Column("the record as it stands in the file; private"),
}

BENCHMARKS: Final[Mapping[str, Column]] = {
    **_LINE,
    "lines": Column("original claim lines with this code", "lines"),
    "members": Column("distinct members on them", "members"),
    "suppliers": Column("distinct billing NPIs on them", "suppliers"),
    **{
        f"units_per_line_p{q}": Column(f"{q} % of the lines bill at most this", UNITS)
        for q in benchmarks.QUANTILES
    },
    **{
        f"units_per_30_days_p{q}": Column(
            f"{q} % of the lines bill at most this per 30 days, "
            "where days of supply or a span of dates are known",
            f"{UNITS} per 30 days",
        )
        for q in benchmarks.QUANTILES
    },
    "modifiers": Column("the most frequent sets of modifiers, with their lines"),
    "places_of_service": Column("the most frequent places of service, with their lines"),
    **{
        f"{amount}_per_unit": Column(f"median of the {amount} amount per unit", f"{USD} per unit")
        for amount in benchmarks.PER_UNIT
    },
}


class Table(NamedTuple):
    """A table of the run: what a row is, its columns' types, and what they mean."""

    row: str
    schema: Mapping[str, PolarsDataType]
    columns: Mapping[str, Column]


TABLES: Final[Mapping[str, Table]] = {
    "exceptions": Table("line and rule that it breaks", exceptions.SCHEMA, EXCEPTIONS),
    "rule_outcomes": Table("rule", outcomes.SCHEMA, RULE_OUTCOMES),
    "rejects": Table("record that is no claim line", REJECTS, REJECT_COLUMNS),
    "benchmarks": Table("code and payer", benchmarks.SCHEMA, BENCHMARKS),
}
"""By the name that the table is written under."""
