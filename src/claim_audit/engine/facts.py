"""Facts: what the reference and the contract know of the values on a line.

A fact is worked out once per distinct value (see `contract.survey`) and joined to the lines, or
is a plain expression over fields. Only facts that some compiled rule looks at are attached.

| fact | meaning |
|---|---|
| `member`, `member_key` | the person: `member_id`, else `person_id`; the key falls back to the claim |
| `payer`, `lob`, `licensee` | who pays, by the payer table |
| `setting` | `dme`, `practitioner` or `outpatient_hospital`: which MUE edition applies |
| `code_bits_*`, `modifier_bits_*` | bit words behind `Line.code_in` and `Line.has_modifier` |
| `code_*` | the HCPCS table's row for the code: `known`, `in_force`, `covered`, `valid_from`, \
`valid_to`, `release` (see `IntervalTable.valid_on`) |
| `modifier_n_*` | likewise the modifier table's row for slot n, and `kind` |
| `<npi>_valid` | shape and check digit |
| `pos_assigned`, `pos_home`, `pos_setting` | the place-of-service table's row |
| `dx_any`, `dx_flags`, `dx_all_flags` | what the pointed (else all) diagnoses are; see `Dx` |
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import reduce
from operator import or_

import polars as pl

from claim_audit.contract.claim_line import DIAGNOSES, MODIFIERS, NPIS, POINTERS, SHAPES
from claim_audit.contract.survey import PAYER_COLUMNS
from claim_audit.rules.profile import Profile
from claim_audit.rules.dx import Dx
from claim_audit.rules.line import Line

SETTINGS: Mapping[str, str] = {
    "81": "dme",
    "82": "dme",
    "M": "dme",
    "71": "practitioner",
    "72": "practitioner",
    "O": "practitioner",
    "40": "outpatient_hospital",
    "INSTITUTIONAL": "outpatient_hospital",
}
"""Claim type codes (NCH and Tuva) to the setting whose MUE edition applies; DMEPOS codes on any
other claim are taken as billed by a DME supplier."""


ROW = ("known", "in_force", "covered", "valid_from", "valid_to", "release")


def attach(lines: pl.LazyFrame, wanted: Iterable[str], line: Line) -> pl.LazyFrame:
    """The lines with the facts among `wanted` (column names) beside their fields."""
    needed = set(wanted)
    for names, provide in _providers(line):
        if needed & set(names):
            lines = provide(lines)
    return lines


Provider = Callable[[pl.LazyFrame], pl.LazyFrame]


def _providers(line: Line) -> Iterator[tuple[list[str], Provider]]:
    profile = line.profile
    yield ["member", "member_key"], _member
    yield ["payer", "lob", "licensee"], lambda lines: _payer(lines, profile)
    yield ["setting"], _setting
    yield line.codes.columns, lambda lines: _code_bits(lines, line)
    yield [f"code_{fact}" for fact in ROW], lambda lines: _codes(lines, line)
    yield line.modifiers.columns, lambda lines: _modifier_bits(lines, line)
    for slot in MODIFIERS:
        names = [f"{slot}_{fact}" for fact in (*ROW, "kind")]
        yield names, lambda lines, slot=slot: _modifier(lines, slot, line)  # type: ignore[misc]
    for npi in NPIS:
        yield [f"{npi}_valid"], lambda lines, npi=npi: _npi(lines, npi, profile)  # type: ignore[misc]
    yield ["pos_assigned", "pos_home", "pos_setting"], lambda lines: _place(lines, line)
    yield ["dx_any", "dx_flags", "dx_all_flags"], lambda lines: _diagnoses(lines, line)


def by_value(lines: pl.LazyFrame, column: str, facts: pl.DataFrame) -> pl.LazyFrame:
    """Join `facts` (one row per `value`) to the lines by a text column; keeps the row count."""
    return lines.join(facts.lazy(), left_on=column, right_on="value", how="left")


def _values(profile: Profile, field: str) -> pl.DataFrame:
    return profile.values.get(field, pl.Series([], dtype=pl.String)).to_frame("value")


def _member(lines: pl.LazyFrame) -> pl.LazyFrame:
    member = pl.coalesce("member_id", "person_id")
    return lines.with_columns(
        member.alias("member"),
        pl.coalesce(member, pl.concat_str(pl.lit("claim:"), "claim_id")).alias("member_key"),
    )


def _payer(lines: pl.LazyFrame, profile: Profile) -> pl.LazyFrame:
    mapped = [c for c in PAYER_COLUMNS if profile.payers[c].null_count() < profile.payers.height]
    facts = profile.payers.select(*mapped, "payer", "lob", "licensee").unique(mapped or None)
    if not mapped:
        return lines.with_columns(
            pl.lit(None, pl.String).alias(c) for c in ("payer", "lob", "licensee")
        )
    return lines.join(facts.lazy(), on=mapped, how="left", nulls_equal=True)


def _setting(lines: pl.LazyFrame) -> pl.LazyFrame:
    return lines.with_columns(
        pl.coalesce(
            "claim_type",
            pl.col("claim_type_code").replace_strict(
                SETTINGS, default=None, return_dtype=pl.String
            ),
            pl.when(pl.col("bill_type").is_not_null()).then(pl.lit("outpatient_hospital")),
            pl.lit("dme"),
        ).alias("setting")
    )


def _words(facts: pl.DataFrame, columns: Iterable[str]) -> list[pl.Expr]:
    return [pl.col(column).fill_null(0) for column in columns]


def _code_bits(lines: pl.LazyFrame, line: Line) -> pl.LazyFrame:
    facts = line.codes.table()
    return by_value(lines, "hcpcs_code", facts).with_columns(_words(facts, line.codes.columns))


def _modifier_bits(lines: pl.LazyFrame, line: Line) -> pl.LazyFrame:
    facts, columns = line.modifiers.table(), line.modifiers.columns
    slots = [slot for slot in MODIFIERS if slot in line.profile.mapped]
    for slot in slots:
        own = facts.rename({column: f"{slot}__{column}" for column in columns})
        lines = by_value(lines, slot, own)
    return lines.with_columns(
        reduce(
            or_,
            (pl.col(f"{slot}__{column}").fill_null(0) for slot in slots),
            pl.lit(0, pl.UInt64),
        ).alias(column)
        for column in columns
    ).drop(f"{slot}__{column}" for slot in slots for column in columns)


def _codes(lines: pl.LazyFrame, line: Line) -> pl.LazyFrame:
    take = ["valid_from", "valid_to", "release"]
    return line.reference["hcpcs"].valid_on(
        lines, {"hcpcs_code": "hcpcs_code"}, "service_from_date", take, "code_"
    )


def _modifier(lines: pl.LazyFrame, slot: str, line: Line) -> pl.LazyFrame:
    take = ["kind", "valid_from", "valid_to", "release"]
    return line.reference["modifiers"].valid_on(
        lines, {slot: "modifier"}, "service_from_date", take, f"{slot}_"
    )


def _npi(lines: pl.LazyFrame, npi: str, profile: Profile) -> pl.LazyFrame:
    facts = _values(profile, npi).with_columns(SHAPES["npi"](pl.col("value")).alias(f"{npi}_valid"))
    return by_value(lines, npi, facts)


def _place(lines: pl.LazyFrame, line: Line) -> pl.LazyFrame:
    facts = line.reference["places_of_service"].frame.select(
        pl.col("place_of_service").alias("value"),
        pl.col("assigned").alias("pos_assigned"),
        pl.col("medicare_dme_home").alias("pos_home"),
        pl.col("setting").alias("pos_setting"),
    )
    return by_value(lines, "place_of_service", facts)


def _diagnoses(lines: pl.LazyFrame, line: Line) -> pl.LazyFrame:
    fields = [field for field in DIAGNOSES if field in line.profile.mapped]
    for field in fields:
        facts = _values(line.profile, field).with_columns(_dx_flags(line).alias(f"{field}__dx"))
        lines = by_value(lines, field, facts)
    flags = {field: pl.col(f"{field}__dx").fill_null(0) for field in fields}
    nothing = pl.lit(0, pl.UInt16)
    every = reduce(or_, flags.values(), nothing)
    pointed = _pointed(line, flags)
    on_line = flags.get("line_diagnosis_code", nothing)
    considered = (
        pl.when(on_line != 0).then(on_line).when(pointed != 0).then(pointed).otherwise(every)
    )
    return lines.with_columns(
        considered.alias("dx_flags"), every.alias("dx_all_flags"), (every != 0).alias("dx_any")
    ).drop(f"{field}__dx" for field in fields)


def _pointed(line: Line, flags: Mapping[str, pl.Expr]) -> pl.Expr:
    """The flags of the diagnoses that the line's pointers (1..12 or A..L) name."""
    numbers = {str(n): n for n in range(1, 13)} | {chr(64 + n): n for n in range(1, 13)}
    pointers = [name for name in POINTERS if name in line.profile.mapped]
    if not pointers:
        return pl.lit(0, pl.UInt16)
    words = [
        pl.col(name).replace_strict(
            list(numbers), [1 << n for n in numbers.values()], default=0, return_dtype=pl.UInt16
        )
        for name in pointers
    ]
    word = reduce(or_, words)
    return reduce(
        or_,
        (
            pl.when(word & pl.lit(1 << n, pl.UInt16) != 0)
            .then(flags.get(f"diagnosis_code_{n}", pl.lit(0, pl.UInt16)))
            .otherwise(pl.lit(0, pl.UInt16))
            for n in range(1, 13)
        ),
    )


