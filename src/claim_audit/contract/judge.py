"""The judge: pandera's own count of what the masks found.

The masks run inside the streaming plan over all lines; the judge validates the failing lines
eagerly, as one data frame, with pandera checks made from the same declarations. If the two
disagree about the number of failures of any check, the run has found nothing it can stand for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pandera.polars as pa
import polars as pl
from pandera.config import ValidationDepth, config_context

from claim_audit import errors
from claim_audit.contract.claim_line import FIELDS
from claim_audit.contract.schema import schema


@contextmanager
def _asking(depth: ValidationDepth) -> Iterator[None]:
    """Within, pandera is asked, whatever its settings outside; its many small queries in memory."""
    with (
        config_context(validation_enabled=True, validation_depth=depth),
        pl.Config(engine_affinity="in-memory"),
    ):
        yield


def gate(lines: pl.LazyFrame) -> None:
    """Check names and types of a lazy frame of claim lines against the contract.

    Raises:
        InternalError: the frame is not what the contract says.
    """
    with _asking(ValidationDepth.SCHEMA_ONLY):
        try:
            schema().validate(pl.LazyFrame(schema=_contract_part(lines)), lazy=True)
        except pa.errors.SchemaErrors as found:
            columns = sorted({str(error.schema.name) for error in found.schema_errors})
            raise errors.gate_failed(columns) from None


def _contract_part(lines: pl.LazyFrame) -> dict[str, pl.DataType]:
    return {name: dtype for name, dtype in lines.collect_schema().items() if name in FIELDS}


def verdict(lines: pl.DataFrame, violations: Mapping[str, pl.Expr]) -> dict[str, int]:
    """How many of `lines` pandera finds failing, by name of the check.

    Args:
        lines: failing lines with their facts.
        violations: Boolean expressions, true where broken.
    """
    if not violations:
        return {}
    kept = lines.select(**{name: ~violation for name, violation in violations.items()})
    rules = pa.DataFrameSchema(checks=[_check(name) for name in violations])
    counts = dict.fromkeys(violations, 0)
    with _asking(ValidationDepth.SCHEMA_AND_DATA):
        try:
            rules.validate(kept, lazy=True)
        except pa.errors.SchemaErrors as found:
            for error in found.schema_errors:
                counts[error.check.name] = int((~error.check_output["check_output"]).sum())
    return counts


def shapes(lines: pl.DataFrame) -> dict[str, int]:
    """How many misshapen cells pandera finds in `lines` by the contract's own checks, per field."""
    counts: dict[str, int] = {}
    present = [name for name in FIELDS if name in lines.columns]
    with _asking(ValidationDepth.DATA_ONLY):
        try:
            schema(present).validate(lines.select(present), lazy=True)
        except pa.errors.SchemaErrors as found:
            for error in found.schema_errors:
                counts[str(error.schema.name)] = int((~error.check_output["check_output"]).sum())
    return counts


def _check(name: str) -> pa.Check:
    def holds(data: Any) -> pl.LazyFrame:
        frame: pl.LazyFrame = data.lazyframe.select(name)
        return frame

    return pa.Check(holds, name=name, error=name, n_failure_cases=1)


def agree(masks: Mapping[str, int], judged: Mapping[str, int]) -> None:
    """Raise InternalError naming the checks whose counts differ."""
    differing = sorted(
        name for name in masks.keys() | judged.keys() if masks.get(name, 0) != judged.get(name, 0)
    )
    if differing:
        raise errors.judge_disagrees(
            [(name, masks.get(name, 0), judged.get(name, 0)) for name in differing]
        )
