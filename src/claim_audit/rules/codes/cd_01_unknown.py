"""The HCPCS code is not in the list.

What it checks
    The code stands in the loaded HCPCS list. The list that comes with the program holds only
    the codes around insulin pumps: a code it does not know is `no_reference`, never a failure.
    Load the full list with `--reference` to have every code judged.

Why it matters
    A code that does not exist is rejected.

Example
    J1818 with the full list loaded.

Source
    CMS HCPCS Level II file, 2026-01.

Known false positives
    CPT codes, when only the Level II file is loaded as complete.
"""

import polars as pl

from claim_audit.rules.form import Finding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="CD-01",
    name="codes.unknown",
    title="HCPCS code is not in the list",
    severity="error",
    reads=("hcpcs_code",),
    uses=("service_from_date",),
    tables=("hcpcs",),
    source=Source("CMS HCPCS Level II file", "2026-01"),
)


@RULE.line
def unknown(line: Line, p: Params) -> Finding:
    known, covered = pl.col("code_known"), pl.col("code_covered")
    return Finding(
        no_reference=~known & ~covered,
        violation=~known,
        message="the code is not in the loaded HCPCS list",
        observed=pl.col("hcpcs_code"),
        expected="a code of the HCPCS list",
        reference=pl.lit(f"hcpcs {line.reference['hcpcs'].release}"),
    )