def _dx_flags(line: Line) -> pl.Expr:
    value = pl.col("value")
    bare = value.str.replace_all(".", "", literal=True)
    family = bare.str.slice(0, 3)
    support = line.reference["diagnosis_support"].frame
    listed = support.filter(pl.col("support") == "medicare_group1")["diagnosis_code"].implode()
    diabetes = family.is_in(["E08", "E09", "E10", "E11", "E13"])
    pregnancy = family == "O24"
    status = bare.is_in(["Z794", "Z9641"])
    shape = SHAPES["icd-10-cm"](value)
    marks = {
        Dx.DIABETES: diabetes,
        Dx.PREGNANCY_DIABETES: pregnancy,
        Dx.MEDICARE_LISTED: bare.is_in(listed),
        Dx.STATUS_ONLY: status,
        Dx.PUMP_PRESENT: bare == "Z9641",
        Dx.OTHER: ~(diabetes | pregnancy | status),
        Dx.MISSHAPEN: ~shape,
        Dx.DOTTED: value.str.contains(".", literal=True),
        Dx.UNDOTTED_LONG: shape & (bare.str.len_bytes() > 3) & (bare == value),
        Dx.ICD_9_STYLE: value.str.contains(
            r"\A(?:[0-9]{3}[.]?[0-9]{0,2}|E[0-9]{3}[.]?[0-9]?|V[0-9]{2}[.]?[0-9]{0,2})\z"
        )
        & ~shape,
    }
    return reduce(or_, (mark.cast(pl.UInt16) * int(flag) for flag, mark in marks.items())).cast(
        pl.UInt16
    )
