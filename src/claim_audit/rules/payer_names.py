"""The payer names of the batch, evened out and counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from claim_audit.reference import payers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from claim_audit.rules.profile import Profile


def named(profile: Profile) -> pl.DataFrame:
    """Rows of `Profile.payers` that name a payer, by name or else by payer id.

    Beside its columns: `spelling`, as the extract has it, and `name`, evened out.
    """
    spelling = pl.coalesce("payer_name", "payer_id")
    return (
        profile.payers.with_columns(spelling.alias("spelling"))
        .drop_nulls("spelling")
        .with_columns(pl.coalesce(payers.normalise(pl.col("spelling")), "spelling").alias("name"))
    )


def counted(names: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """`names` by the columns of `by`, in their order, with `spelling` (the first) and `lines`."""
    return names.group_by(by).agg(pl.col("spelling").min(), pl.col("lines").sum()).sort(by)
