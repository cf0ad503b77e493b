"""From failing lines to rows of the exceptions table.

Only failing lines are looked at, eagerly. Line checks are evaluated on them once more, which
gives the judge (see `contract.judge`) its second opinion and the rows their texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl
import polars_hash as plh
from polars._typing import PolarsDataType

from claim_audit.contract.claim_line import MODIFIERS
from claim_audit.contract.mapping import file_number, record_number

if TYPE_CHECKING:
    from claim_audit.engine.aside import Aside
    from claim_audit.engine.compile import LineCheck
    from claim_audit.rules.form import Rule, Text

SCHEMA: dict[str, PolarsDataType] = {
    "exception_id": pl.String,
    "rule_id": pl.String,
    "rule_name": pl.String,
    "category": pl.String,
    "severity": pl.String,
    "status": pl.String,
    "delta": pl.String,
    "source_file": pl.String,
    "source_row": pl.UInt32,
    "claim_id": pl.String,
    "claim_line_number": pl.Int32,
    "member_id": pl.String,
    "payer": pl.String,
    "line_of_business": pl.String,
    "billing_npi": pl.String,
    "hcpcs_code": pl.String,
    "modifiers": pl.String,
    "units": pl.Decimal(16, 4),
    "service_from_date": pl.Date,
    "service_to_date": pl.Date,
    "message": pl.String,
    "observed": pl.String,
    "expected": pl.String,
    "suggestion": pl.String,
    "amount_at_risk": pl.Decimal(16, 2),
    "related": pl.String,
    "reference": pl.String,
    "citation": pl.String,
}
"""Columns of the exceptions table, in order."""

ORDER = ("line_id", "rule_id", "related", "message", "observed")
"""What exceptions are sorted by, and what tells them apart; those of the batch come last."""

LINE = ("source_file", "source_row", "claim_line_number")
"""Columns that tell the lines of the exceptions table apart."""

CONTEXT = {
    "line_id": pl.col("line_id"),
    "claim_id": pl.col("claim_id"),
    "claim_line_number": pl.col("claim_line_number"),
    "member_id": pl.col("member"),
    "payer": pl.col("payer"),
    "line_of_business": pl.col("lob"),
    "billing_npi": pl.col("billing_npi"),
    "hcpcs_code": pl.col("hcpcs_code"),
    "modifiers": pl.concat_str(MODIFIERS, separator=" ", ignore_nulls=True),
    "units": pl.col("units"),
    "service_from_date": pl.col("service_from_date"),
    "service_to_date": pl.col("service_to_date"),
    "amount_at_risk": pl.coalesce("paid_amount", "allowed_amount", "charge_amount"),
}
"""What every exception says of its line; the amount at risk is paid, else allowed, else charge."""

CONTEXT_COLUMNS = frozenset(name for expr in CONTEXT.values() for name in expr.meta.root_names())

SAID = ("message", "observed", "expected", "suggestion", "severity", "reference")
RELATED_SHOWN = 10
"""Related lines named in an exception; how many more there are is said."""


def from_lines(lines: pl.LazyFrame, check: LineCheck) -> pl.LazyFrame:
    """The rows of one line check: `line_id`, `rule_id` and the texts of `SAID`."""
    finding = check.finding
    return lines.filter(pl.col(check.name)).select(
        "line_id",
        pl.lit(check.rule.id).alias("rule_id"),
        *(_said(getattr(finding, name)).alias(name) for name in SAID),
        pl.lit(None, pl.List(pl.UInt64)).alias("related"),
    )


def _said(text: Text | None) -> pl.Expr:
    if isinstance(text, pl.Expr):
        return text.cast(pl.String)
    return pl.lit(text, pl.String)


@dataclass(frozen=True)
class Part:
    """Findings among some lines.

    Attributes:
        found: rows of line and member checks (`line_id`, `rule_id`, texts, `related`).
        context: one row per line, columns of `CONTEXT`.
    """

    found: pl.LazyFrame
    context: pl.LazyFrame


def table(
    parts: Sequence[Part],
    batch: Sequence[pl.DataFrame],
    rules: Iterable[Rule],
    files: Mapping[int, str],
    aside: Aside,
) -> pl.DataFrame:
    """The exceptions of lines among which every member is whole, with their `line_id`.

    An `exception_id` numbers the exceptions that are alike in rule, claim and member, so some
    members give the ids that all members give. Rows are sorted by `ORDER`: file, record, rule,
    related.

    Args:
        parts: findings, the lines of one part before those of the next.
        batch: rows of batch checks (`rule_id`, texts, `source_file`, `payer`).
        rules: the rules of the run.
        files: display names by file number.
        aside: where rows wait for their ids.
    """
    names = pl.DataFrame(
        {"number": list(files), "source_file": list(files.values())},
        schema={"number": pl.UInt32, "source_file": pl.String},
    )
    declared = pl.DataFrame(
        [(r.id, r.name, r.category, r.severity, str(r.source)) for r in rules],
        schema=["rule_id", "rule_name", "category", "default_severity", "citation"],
        orient="row",
    )
    of_lines = (_of_lines(part, names) for part in parts)
    of_batch = pl.concat([_of_lines(_NOTHING, names), *batch], how="diagonal_relaxed")
    rows = [aside.put(_described(some, declared)) for some in (*of_lines, of_batch)]
    keys = pl.concat(some.select(pl.col("identity").hash()) for some in rows).collect()
    ordinals = keys.select(pl.int_range(pl.len()).over("identity")).to_series()
    pieces, done = [], 0
    for some in rows:
        alike = some.collect()
        pieces.append(aside.put(_identified(alike, ordinals.slice(done, alike.height))))
        done += alike.height
    return aside.whole(pl.concat(pieces))


def _of_lines(part: Part, names: pl.DataFrame) -> pl.DataFrame:
    """Findings with what is known of their lines."""
    return (
        part.found.collect()
        .join(part.context.collect(), on="line_id", how="left")
        .with_columns(
            file_number(pl.col("line_id")).alias("number"),
            record_number(pl.col("line_id")).alias("source_row"),
            _related(names),
        )
        .join(names, on="number", how="left")
    )


def _described(rows: pl.DataFrame, declared: pl.DataFrame) -> pl.DataFrame:
    """The columns of the table but for the id, and `line_id` and the text that identifies a row."""
    return (
        rows.join(declared, on="rule_id", how="left")
        .with_columns(
            pl.coalesce("severity", "default_severity").alias("severity"),
            pl.lit("open").alias("status"),
            pl.lit(None, pl.String).alias("delta"),
        )
        .sort(ORDER, nulls_last=True)
        .select(
            "line_id",
            _identity().alias("identity"),
            *(pl.col(name).cast(dtype) for name, dtype in SCHEMA.items() if name != "exception_id"),
        )
    )


def _identified(rows: pl.DataFrame, ordinals: pl.Series) -> pl.DataFrame:
    """The table: an id is the first 16 of SHA-256 of what identifies a row, and its ordinal."""
    text = plh.concat_str("identity", ordinals.cast(pl.String), separator="|")
    return rows.select(
        "line_id", text.chash.sha2_256().str.slice(0, 16).alias("exception_id"), *list(SCHEMA)[1:]
    )


def no_rows() -> pl.DataFrame:
    """A frame of findings with no row."""
    return pl.DataFrame(
        schema={
            "line_id": pl.UInt64,
            "rule_id": pl.String,
            **dict.fromkeys(SAID, pl.String),
            "related": pl.List(pl.UInt64),
        }
    )


_NOTHING = Part(
    no_rows().lazy(),
    pl.LazyFrame(schema={name: SCHEMA.get(name, pl.UInt64) for name in CONTEXT}),
)


def _related(names: pl.DataFrame) -> pl.Expr:
    """Related lines as ``file:record``, sorted, the first few of them."""
    number = pl.element() // (1 << 48)
    record = (pl.element() // 256) % (1 << 40)
    shown = (
        pl.col("related")
        .list.sort()
        .list.head(RELATED_SHOWN)
        .list.eval(
            pl.concat_str(
                number.replace_strict(
                    names["number"].cast(pl.UInt64),
                    names["source_file"],
                    default=None,
                    return_dtype=pl.String,
                ),
                pl.lit(":"),
                record.cast(pl.String),
            )
        )
        .list.join("; ")
    )
    more = pl.col("related").list.len().cast(pl.Int64) - RELATED_SHOWN
    return (
        pl.when(more > 0)
        .then(pl.concat_str(shown, pl.lit("; and "), more.cast(pl.String), pl.lit(" more")))
        .otherwise(shown)
        .alias("related")
    )


def _identity() -> pl.Expr:
    """Rule and claim keys as one text that is the same in every run.

    A bar inside a key is escaped, so that other keys never come to the same text.
    """
    keys = [
        "rule_id",
        "claim_id",
        "claim_line_number",
        "member_id",
        "hcpcs_code",
        "service_from_date",
        "billing_npi",
    ]
    line = [_escaped(pl.col(key).cast(pl.String).fill_null("")) for key in keys]
    of_batch = (_escaped(pl.col("source_file").fill_null("")), _escaped(pl.col("message")))
    batch = pl.when(pl.col("line_id").is_null()).then(pl.concat_str(of_batch, separator="|"))
    return pl.concat_str(*line, batch.fill_null(""), separator="|")


def _escaped(text: pl.Expr) -> pl.Expr:
    """A text in which every bar and backslash has a backslash in front."""
    return text.str.replace_all("\\", "\\\\", literal=True).str.replace_all(
        "|", "\\|", literal=True
    )
