"""The line rules as rules of a dataframely schema, which parts sound lines from failing ones:
`python -m benchmarks.rivals.dataframely_checks CLAIMS OUT`.
"""

from __future__ import annotations

from pathlib import Path

import dataframely as dy
import polars as pl

from benchmarks.rivals.line_checks import Known, columns, good, typed
from benchmarks.rivals.shared import LINE_SHARED, main

COVERED = LINE_SHARED

COLUMNS = {
    pl.String: dy.String,
    pl.Date: dy.Date,
    pl.Boolean: dy.Bool,
    pl.Int32: dy.Int32,
    pl.Int64: dy.Int64,
    pl.UInt32: dy.UInt32,
}


def column(kind: pl.DataType) -> dy.Column:
    """A column of a type, which may be blank."""
    if isinstance(kind, pl.Decimal):
        return dy.Decimal(kind.precision, kind.scale, nullable=True)
    return COLUMNS[kind.base_type()](nullable=True)


def rule(holds: pl.Expr) -> object:
    """A rule of a schema."""

    @dy.rule()
    def sound(cls: type[dy.Schema]) -> pl.Expr:
        return holds

    return sound


def run(claims: Path, out: Path) -> None:
    """Find the exceptions to the line rules and write them."""
    known = Known.of(claims)
    checks = good(known.facts)
    lines = known.beside(typed(claims)).select(columns(checks.values())).collect()
    declared = {name: column(kind) for name, kind in lines.schema.items()}
    rules = {name: rule(holds) for name, holds in checks.items()}
    schema = type("Claims", (dy.Schema,), {**declared, **rules})
    failing = schema.filter(lines).failure.details()
    failing.unpivot(
        list(checks), index="source_row", variable_name="rule_id", value_name="verdict"
    ).filter(pl.col("verdict") == "invalid").select("rule_id", "source_row").write_parquet(
        out / "exceptions.parquet"
    )


if __name__ == "__main__":
    main(run)
