"""What a modifier is, as flags on a line.

`modifier_n_flags` holds the flags of slot n, `modifier_flags` those of all slots.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import IntFlag
from typing import TYPE_CHECKING

import polars as pl

from claim_audit.contract.cells import PLACEHOLDER_MODIFIERS
from claim_audit.contract.claim_line import MODIFIERS
from claim_audit.rules.line import any_of

if TYPE_CHECKING:
    from claim_audit.rules.line import Line


class Mod(IntFlag):
    """What a modifier is; a placeholder is neither known nor unknown."""

    KNOWN = 1
    UNKNOWN = 2
    PLACEHOLDER = 4
    OUT_OF_FORCE = 8

    @property
    def flag(self) -> pl.Expr:
        """The flag itself (UInt8)."""
        return pl.lit(int(self), pl.UInt8)

    def on(self, flags: str = "modifier_flags") -> pl.Expr:
        """Whether one of the line's modifiers is this."""
        return pl.col(flags) & self.flag != 0

    def named(self) -> pl.Expr:
        """The modifiers that are this, each with its slot: ``YY in slot 1``."""
        return pl.concat_str(
            [
                pl.when(self.on(f"{slot}_flags")).then(pl.format("{} in slot {}", slot, pl.lit(n)))
                for n, slot in enumerate(MODIFIERS, 1)
            ],
            separator=", ",
            ignore_nulls=True,
        )


NEVER = {"from": date.max, "to": date.min}
"""An interval that holds no day."""


def facts(line: Line) -> pl.DataFrame:
    """What is known of every modifier that the batch holds or a rule names.

    Columns: `value`, the bit words of `Line.modifiers`, `flags` (UInt8, see `Mod`), and the
    first and last day of each interval in the modifier table, `from_n` and `to_n`; both null for
    what is not in the table.
    """
    values = line.profile.values
    seen = [values[name].rename("value") for name in ("modifier", *MODIFIERS) if name in values]
    entries = line.reference["modifiers"].frame.rename({"modifier": "value"})
    fillers = {*entries.filter(kind="placeholder")["value"], *PLACEHOLDER_MODIFIERS}
    intervals = entries.select(
        "value",
        pl.int_range(pl.len()).over("value").alias("nth"),
        pl.col("valid_from").fill_null(date.min).alias("from"),
        pl.col("valid_to").fill_null(date.max).alias("to"),
    ).pivot("nth", index="value", values=list(NEVER))
    return (
        pl.concat([pl.Series("value", [], pl.String), *seen])
        .unique()
        .to_frame()
        .join(line.modifiers.table(), on="value", how="full", coalesce=True)
        .with_columns(
            pl.when(pl.col("value").is_in(sorted(fillers)))
            .then(Mod.PLACEHOLDER.flag)
            .when(pl.col("value").is_in(entries["value"].implode()))
            .then(Mod.KNOWN.flag)
            .otherwise(Mod.UNKNOWN.flag)
            .alias("flags")
        )
        .join(
            intervals.with_columns(
                pl.col(f"^{name}_[0-9]+$").fill_null(day) for name, day in NEVER.items()
            ),
            on="value",
            how="left",
        )
    )


def flags(columns: Mapping[str, str]) -> pl.Expr:
    """The flags (UInt8) of one slot's modifier on the date of service.

    `columns` maps the names of `facts` to columns of the lines; without any the slot is blank.
    """
    if not columns:
        return Mod(0).flag
    day = pl.col("service_from_date")
    in_force = any_of(
        (pl.col(begun) <= day) & (day <= pl.col(columns[f"to_{name.removeprefix('from_')}"]))
        for name, begun in columns.items()
        if name.startswith("from_")
    )
    out = pl.when(~in_force).then(Mod.OUT_OF_FORCE.flag).otherwise(Mod(0).flag)
    return pl.col(columns["flags"]).fill_null(0) | out
