"""Facts: what the reference and the contract know of the values on a line.

A fact is worked out once per distinct value (see `contract.survey`) and gathered by its number, or
is a plain expression over fields. Only facts that some compiled rule looks at are attached.
Who pays and the setting are Categorical, which compares quickly.

| fact | meaning |
|---|---|
| `member`, `member_key` | `member_id`, else `person_id`; a 64-bit hash of it, else of the claim |
| `payer`, `lob`, `licensee` | who pays, by the payer table |
| `setting` | `dme`, `practitioner` or `outpatient_hospital`: which MUE edition applies |
| `stated_setting` | the same as far as the extract says it; null where `setting` is a default |
| `code_bits_*`, `modifier_bits_*` | bit words behind `Line.code_in` and `Line.has_modifier` |
| `code_*` | the HCPCS table's row for the code: `known`, `in_force`, `covered`, `valid_from`, \
`valid_to`, `release` (see `IntervalTable.valid_on`) |
| `code_dme` | whether the code is durable medical equipment (see `rules.families`) |
| `modifier_flags`, `modifier_n_flags` | what the modifiers of all slots, of slot n are; see `Mod` |
| `mue_*` | the medically unlikely edit of the code, setting and payer (see `rules.mue`) |
| `<npi>_valid` | shape and check digit |
| `pos_assigned`, `pos_home` | the place-of-service table's row |
| `dx_any`, `dx_flags`, `dx_all_flags` | what the pointed (else all) diagnoses are; see `Dx` |
| `content` | fingerprint of all fields of the line: equal where every cell is |
| `modifier_content` | fingerprint of the modifiers but placeholders, whatever their order |
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from operator import add, or_

import polars as pl

from claim_audit.contract.cells import KEEP_RAW, PLACEHOLDER_MODIFIERS
from claim_audit.contract.claim_line import DIAGNOSES, MODIFIERS, NPIS, POINTERS, SHAPES
from claim_audit.contract.survey import PAYER_COLUMNS
from claim_audit.lookup import Numbered, gathered, row_of
from claim_audit.rules import alike, families, mod, mue
from claim_audit.rules.dx import Dx
from claim_audit.rules.line import PAYER_NUMBER, Line, any_of

SETTINGS: Mapping[str, str] = {
    "81": "dme",
    "82": "dme",
    "M": "dme",
    "71": "practitioner",
    "72": "practitioner",
    "O": "practitioner",
    "40": "outpatient_hospital",
    "INSTITUTIONAL": "outpatient_hospital",
    "DME": "dme",
    "PRACTITIONER": "practitioner",
    "OUTPATIENT_HOSPITAL": "outpatient_hospital",
}
"""Claim types (NCH, Tuva and our own words) to the setting whose MUE edition applies; DMEPOS codes
on any other claim are taken as billed by a DME supplier."""


CLAIM_TYPES = ("claim_type", "claim_type_code")
"""Fields that say by their value in which setting a claim was billed."""

ROW = ("known", "in_force", "covered", "valid_from", "valid_to", "release")


def attach(lines: pl.LazyFrame, wanted: Iterable[str], line: Line) -> pl.LazyFrame:
    """The lines with the facts among `wanted` (column names) beside their fields."""
    needed = set(wanted)
    if needed & set(mue.FACTS):
        needed |= set(mue.KEYS)
    lines = lines.with_columns(line.numbers)
    for names, provide in _providers(line):
        if needed & set(names):
            lines = provide(lines)
    return lines


Provider = Callable[[pl.LazyFrame], pl.LazyFrame]


def _providers(line: Line) -> Iterator[tuple[Sequence[str], Provider]]:
    yield ["member", "member_key"], _member
    yield ["payer", "lob", "licensee", PAYER_NUMBER], lambda lines: _payer(lines, line)
    yield ["setting", "stated_setting", line.setting.column], lambda lines: _setting(lines, line)
    yield [*line.codes.columns, "code_dme"], lambda lines: _code_bits(lines, line)
    yield [f"code_{fact}" for fact in ROW], lambda lines: _codes(lines, line)
    yield mue.FACTS, lambda lines: mue.look_up(lines, line)
    flags = ["modifier_flags", *(f"{slot}_flags" for slot in MODIFIERS)]
    yield [*line.modifiers.columns, *flags], lambda lines: _modifier_bits(lines, line)
    for npi in NPIS:
        yield [f"{npi}_valid"], lambda lines, npi=npi: _npi(lines, npi, line)  # type: ignore[misc]
    yield ["pos_assigned", "pos_home"], lambda lines: _place(lines, line)
    yield ["dx_any", "dx_flags", "dx_all_flags"], lambda lines: _diagnoses(lines, line)
    yield ["content"], lambda lines: _content(lines, line)
    yield ["modifier_content"], lambda lines: _modifier_content(lines, line)


def _about(coded: Numbered, facts: pl.Expr) -> pl.Series:
    """An expression over `value`, worked out for the values of a coded column."""
    return coded.values.to_frame("value").select(facts).to_series()


def _member(lines: pl.LazyFrame) -> pl.LazyFrame:
    member = pl.coalesce("member_id", "person_id")
    return lines.with_columns(
        member.alias("member"),
        pl.when(member.is_not_null())
        .then(member.hash(seed=0))
        .otherwise(pl.col("claim_id").hash(seed=1))
        .alias("member_key"),
    )


def _payer(lines: pl.LazyFrame, line: Line) -> pl.LazyFrame:
    payers = line.profile.payers
    stated = {name: line.coded[name] for name in PAYER_COLUMNS if name in line.coded}
    number = row_of(payers, stated).fill_null(payers.height)
    return lines.with_columns(number.alias(PAYER_NUMBER)).with_columns(
        cells.fact(cells.values.cast(pl.Categorical)).alias(fact)
        for fact, cells in line.payer_facts.items()
    )


def _setting(lines: pl.LazyFrame, line: Line) -> pl.LazyFrame:
    numbers = {name: number for number, name in enumerate(line.setting.values)}
    meaning = {code: numbers[name] for code, name in SETTINGS.items()}
    code = pl.col("value").str.to_uppercase()
    says = code.replace_strict(meaning, default=None, return_dtype=pl.UInt32)
    stated = (line.coded[field].fact(_about(line.coded[field], says)) for field in CLAIM_TYPES)
    institutional = pl.when(pl.col("bill_type").is_not_null()).then(
        pl.lit(numbers["outpatient_hospital"], pl.UInt32)
    )
    number, default = pl.coalesce(*stated, institutional), pl.lit(numbers["dme"], pl.UInt32)
    names = line.setting.values.cast(pl.Categorical)
    return lines.with_columns(
        gathered(names, number).alias("stated_setting"),
        pl.coalesce(number, default).alias(line.setting.column),
    ).with_columns(line.setting.fact(names).alias("setting"))


def _code_bits(lines: pl.LazyFrame, line: Line) -> pl.LazyFrame:
    codes = line.coded["hcpcs_code"]
    words = codes.values.to_frame("value").join(
        line.codes.table(), on="value", how="left", maintain_order="left"
    )
    return lines.with_columns(
        codes.fact(_about(codes, _dme(line)), blank=False).alias("code_dme"),
        *(codes.fact(words[word].fill_null(0), blank=0).alias(word) for word in line.codes.columns),
    )


def _dme(line: Line) -> pl.Expr:
    """Whether a HCPCS code (`value`) is durable medical equipment, a supply or drug used with it.

    Source: sections and price indicators of the HCPCS file; see `rules.families`.
    """
    code = pl.col("value")
    priced = line.reference["hcpcs"].frame.group_by("price_indicator").agg("hcpcs_code")
    codes = dict(priced.iter_rows())
    by_price, otherwise = (
        code.is_in([c for indicator in indicators for c in codes.get(indicator, [])])
        for indicators in (families.DME_PRICED, families.NOT_DME_PRICED)
    )
    in_section = any_of(code.str.starts_with(letter) for letter in families.DME_SECTIONS)
    return code.is_in(families.DME_NAMED) | by_price | (in_section & ~otherwise)


def _modifier_bits(lines: pl.LazyFrame, line: Line) -> pl.LazyFrame:
    facts, none = mod.facts(line), pl.lit(0, pl.UInt64)
    slots = [line.coded[slot] for slot in MODIFIERS]
    return lines.with_columns(
        *(mod.flags(line.coded[slot], facts).alias(f"{slot}_flags") for slot in MODIFIERS),
        *(
            reduce(or_, (slot.fact(facts[word], blank=0) for slot in slots), none).alias(word)
            for word in line.modifiers.columns
        ),
    ).with_columns(
        reduce(or_, (pl.col(f"{slot}_flags") for slot in MODIFIERS)).alias("modifier_flags")
    )


def _codes(lines: pl.LazyFrame, line: Line) -> pl.LazyFrame:
    take = ["valid_from", "valid_to", "release"]
    return line.reference["hcpcs"].valid_on(
        lines, {"hcpcs_code": line.coded["hcpcs_code"]}, "service_from_date", take, "code_"
    )


def _npi(lines: pl.LazyFrame, npi: str, line: Line) -> pl.LazyFrame:
    numbers = line.coded[npi]
    valid = _about(numbers, SHAPES["npi"](pl.col("value")))
    return lines.with_columns(numbers.fact(valid).alias(f"{npi}_valid"))


def _place(lines: pl.LazyFrame, line: Line) -> pl.LazyFrame:
    names = {"assigned": "assigned", "medicare_dme_home": "home"}
    place = {"place_of_service": line.coded["place_of_service"]}
    found = line.reference["places_of_service"].valid_on(
        lines, place, "service_from_date", list(names), "pos_"
    )
    return found.rename({f"pos_{column}": f"pos_{fact}" for column, fact in names.items()})


def _diagnoses(lines: pl.LazyFrame, line: Line) -> pl.LazyFrame:
    marks = _dx_flags(line)
    coded = {field: line.coded[field] for field in DIAGNOSES if field in line.profile.mapped}
    lines = lines.with_columns(
        cells.fact(_about(cells, marks), blank=0).alias(f"{field}__dx")
        for field, cells in coded.items()
    )
    flags = {field: pl.col(f"{field}__dx") for field in coded}
    nothing = pl.lit(0, pl.UInt16)
    every = reduce(or_, flags.values(), nothing)
    pointed = _pointed(line, flags)
    on_line = flags.get("line_diagnosis_code", nothing)
    considered = (
        pl.when(on_line != 0).then(on_line).when(pointed != 0).then(pointed).otherwise(every)
    )
    return lines.with_columns(
        considered.alias("dx_flags"), every.alias("dx_all_flags"), (every != 0).alias("dx_any")
    ).drop(f"{field}__dx" for field in coded)


def _pointed(line: Line, flags: Mapping[str, pl.Expr]) -> pl.Expr:
    """The flags of the diagnoses that the line's pointers (1..12 or A..L) name."""
    numbers = {str(n): n for n in range(1, 13)} | {chr(64 + n): n for n in range(1, 13)}
    pointers = [name for name in POINTERS if name in line.profile.mapped]
    if not pointers:
        return pl.lit(0, pl.UInt16)
    bits = {pointer: 1 << n for pointer, n in numbers.items()}
    bit = pl.col("value").replace_strict(bits, default=0, return_dtype=pl.UInt16)
    word = reduce(
        or_,
        (line.coded[name].fact(_about(line.coded[name], bit), blank=0) for name in pointers),
    )
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
    diabetes = family.is_in(["E08", "E09", "E10", "E11", "E12", "E13"])
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


def _content(lines: pl.LazyFrame, line: Line) -> pl.LazyFrame:
    fields = sorted(line.profile.mapped)
    raw = [f"{field}__raw" for field in fields if field in KEEP_RAW]
    columns = [line.coded[field].column if field in line.coded else field for field in fields]
    return lines.with_columns(alike.fingerprint([*columns, *raw]).alias("content"))


def _modifier_content(lines: pl.LazyFrame, line: Line) -> pl.LazyFrame:
    value, none = pl.col("value"), pl.lit(0, pl.UInt64)
    fillers = value.is_in(sorted(PLACEHOLDER_MODIFIERS))
    mark = pl.when(fillers).then(none).otherwise(value.hash(seed=0))
    slots = [line.coded[slot] for slot in MODIFIERS]
    each = (slot.fact(_about(slot, mark), blank=0) for slot in slots)
    return lines.with_columns(reduce(add, each, none).alias("modifier_content"))
