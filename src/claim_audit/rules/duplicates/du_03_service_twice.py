"""The same service is billed on two claims.

What it checks
    Two lines on different claims of one member to one payer have the same code, first date of
    service, billing NPI, modifiers (in any order) and units, and neither was voided or replaced.
    The exact copy of a line on its own claim is the matter of DU-01.

Why it matters
    The second is denied as a duplicate, or recouped.

Example
    A4231, 30 units, 2024-03-01, once on claim 17 and once on claim 18.

Source
    Duplicate-claim logic common to payers; own reading.

Known false positives
    Replacement claims in extracts that do not mark them.
"""

import polars as pl

from claim_audit.rules import alike
from claim_audit.rules.form import MemberFinding, Params, Rule, Source
from claim_audit.rules.line import Line

RULE = Rule(
    id="DU-03",
    name="duplicates.service-twice",
    title="Same service on two claims",
    severity="error",
    reads=("member", "claim_id", "hcpcs_code", "service_from_date", "billing_npi", "units"),
    uses=("payer", "modifier_content", "same_day"),
    source=Source("own reading of payers' duplicate logic", confidence="inference"),
)

SERVICE = (
    "member_key",
    "payer",
    "hcpcs_code",
    "service_from_date",
    "billing_npi",
    "units",
    "modifier_content",
)


@RULE.member
def service_twice(line: Line, p: Params) -> MemberFinding:
    def find(lines: pl.LazyFrame) -> pl.LazyFrame:
        services = (
            lines.filter("same_day")
            .group_by(SERVICE)
            .agg(
                "line_id",
                alike.FIRST.alias("related"),
                pl.col("claim_id").n_unique().alias("claims"),
            )
            .filter(pl.col("claims") > 1)
        )
        return services.explode("line_id").select(
            "line_id",
            pl.lit("the same service stands on another claim of this supplier").alias("message"),
            pl.format("on {} claims", "claims").alias("observed"),
            pl.lit("one claim for a service").alias("expected"),
            alike.OTHERS.alias("related"),
        )

    return MemberFinding(find=find)
