"""The survey: what stands in each column, taken in one pass before any line is judged.

Columns of codes and dates hold few distinct values; the survey lists them with their counts.
All that can be known of a value alone (cleaned form, shape, date, look-ups) is then worked out
once per value and not once per line. Of other columns it takes counts only. Surveys of several
files, or of parts of one, add up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from claim_audit.contract import text
from claim_audit.contract.claim_line import FIELDS, MODIFIERS
from claim_audit.contract.mapping import IDENTITY

LISTED = frozenset(name for name, field in FIELDS.items() if field.kind in {"code", "date"}) | {
    "payer_name",
    "plan_name",
    "line_of_business",
    "claim_type",
    "modifiers__joined",
}
"""Columns whose distinct values are listed."""

PAYER_COLUMNS = (
    "payer_name",
    "plan_name",
    "line_of_business",
    "payer_id",
    "claim_filing_indicator",
)


FIRST_LINES = 1_000
"""Lines that are looked at beforehand."""

_COLUMNS = {
    "field": pl.String,
    "blank": pl.UInt32,
    "decorated": pl.UInt32,
    "constant": pl.Boolean,
    "only": pl.String,
}


@dataclass(frozen=True)
class Survey:
    """What stands in the columns of one file.

    Attributes:
        lines: number of claim lines.
        values: for each listed text column a frame (`value` String, `lines` UInt32); blank
            cells are the row whose value is null.
        columns: one row per mapped column: `field`, `blank` (UInt32), `decorated` (UInt32:
            cells that need cleaning before they can be read), `constant` (Boolean), `only`
            (String: the value of a constant column, as text; null for the listed columns).
        payers: distinct rows of the payer columns that the file maps, with `lines`.
    """

    lines: int
    values: Mapping[str, pl.DataFrame]
    columns: pl.DataFrame
    payers: pl.DataFrame

    def decorated(self, field: str) -> bool:
        """Whether any cell of `field` needs cleaning before it can be read."""
        return field in self._decorated

    @cached_property
    def _decorated(self) -> frozenset[str]:
        return frozenset(self.columns.filter(pl.col("decorated") > 0)["field"])


def survey(lines: pl.LazyFrame) -> Survey:
    """Survey the mapped lines of one file (see `mapping.mapped_lines`), in one scan."""
    schema = lines.collect_schema()
    columns = {name: dtype for name, dtype in schema.items() if name not in IDENTITY}
    listed = [name for name, dtype in columns.items() if name in LISTED and dtype == pl.String]
    payer_columns = [name for name in PAYER_COLUMNS if name in columns]
    counted = [name for name in columns if name not in listed]
    varied = _varied(lines.select(counted))
    counts = lines.select(
        pl.len().alias("lines"),
        *(
            stat
            for name in counted
            for stat in _stats(name, columns[name], constant=name not in varied)
        ),
    )
    alone = [name for name in listed if name not in payer_columns]
    plans = [counts, *(_present(lines, name) for name in alone)]
    if payer_columns:
        plans.append(lines.group_by(payer_columns).agg(pl.len().cast(pl.UInt32).alias("lines")))
    frames = pl.collect_all(plans, engine="streaming")
    numbers = frames[0].row(0, named=True)
    payers = frames[-1] if payer_columns else pl.DataFrame({"lines": [numbers["lines"]]})
    present = dict(zip(alone, frames[1:], strict=False))
    values = {
        name: _with_blank(present[name], numbers["lines"])
        if name in present
        else _of_payers(payers, name)
        for name in listed
    }
    listed_rows = _listed_rows(values)
    rows = [listed_rows.get(name) or _counted_row(name, numbers) for name in columns]
    return Survey(
        lines=numbers["lines"],
        values=values,
        columns=pl.DataFrame(rows, schema=_COLUMNS, orient="row"),
        payers=payers,
    )


def merged(parts: Sequence[Survey]) -> Survey:
    """The survey of a file from those of its parts, which have the same columns; at least one."""
    first, *others = parts
    if not others:
        return first
    values = {name: _added([part.values[name] for part in parts]) for name in first.values}
    counts = {row[0]: row for row in _counted_together(parts).iter_rows()}
    by_name = {**counts, **_listed_rows(values)}
    rows = [by_name[name] for name in first.columns["field"]]
    return Survey(
        lines=sum(part.lines for part in parts),
        values=values,
        columns=pl.DataFrame(rows, schema=_COLUMNS, orient="row"),
        payers=_added([part.payers for part in parts]),
    )


def _counted_together(parts: Sequence[Survey]) -> pl.DataFrame:
    """The rows of `columns` of all parts; a column is constant if all its parts hold one value."""
    varies = ~pl.col("constant") & (pl.col("blank") < pl.col("lines"))
    held = pl.col("only").drop_nulls()
    return (
        pl.concat(part.columns.with_columns(lines=pl.lit(part.lines)) for part in parts)
        .group_by("field")
        .agg(
            pl.col("blank", "decorated").sum(),
            (~varies.any() & (held.n_unique() == 1)).alias("constant"),
            held.first(),
        )
        .with_columns(only=pl.when("constant").then("only"))
        .select(*_COLUMNS)
    )


def _added(counts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    whole = pl.concat(counts)
    keys = [name for name in whole.columns if name != "lines"]
    if not keys:
        return whole.sum()
    return whole.group_by(keys).agg(pl.col("lines").sum())


def _present(lines: pl.LazyFrame, name: str) -> pl.LazyFrame:
    """The values of a column, blank cells left out: where most are blank that is much quicker."""
    return (
        lines.select(pl.col(name).alias("value"))
        .drop_nulls()
        .group_by("value")
        .agg(pl.len().cast(pl.UInt32).alias("lines"))
    )


def _with_blank(values: pl.DataFrame, lines: int) -> pl.DataFrame:
    blank = pl.DataFrame({"value": [None], "lines": [lines - values["lines"].sum()]}, values.schema)
    return pl.concat([values, blank.filter(pl.col("lines") > 0)])


def _of_payers(payers: pl.DataFrame, name: str) -> pl.DataFrame:
    return payers.group_by(pl.col(name).alias("value")).agg(pl.col("lines").sum())


def _varied(lines: pl.LazyFrame) -> frozenset[str]:
    """The columns of which the first lines tell already that they hold several values."""
    first = lines.head(FIRST_LINES).collect()
    return frozenset(column.name for column in first if column.drop_nulls().n_unique() > 1)


def _stats(name: str, dtype: pl.DataType, *, constant: bool) -> list[pl.Expr]:
    """Counts of a column, and which value it holds alone if it may be constant."""
    cell = pl.col(name)
    bare = pl.col(name).cast(pl.String) if dtype == pl.Categorical else cell
    stats = [cell.null_count().alias(f"{name}__blank")]
    if dtype == pl.String:
        stats.append(_decoration(name)(cell).sum().alias(f"{name}__decorated"))
    if constant and not dtype.is_nested():
        same = bare.min() == bare.max()
        stats.append(same.alias(f"{name}__constant"))
        stats.append(pl.when(same).then(bare.min().cast(pl.String)).alias(f"{name}__only"))
    return stats


def _decoration(name: str) -> Callable[[pl.Expr], pl.Expr]:
    base = name.removesuffix("__fallback")
    if base in FIELDS and FIELDS[base].kind in {"money", "quantity", "integer"}:
        return text.needs_cleaning
    return lambda cell: cell.str.strip_chars().str.len_bytes() != cell.str.len_bytes()


def _counted_row(name: str, numbers: Mapping[str, object]) -> tuple[object, ...]:
    return (
        name,
        numbers[f"{name}__blank"],
        numbers.get(f"{name}__decorated", 0),
        bool(numbers.get(f"{name}__constant")),
        numbers.get(f"{name}__only"),
    )


def _listed_rows(values: Mapping[str, pl.DataFrame]) -> dict[str, tuple[object, ...]]:
    """The rows of `Survey.columns` for columns whose values are listed, by name."""
    field, value, lines, clean = (pl.col(name) for name in ("field", "value", "lines", "clean"))
    codes = [name for name in values if name in FIELDS and FIELDS[name].kind == "code"]
    joined = field.is_in(MODIFIERS) & text.holds_several_modifiers(clean)
    listed = [of.select(pl.lit(name).alias("field"), value, lines) for name, of in values.items()]
    nothing = pl.DataFrame(schema={"field": pl.String, "value": pl.String, "lines": pl.UInt32})
    found = (
        pl.concat([nothing, *listed])
        .lazy()
        .with_columns(
            pl.when(field.is_in(codes))
            .then(text.code(value))
            .otherwise(text.trimmed(value))
            .alias("clean")
        )
        .with_columns((value.ne_missing(clean) | joined).alias("decorated"))
        .group_by("field")
        .agg(
            lines.filter(clean.is_null()).sum().alias("blank"),
            lines.filter("decorated").sum().alias("decorated"),
            (clean.drop_nulls().n_unique() == 1).alias("constant"),
        )
        .collect()
    )
    rows = {name: (name, *counts, None) for name, *counts in found.iter_rows()}
    return {name: rows.get(name, (name, 0, 0, False, None)) for name in values}
