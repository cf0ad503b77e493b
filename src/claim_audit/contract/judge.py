"""The judge: pandera's own count of what the masks found.

The masks run inside the streaming plan over all lines; the judge validates the failing lines
eagerly, as one data frame, with pandera checks made from the same declarations. If the two
disagree about the number of failures of any check, the run has found nothing it can stand for.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandera.polars as pa
import polars as pl
from pandera.config import ValidationDepth, config_context

from claim_audit import errors
from claim_audit.beside import side_by_side
from claim_audit.contract.claim_line import FIELDS
from claim_audit.contract.schema import column


def gate(lines: pl.LazyFrame) -> None:
    """Check names and types of a lazy frame of claim lines against the contract.

    Raises:
        InternalError: the frame is not what the contract says.
    """
    there = {name: dtype for name, dtype in lines.collect_schema().items() if name in FIELDS}
    empty = pl.LazyFrame(schema=there)
    with config_context(validation_enabled=True, validation_depth=ValidationDepth.SCHEMA_ONLY):
        wrong = [name for name in there if not _is_as_declared(name, empty)]
    if wrong:
        raise errors.gate_failed(sorted(wrong))


def _is_as_declared(name: str, lines: pl.LazyFrame) -> bool:
    try:
        column(FIELDS[name]).validate(lines, lazy=True)
    except pa.errors.SchemaErrors:
        return False
    return True


def verdict(lines: pl.DataFrame, violations: Mapping[str, pl.Expr]) -> pl.DataFrame:
    """Which of `lines` pandera finds failing: a Boolean column per check, by its name.

    Args:
        lines: failing lines with their facts.
        violations: Boolean expressions, true where broken.
    """
    seen = {
        name: lines.select(sorted(set(expr.meta.root_names())) or lines.columns[:1])
        for name, expr in violations.items()
    }
    return _failing({name: (_check(expr), seen[name], None) for name, expr in violations.items()})


def shapes(lines: pl.DataFrame) -> dict[str, int]:
    """How many misshapen cells pandera finds in `lines` by the contract's own checks, per field."""
    present = [name for name in lines.columns if name in FIELDS]
    return counted(
        _failing(
            {
                name: (check, lines.select(name), name)
                for name in present
                for check in column(FIELDS[name]).checks
            }
        )
    )


def counted(failing: pl.DataFrame) -> dict[str, int]:
    """How many lines fail, by name of the check."""
    return {lines.name: int(lines.sum()) for lines in failing}


def _failing(asked: Mapping[str, tuple[pa.Check, pl.DataFrame, str | None]]) -> pl.DataFrame:
    """Which lines fail the checks, by name; each is asked of what it looks at of the lines, or of
    one column of that."""
    with pl.Config(engine_affinity="in-memory"):
        held = side_by_side(partial(check, seen.lazy(), of) for check, seen, of in asked.values())
    frames = pl.collect_all([answer.check_output for answer in held], engine="in-memory")
    return pl.DataFrame(
        {name: ~frame.to_series() for name, frame in zip(asked, frames, strict=True)}
    )


def _check(violation: pl.Expr) -> pa.Check:
    def holds(data: Any) -> pl.LazyFrame:
        frame: pl.LazyFrame = data.lazyframe.with_columns(holds=~violation).select("holds")
        return frame

    return pa.Check(holds)


def agree(masks: Mapping[str, int], judged: Mapping[str, int]) -> None:
    """Raise InternalError naming the checks whose counts differ."""
    differing = sorted(
        name for name in masks.keys() | judged.keys() if masks.get(name, 0) != judged.get(name, 0)
    )
    if differing:
        raise errors.judge_disagrees(
            [(name, masks.get(name, 0), judged.get(name, 0)) for name in differing]
        )
