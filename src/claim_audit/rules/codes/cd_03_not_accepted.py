"""The payer does not take the code.

What it checks
    No policy in force says that the payer does not accept the code. The policies that come with
    the program: Original Medicare does not take A4230, A4231 and A4232, on claims of suppliers
    and practitioners, from 2017-01-01. Hospital outpatient claims are left out, since Medicare's
    edits let a set pass there. Lines of payers without such a policy are not looked at.

Why it matters
    The line is denied. Medicare pays infusion sets inside the weekly code A4224, and reservoirs
    as A4225.

Example
    30 units of A4231 to a DME contractor in 2024.

Source
    CMS article A52507; NCCI MUE 2024Q3 (0 for suppliers and practitioners, 1 for hospitals);
    the rows `code_not_accepted` of the payer policies.

Known false positives
    Claims sent only to get a denial for a secondary payer.
"""

import polars as pl

from claim_audit.reference.tables import ANY
from claim_audit.rules import policies
from claim_audit.rules.families import COMMERCIAL_SUPPLIES, SETS, WEEKLY_SETS
from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line
from claim_audit.rules.policies import Policies

RULE = Rule(
    id="CD-03",
    name="codes.not-accepted",
    title="Payer does not take the code",
    severity="error",
    reads=("hcpcs_code", "service_from_date", "payer"),
    uses=("received_date",),
    tables=("payer_policies",),
    source=Source("CMS article A52507; NCCI MUE 2024Q3", "2026-09-12"),
)


@RULE.line
def not_accepted(line: Line, p: Params) -> Finding:
    rows = policies.rows(line, "payer_policies", RULE.id)
    refusing = Policies.of(line, "payer_policies", rows)
    any_code = Policies.of(line, "payer_policies", [{**row, "codes": [ANY]} for row in rows])
    weekly = pl.when(line.code_in(*SETS)).then(pl.lit(f"{WEEKLY_SETS}, one unit for a week"))
    reservoir = pl.when(line.code_in(*COMMERCIAL_SUPPLIES)).then(pl.lit("A4225"))
    return Finding(
        population=pl.col("setting").is_in(["dme", "practitioner"]) & any_code.bind,
        violation=refusing.bind,
        message=refusing.said("text"),
        observed=pl.format("{} billed to {}", "hcpcs_code", "payer"),
        expected="a code that the payer takes",
        suggestion=pl.when(line.original_medicare).then(pl.coalesce(weekly, reservoir)),
        severity=refusing.said("severity"),
        reference=refusing.citation,
    )
