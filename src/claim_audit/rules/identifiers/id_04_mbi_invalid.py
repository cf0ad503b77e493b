"""A Medicare number does not have the form of one.

What it checks
    The member number of an Original Medicare line has the eleven characters of a Medicare
    Beneficiary Identifier (MBI). A number of nine digits and a letter or two, the older health
    insurance claim number, is let pass for services before 2020-01-01. The number itself is not
    repeated in the finding: its form is, with 9 for a digit and A for a letter.

Why it matters
    Medicare returns a claim whose beneficiary it cannot find.

Example
    123456789A on a service of 2024; 1EG4-TE5-MK73 with the dashes of the card.

Source
    CMS, form of the MBI.

Known false positives
    De-identified extracts, in which numbers are replaced: leave the rule out (`--ignore ID-04`).
    Old numbers of railroad retirees.
"""

from datetime import date

import polars as pl

from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line

LETTER, EITHER = "[AC-HJKMNP-RT-Y]", "[0-9AC-HJKMNP-RT-Y]"
MBI = rf"\A[1-9]{LETTER}{EITHER}[0-9]{LETTER}{EITHER}[0-9]{LETTER}{{2}}[0-9]{{2}}\z"
HICN = r"\A[0-9]{9}[A-Z][0-9A-Z]?\z"
MBI_ONLY_FROM = date(2020, 1, 1)

RULE = Rule(
    id="ID-04",
    name="identifiers.mbi-invalid",
    title="Medicare number does not have the form of an MBI",
    severity="warning",
    lines_of_business=("medicare_ffs",),
    reads=("member_id",),
    uses=("service_from_date",),
    source=Source("CMS, form of the Medicare Beneficiary Identifier", confidence="memory"),
)


@RULE.line
def mbi_invalid(line: Line, p: Params) -> Finding:
    number = pl.when(line.original_medicare).then("member_id")
    in_time = pl.col("service_from_date") < MBI_ONLY_FROM
    early = pl.when(in_time.fill_null(True)).then(number)
    older_in_time = early.str.contains(HICN).fill_null(False) & in_time
    plain = number.str.replace_all(r"[^0-9A-Za-z]", "").str.to_uppercase()
    older = number.str.contains(HICN)
    return Finding(
        violation=~number.str.contains(MBI) & ~older_in_time,
        message=pl.when(older)
        .then(pl.lit("the member number is of the kind that Medicare gave up in 2020"))
        .otherwise(pl.lit("the member number does not have the form of a Medicare number")),
        observed=number.str.replace_all("[0-9]", "9").str.replace_all(r"\p{L}", "A"),
        expected="eleven characters, as 9AA9AA9AA99, some letters a digit, without S L O I B Z",
        suggestion=pl.when(plain.str.contains(MBI)).then(
            pl.lit("write it in capital letters without dashes or blanks")
        ),
    )
