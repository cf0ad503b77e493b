"""A cell shows the marks of a spreadsheet.

What it checks
    A place of service of one digit; an NDC of fewer than 11 digits; a diagnosis that was read as
    a number (25000.0, 2.5E+04); a date that is a five-digit serial number; an identifier in
    scientific notation (1.23E+11).

Why it matters
    Spreadsheets drop leading zeros and round long numbers without a word. A dropped zero can be
    put back; an identifier in scientific notation is lost and must come from the source again.

Example
    Place of service 4 for 04; date 45366 for 2024-03-15.

Source
    Own reading; serial numbers count days from 1899-12-30.

Known false positives
    NDCs of ten digits without hyphens, as labels print them: a zero is missing there too, but not
    always the first. ICD-9 codes before October 2015 that truly end in .0, such as 401.0.
"""

from collections.abc import Mapping
from datetime import date

import polars as pl

from claim_audit.contract.claim_line import DATES, DIAGNOSES, FIELDS, NPIS
from claim_audit.rules import words
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line, any_of

IDS = (
    "claim_id",
    "claim_control_number",
    "payer_claim_control_number",
    "cross_reference_claim_id",
    "member_id",
    "person_id",
    "subscriber_id",
    "prior_auth_number",
)
CODED_IDS = (*NPIS, "billing_tin")

SCIENTIFIC = r"\A[0-9](?:[.][0-9]+)?[Ee][+][0-9]{1,3}\z"
MARKS: Mapping[str, str] = {
    "place_of_service": r"\A[0-9]\z",
    "ndc": rf"\A[0-9]{{1,10}}\z|{SCIENTIFIC}",
    **dict.fromkeys(DIAGNOSES, rf"\A[0-9]+[.](?:0|[0-9]{{3,}})\z|{SCIENTIFIC}"),
    **dict.fromkeys(CODED_IDS, SCIENTIFIC),
}
"""What damage looks like in fields whose distinct values are known beforehand."""

LENGTHS = {"place_of_service": 2, "ndc": 11}
SERIAL = r"\A\s*([1-9][0-9]{4})(?:[.][0-9]+)?\s*\z"
SERIALS_BEGIN = date(1899, 12, 30)

RULE = Rule(
    id="DQ-04",
    name="data-quality.spreadsheet-damage",
    title="Cell shows the marks of a spreadsheet",
    severity="warning",
    uses=(*IDS, *MARKS, *DATES),
    source=Source("own reading", confidence="inference"),
)


@RULE.line
def spreadsheet_damage(line: Line, p: Params) -> Finding:
    mapped = line.profile.mapped
    coded = (field for field in MARKS if field in line.profile.values)
    marks = {field: values for field in coded if (values := _damaged_values(line, field)).len()}
    damaged = {
        **{field: line.among(field, values) for field, values in marks.items()},
        **{field: _scientific(field) for field in IDS if field in mapped},
    }
    unread = [field for field in DATES if field in line.profile.unread]
    serials = {field: line.raw(field).str.extract(SERIAL) for field in unread}
    repairs = {
        **{field: pl.when(damaged[field]).then(_filled(field)) for field in LENGTHS.keys() & marks},
        **{field: _from_serial(serial) for field, serial in serials.items()},
    }
    repair = words.cells(dict(sorted(repairs.items())))
    return Finding(
        violation=any_of(bad.fill_null(False) for bad in damaged.values())
        | any_of(serial.is_not_null() for serial in serials.values()),
        message="a cell looks as if a spreadsheet had changed it",
        observed=words.cells(
            {
                **{field: pl.when(bad).then(_shown(field)) for field, bad in damaged.items()},
                **serials,
            }
        ),
        expected="cells as they left the billing system, leading zeros and all digits",
        suggestion=pl.when(repair.str.len_bytes() > 0).then(repair),
    )


def _scientific(field: str) -> pl.Expr:
    """Whether a cell is in scientific notation; asked of the few with a fitting second sign."""
    cell = pl.col(field)
    second = cell.cast(pl.Binary).bin.get(1, null_on_oob=True)
    return pl.when(second.is_in([*b".Ee"])).then(cell).str.contains(SCIENTIFIC)


def _damaged_values(line: Line, field: str) -> pl.Series:
    values = line.profile.values[field]
    return values.filter(values.str.contains(MARKS[field]) & ~values.str.contains(r"\A0+\z"))


def _filled(field: str) -> pl.Expr:
    digits = pl.col(field).str.contains(r"\A[0-9]+\z")
    return pl.when(digits).then(pl.col(field).str.zfill(LENGTHS[field]))


def _shown(field: str) -> pl.Expr:
    return pl.lit("in scientific notation") if FIELDS[field].private else pl.col(field)


def _from_serial(serial: pl.Expr) -> pl.Expr:
    return pl.lit(SERIALS_BEGIN) + pl.duration(days=serial.cast(pl.Int64))
