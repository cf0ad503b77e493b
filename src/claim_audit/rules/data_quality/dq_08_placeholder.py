"""A placeholder stands for a value.

What it checks
    Claim, member and person numbers, NPIs and the tax number are no words such as UNKNOWN or N/A
    and no row of one digit (six or more); dates are not 1900-01-01 or 9999-12-31. An NDC of zeros
    is left alone: on supplies it says that there is none.

Why it matters
    A placeholder looks like a value: all lines of member UNKNOWN become one busy patient, and a
    service that ends in the year 9999 never ends.

Example
    Member 999999999; birth date 1900-01-01.

Source
    Own reading.

Known false positives
    Running numbers, of which 111111 is one.
"""

from datetime import date

import polars as pl

from claim_audit.contract.claim_line import DATES, NPIS
from claim_audit.rules import words
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line, any_of

IDS = ("claim_id", "member_id", "person_id", "subscriber_id", *NPIS, "billing_tin")

WORDS = ("UNKNOWN", "UNK", "N/A", "NA", "NONE", "NULL", "NAN")
LONGEST = 20
NO_DAYS = (date(1900, 1, 1), date(9999, 12, 31))

RULE = Rule(
    id="DQ-08",
    name="data-quality.placeholder",
    title="Placeholder stands for a value",
    severity="warning",
    uses=(*IDS, *DATES),
    params={"min_digits": 6},
    source=Source("own reading", confidence="inference"),
)


@RULE.line
def placeholder(line: Line, p: Params) -> Finding:
    spelled = [f(word) for word in WORDS for f in (str.upper, str.lower, str.title)]
    rows = [digit * n for digit in "0123456789" for n in range(p.min_digits, LONGEST + 1)]
    texts = [*spelled, *rows]
    ids = [f for f in IDS if f in line.profile.mapped and _may_occur(line, f, texts)]
    dates = [field for field in DATES if field in line.profile.mapped]
    placeholders = {
        **{field: pl.col(field).is_in(texts) for field in ids},
        **{field: any_of(pl.col(field) == day for day in NO_DAYS) for field in dates},
    }
    return Finding(
        violation=any_of(found.fill_null(False) for found in placeholders.values()),
        message="a placeholder stands where a value belongs",
        observed=words.cells(
            {f: pl.when(found).then(pl.col(f).cast(pl.String)) for f, found in placeholders.items()}
        ),
        expected="a real value, or a blank cell",
    )


def _may_occur(line: Line, field: str, texts: list[str]) -> bool:
    return field not in line.profile.values or line.profile.occurs(field, texts)
