"""What a modifier is, as flags on a line.

`modifier_n_flags` holds the flags of slot n, `modifier_flags` those of all slots.
"""

from __future__ import annotations

from enum import IntFlag

import polars as pl

from claim_audit.contract.claim_line import MODIFIERS


class Mod(IntFlag):
    """What a modifier is; a placeholder is neither known nor unknown."""

    KNOWN = 1
    UNKNOWN = 2
    PLACEHOLDER = 4
    OUT_OF_FORCE = 8

    def on(self, flags: str = "modifier_flags") -> pl.Expr:
        """Whether one of the line's modifiers is this."""
        return pl.col(flags) & pl.lit(int(self), pl.UInt8) != 0

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
