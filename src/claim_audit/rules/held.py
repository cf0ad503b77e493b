"""Lines that are worked out at once, where several things are made of them."""

from __future__ import annotations

import polars as pl


def held(lines: pl.LazyFrame) -> pl.LazyFrame:
    """The lines, worked out now, in one piece.

    The streaming engine leaves empty pieces where no line is left, and Polars panics when it puts
    such a piece into words; the in-memory engine leaves none.
    """
    return lines.collect(engine="in-memory").lazy()
