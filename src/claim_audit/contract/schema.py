"""The contract as a pandera schema, made of the declared fields when somebody validates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandera.polars as pa
import polars as pl

from claim_audit.contract.claim_line import FIELDS, SHAPES, Field


def schema(fields: Iterable[str] = FIELDS) -> pa.DataFrameSchema:
    """The schema of claim lines, or of these fields of them.

    No column is required, a cell may be null, and a column that is no field is an error.
    """
    return pa.DataFrameSchema(
        {name: _column(FIELDS[name]) for name in fields}, name="claim_line", strict=True
    )


def _column(field: Field) -> pa.Column:
    return pa.Column(
        field.dtype,
        checks=[_check(shape) for shape in field.checks],
        nullable=True,
        required=False,
        title=field.title,
    )


def _check(shape: str) -> pa.Check:
    """The pandera check made from the same expression as the mask of that name."""

    def holds(data: Any) -> pl.LazyFrame:
        good = SHAPES[shape](pl.col(data.key))
        frame: pl.LazyFrame = data.lazyframe.select(good.fill_null(True))
        return frame

    return pa.Check(holds, name=shape, error=shape)
