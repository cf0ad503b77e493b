"""The line rules as steps of a pointblank validation, with extracts of the failing lines:
`python -m benchmarks.rivals.pointblank_checks CLAIMS OUT`.
"""

from __future__ import annotations

from functools import reduce
from pathlib import Path

import pointblank as pb
import polars as pl

from benchmarks.rivals.line_checks import Known, columns, good, typed
from benchmarks.rivals.shared import LINE_SHARED, main

COVERED = LINE_SHARED


def run(claims: Path, out: Path) -> None:
    """Find the exceptions to the line rules and write them."""
    known = Known.of(claims)
    checks = good(known.facts)
    lines = known.beside(typed(claims)).select(columns(checks.values())).collect().rechunk()
    steps = reduce(
        lambda steps, check: steps.col_vals_expr(expr=check), checks.values(), pb.Validate(lines)
    )
    extracts = steps.interrogate(extract_limit=lines.height).get_data_extracts()
    found = [
        extracts[step].select(pl.lit(rule).alias("rule_id"), "source_row")
        for step, rule in enumerate(checks, 1)
        if extracts[step] is not None
    ]
    pl.concat(found).write_parquet(out / "exceptions.parquet")


if __name__ == "__main__":
    main(run)
