"""How a code is billed per payer in this batch: quantities, modifiers, places, unit prices.

Quantiles are taken from counts of distinct values, which are few, so the pass over the lines
only counts. A quantile is the smallest value with at least that share of the lines at or
below it.

Counting is quick by one integer, so code, payer and line of business of a line are packed into
one, its group, and a price is packed with its group into another. Texts come back on the counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import polars as pl
from polars._typing import PolarsDataType

from claim_audit.contract.claim_line import MODIFIERS
from claim_audit.rules import words
from claim_audit.rules.line import ONE_DOLLAR, ONE_UNIT, Line, steps

QUANTILES = (5, 25, 50, 75, 95)
KEYS = ("hcpcs_code", "payer", "line_of_business")
PER_UNIT = ("charge", "allowed", "paid")
TOP = 5
"""Modifier sets and places of service named per row."""

SHOWN = (*MODIFIERS, "place_of_service")
"""Fields whose values are named in the table; counted by their numbers (see `Line.coded`)."""

PRICE_STEP = 10_000
"""Prices per unit are counted in steps of 1/10,000 USD."""
HIGHEST_PRICE = 10**15
"""In steps: a hundred billion USD, which a float and the table hold exactly."""

_SHARES = {f"p{q}": q / 100 for q in QUANTILES}

SCHEMA: dict[str, PolarsDataType] = {
    "hcpcs_code": pl.String,
    "payer": pl.String,
    "line_of_business": pl.String,
    "lines": pl.UInt32,
    "members": pl.UInt32,
    "suppliers": pl.UInt32,
    **{f"units_per_line_{q}": pl.Decimal(16, 4) for q in _SHARES},
    **{f"units_per_30_days_{q}": pl.Float64 for q in _SHARES},
    "modifiers": pl.String,
    "places_of_service": pl.String,
    **{f"{amount}_per_unit": pl.Decimal(16, 4) for amount in PER_UNIT},
}
"""Columns of the benchmarks table, in order; amounts per unit are medians, USD."""


Usage = Mapping[str, pl.DataFrame]
"""What was counted in some lines; groups are numbers (Int64), the same for the whole run.

`billed`: `n` per group, units and days that these are for.
`shown`: `n` per group and numbers of modifiers and place of service.
`suppliers`: distinct pairs of group and the number of the billing NPI.
`charge`, `allowed`, `paid`: `n` per group and price, packed.
`groups`: `lines` and `members` per group, counted in lines of whole members.
"""

OF_MEMBERS = frozenset({"group", "member_key"})
"""Columns that `of_members` counts."""


def merged(parts: Iterable[Usage]) -> Usage:
    """The usage of lines from that of their parts."""
    found: dict[str, list[pl.DataFrame]] = {}
    for part in parts:
        for name, counts in part.items():
            found.setdefault(name, []).append(counts)
    return {name: _added(counts) for name, counts in found.items()}


def _added(counts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    if len(counts) == 1:
        return counts[0]
    whole = pl.concat(counts)
    sums = [name for name in whole.columns if name in {"n", "lines", "members"}]
    return whole.group_by(pl.exclude(sums)).agg(pl.col(sums).sum())


def group(line: Line) -> pl.Expr:
    """The number of a line's group; lines of replacements and voids have none."""
    _, number = _groups(line)
    return pl.when(line.is_original).then(number).alias("group")


def columns(line: Line) -> Mapping[str, pl.Expr]:
    """The columns of lines with facts that are counted here, by name."""
    groups, _ = _groups(line)
    prices = _Prices(groups.height)
    supplier = line.coded["billing_npi"].column
    return {
        "billed_days": line.billed_days,
        **{name: pl.col(name) for name in ("group", "member_key", "units", supplier)},
        **{amount: prices.packed(pl.col("group"), amount) for amount in PER_UNIT},
    }


def of_kind(line: Line) -> Mapping[str, pl.Expr]:
    """The columns of kinds of line that are counted here, by name."""
    coded = (line.coded[field].column for field in SHOWN)
    return {name: pl.col(name) for name in ("group", *coded)}


def of_lines(lines: pl.DataFrame, kinds: pl.DataFrame, line: Line) -> Usage:
    """What is counted line by line.

    Args:
        lines: `columns`.
        kinds: `of_kind`, and `n`, how many of the lines are of the kind.
        line: the run's vocabulary.
    """
    supplier = line.coded["billing_npi"].column
    seen = lines.lazy()
    counted = {
        "billed": seen.group_by("group", "units", "billed_days").agg(pl.len().alias("n")),
        "shown": kinds.lazy().group_by(pl.exclude("n")).agg(pl.col("n").sum()),
        "suppliers": seen.select("group", supplier).drop_nulls().unique(),
        **{amount: seen.group_by(amount).agg(pl.len().alias("n")) for amount in PER_UNIT},
    }
    frames = pl.collect_all(counted.values(), engine="streaming")
    return dict(zip(counted, frames, strict=True))


def of_members(lines: pl.DataFrame) -> Usage:
    """What is counted in lines of whole members: `group` and `member_key`."""
    members = pl.col("member_key").n_unique().alias("members")
    return {"groups": lines.group_by("group").agg(pl.len().alias("lines"), members)}


