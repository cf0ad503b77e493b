"""The contract for pandera: columns made of the declared fields when somebody validates."""

from __future__ import annotations

from typing import Any

import pandera.polars as pa
import polars as pl

from claim_audit.contract.claim_line import SHAPES, Field


def column(field: Field) -> pa.Column:
    """The pandera column of a field; its cells may be null."""
    return pa.Column(
        field.dtype,
        checks=[_check(shape) for shape in field.checks],
        name=field.name,
        nullable=True,
        title=field.title,
    )


def _check(shape: str) -> pa.Check:
    """The pandera check made from the same expression as the mask of that name."""

    def holds(data: Any) -> pl.LazyFrame:
        good = SHAPES[shape](pl.col(data.key))
        frame: pl.LazyFrame = data.lazyframe.select(good.fill_null(True))
        return frame

    return pa.Check(holds, name=shape, error=shape)
