"""Expressions that put the cells of a failing line into words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl


def number(value: pl.Expr) -> pl.Expr:
    """A decimal without the zeros that carry nothing: ``45``, ``60.234``."""
    return value.cast(pl.String).str.strip_chars_end("0").str.strip_chars_end(".")


def rounded(value: pl.Expr, places: int = 1) -> pl.Expr:
    """A ratio to a few places."""
    return value.cast(pl.Float64).round(places).cast(pl.String)


def day(value: pl.Expr) -> pl.Expr:
    """A date as ``2024-07-01``, or ``open``."""
    return value.cast(pl.String).fill_null("open")


def modifiers() -> pl.Expr:
    """The modifiers of the line, or ``none``."""
    slots = pl.concat_str([f"modifier_{n}" for n in range(1, 6)], separator=" ", ignore_nulls=True)
    return pl.when(slots.str.len_bytes() > 0).then(slots).otherwise(pl.lit("none"))


def interval(table: str, prefix: str) -> pl.Expr:
    """Table, release and interval that decided, from the facts of a look-up."""
    return pl.format(
        table + " {}, {} to {}",
        pl.col(f"{prefix}release").fill_null("?"),
        day(pl.col(f"{prefix}valid_from")),
        day(pl.col(f"{prefix}valid_to")),
    )


def those(texts: Iterable[tuple[pl.Expr, pl.Expr]], separator: str = ", ") -> pl.Expr:
    """The texts whose condition holds, one after the other; takes pairs of condition and text."""
    nothing = pl.lit(None, pl.String)
    return pl.concat_str(
        [nothing, *(pl.when(condition).then(text) for condition, text in texts)],
        separator=separator,
        ignore_nulls=True,
    )


def cells(values: Mapping[str, pl.Expr]) -> pl.Expr:
    """``units ten, charge_amount 1.2.3``: those of the named values that are not null."""
    return those(
        (value.is_not_null(), pl.format(name + " {}", value)) for name, value in values.items()
    )