def _texts(counted: pl.DataFrame, line: Line) -> pl.DataFrame:
    """Counts with the coded fields themselves in place of their numbers."""
    there = [
        field for field in ("billing_npi", *SHOWN) if line.coded[field].column in counted.columns
    ]
    return counted.with_columns(
        line.coded[field].fact(line.coded[field].values).alias(field) for field in there
    )


def table(usage: Usage, line: Line) -> pl.DataFrame:
    """The benchmarks of what was counted in all lines; lines with a code only."""
    groups, _ = _groups(line)
    prices = _Prices(groups.height)
    counts, shown = usage["billed"], _texts(usage["shown"], line)
    named = _texts(usage["suppliers"], line).drop_nulls("billing_npi")
    suppliers = named.group_by("group").agg(pl.len().alias("suppliers"))
    parts = [
        _quantiles(_counted(counts, "units"), "units", "units_per_line"),
        _quantiles(_counted(counts, _per_30_days()), "units_per_30_days", "units_per_30_days"),
        _most(_counted(shown, words.modifiers().alias("modifiers")), "modifiers", "modifiers"),
        _most(_counted(shown, "place_of_service"), "place_of_service", "places_of_service"),
        *(
            _quantiles(prices.unpacked(usage[amount], amount), "price", "price").select(
                "group", (pl.col("price_p50") / PRICE_STEP).alias(f"{amount}_per_unit")
            )
            for amount in PER_UNIT
        ),
    ]
    whole = (
        groups.join(usage["groups"], on="group")
        .join(suppliers, on="group", how="left")
        .with_columns(pl.col("suppliers").fill_null(0))
    )
    for part in parts:
        whole = whole.join(part, on="group", how="left")
    return whole.sort(KEYS, nulls_last=True).select(
        pl.col(name).cast(dtype) for name, dtype in SCHEMA.items()
    )


def _groups(line: Line) -> tuple[pl.DataFrame, pl.Expr]:
    """Every code with every payer and line of business, numbered; and the line's number.

    Lines without a code have none.
    """
    codes, payer = line.coded["hcpcs_code"], line.payer_facts["payer"]
    payers = line.profile.payers.select("payer", pl.col("lob").alias("line_of_business"))
    known = payers.unique(maintain_order=True).with_row_index("payer_number")
    number = payers.join(
        known, on=payers.columns, how="left", nulls_equal=True, maintain_order="left"
    )["payer_number"]
    code = codes.fact(pl.Series(range(len(codes.values)), dtype=pl.Int64))
    group = code * known.height + payer.fact(number)
    groups = (
        codes.values.to_frame("hcpcs_code")
        .join(known, how="cross", maintain_order="left_right")
        .with_row_index("group")
        .cast({"group": pl.Int64})
    )
    return groups, group


def _per_30_days() -> pl.Expr:
    rate = (pl.col("units").cast(pl.Float64) * 30 / pl.col("billed_days")).round(2)
    return pl.when(pl.col("units") > 0).then(rate).alias("units_per_30_days")


class _Prices:
    """Prices per unit packed into one integer with their group.

    What is left of 63 bits bounds a price: far beyond any, but an absurd one counts as the bound.
    """

    def __init__(self, groups: int) -> None:
        self.bound = min(HIGHEST_PRICE, (2**62 // max(groups, 1) - 1) // 2)
        self.width = 2 * self.bound + 1

    def packed(self, group: pl.Expr, amount: str) -> pl.Expr:
        """The line's group and `<amount>_amount` per unit; null without units."""
        units, billed = steps("units"), steps(f"{amount}_amount").cast(pl.Float64)
        exact = (billed * (PRICE_STEP * ONE_UNIT // ONE_DOLLAR) / units).round()
        price = exact.clip(-self.bound, self.bound).cast(pl.Int64, strict=False)
        return group * self.width + self.bound + pl.when(units > 0).then(price)

    def unpacked(self, counted: pl.DataFrame, amount: str) -> pl.DataFrame:
        """`group`, `price` in steps and `n` of counts by the packed integer."""
        return counted.drop_nulls(amount).select(
            (pl.col(amount) // self.width).alias("group"),
            (pl.col(amount) % self.width - self.bound).alias("price"),
            "n",
        )


def _counted(counts: pl.DataFrame, value: str | pl.Expr) -> pl.DataFrame:
    return counts.select("group", value, "n").group_by(pl.exclude("n")).agg(pl.col("n").sum())


def _quantiles(counted: pl.DataFrame, column: str, name: str) -> pl.DataFrame:
    ranked = (
        counted.drop_nulls(column)
        .sort("group", column)
        .with_columns(
            pl.col("n").cum_sum().over("group").alias("below"),
            pl.col("n").sum().over("group").alias("all"),
        )
    )
    return ranked.group_by("group").agg(
        pl.col(column)
        .filter(pl.col("below") >= pl.col("all") * share)
        .min()
        .alias(f"{name}_{label}")
        for label, share in _SHARES.items()
    )


def _most(counted: pl.DataFrame, column: str, name: str) -> pl.DataFrame:
    """The most frequent values with their counts, in one text."""
    return (
        counted.drop_nulls(column)
        .sort("group", "n", column, descending=[False, True, False])
        .group_by("group", maintain_order=True)
        .agg(pl.format("{} ({})", column, "n").head(TOP).alias(name))
        .with_columns(pl.col(name).list.join("; "))
    )
