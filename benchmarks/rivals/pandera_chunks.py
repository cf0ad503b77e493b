"""The line rules as pandera checks, validated lazily on chunks of 50,000 lines:
`python -m benchmarks.rivals.pandera_chunks CLAIMS OUT`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandera.polars as pa
import polars as pl

from benchmarks.rivals.line_checks import Known, columns, good, typed
from benchmarks.rivals.shared import LINE_SHARED, main

COVERED = LINE_SHARED
CHUNK = 50_000


def check(rule_id: str, holds: pl.Expr) -> pa.Check:
    """A check that bears the rule's id; its failure cases are record numbers."""

    def sound(data: Any) -> pl.LazyFrame:
        frame: pl.LazyFrame = data.lazyframe.select(holds)
        return frame

    return pa.Check(sound, name=rule_id, error=rule_id)


def failures(lines: pl.DataFrame, schema: pa.DataFrameSchema) -> pl.DataFrame:
    """`rule_id` and `source_row` of the failing lines of a chunk."""
    try:
        schema.validate(lines, lazy=True)
    except pa.errors.SchemaErrors as found:
        return found.failure_cases.select(
            pl.col("check").alias("rule_id"),
            pl.col("failure_case").cast(pl.Int64).alias("source_row"),
        )
    return pl.DataFrame(schema={"rule_id": pl.String, "source_row": pl.Int64})


def run(claims: Path, out: Path) -> None:
    """Find the exceptions to the line rules and write them."""
    known = Known.of(claims)
    checks = good(known.facts)
    schema = pa.DataFrameSchema(
        {"source_row": pa.Column(checks=[check(rule, holds) for rule, holds in checks.items()])}
    )
    wanted = columns(checks.values())
    chunks = typed(claims).collect_batches(chunk_size=CHUNK, maintain_order=True)
    found = [
        failures(known.beside(chunk.lazy()).select(wanted).collect(), schema) for chunk in chunks
    ]
    pl.concat(found).write_parquet(out / "exceptions.parquet")


if __name__ == "__main__":
    main(run)
