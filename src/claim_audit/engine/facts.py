"""Facts: what the reference and the contract know of the values on a line.

A fact is worked out once per distinct value (see `contract.survey`) and gathered by its number, or
is a plain expression over fields. Most hang on the marks of a line alone (see `engine.kinds`) and
so need be known once per kind of line. Only facts that some compiled rule looks at are attached.
Who pays and the setting are Categorical, which compares quickly.

| fact | meaning |
|---|---|
| `member`, `member_key` | `member_id`, else `person_id`; a 64-bit hash of it, else of the claim |
| `era` | the era of the date of service (see `rules.eras`) |
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
| `group` | the row of the benchmarks table that the line counts in (see `engine.benchmarks`) |
| `dx_any`, `dx_flags`, `dx_all_flags` | what the pointed (else all) diagnoses are; see `Dx` |
| `content` | fingerprint of all fields of the line: equal where every cell is |
| `modifier_content` | fingerprint of the modifiers but placeholders, whatever their order |
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce
from operator import add, or_

import polars as pl

from claim_audit.contract.cells import KEEP_RAW, PLACEHOLDER_MODIFIERS
from claim_audit.contract.claim_line import MODIFIERS, NPIS, SHAPES
from claim_audit.engine import benchmarks, kinds
from claim_audit.rules import alike, families, mod, mue
from claim_audit.rules.eras import ERA
from claim_audit.rules.line import SETTINGS, Line, any_of

ROW = ("known", "in_force", "covered", "valid_from", "valid_to", "release")


def of_marks(lines: pl.LazyFrame, wanted: Iterable[str], line: Line) -> pl.LazyFrame:
    """Lines or kinds of lines, which have their marks, with those of their facts in `wanted`."""
    needed = set(wanted)
    if needed & set(mue.FACTS):
        needed |= set(mue.KEYS)
    eras = line.eras.numbered
    dated = lines.with_columns(eras.fact(eras.values).alias(ERA))
    return _attached(dated, needed, _of_marks(line))


def of_lines(lines: pl.LazyFrame, wanted: Iterable[str], line: Line) -> pl.LazyFrame:
    """Lines, which have their marks packed, with the facts in `wanted` that marks do not give."""
    return _attached(
        lines.with_columns(line.number(field) for field in line.coded if field not in kinds.MARKED),
        set(wanted),
        _of_lines(line),
    )


Provider = Callable[[pl.LazyFrame], pl.LazyFrame]
Providers = Iterable[tuple[Sequence[str], Provider]]


def _attached(lines: pl.LazyFrame, needed: set[str], providers: Providers) -> pl.LazyFrame:
    for names, provide in providers:
        if needed & set(names):
            lines = provide(lines)
    return lines


def _of_marks(line: Line) -> Iterator[tuple[Sequence[str], Provider]]:
    yield ["payer", "lob", "licensee"], lambda lines: _payer(lines, line)
    yield ["setting", "stated_setting", line.setting.column], lambda lines: _setting(lines, line)
    yield [*line.codes.columns, "code_dme"], lambda lines: _code_bits(lines, line)
    yield [f"code_{fact}" for fact in ROW], lambda lines: _codes(lines, line)
    yield mue.FACTS, lambda lines: mue.look_up(lines, line)
    flags = ["modifier_flags", *(f"{slot}_flags" for slot in MODIFIERS)]
    yield [*line.modifiers.columns, *flags], lambda lines: _modifier_bits(lines, line)
    yield ["pos_assigned", "pos_home"], lambda lines: _place(lines, line)
    yield ["dx_any", "dx_flags", "dx_all_flags"], lambda lines: _diagnoses(lines, line)
    yield ["group"], lambda lines: lines.with_columns(benchmarks.group(line))
    yield ["modifier_content"], lambda lines: _modifier_content(lines, line)


def _of_lines(line: Line) -> Iterator[tuple[Sequence[str], Provider]]:
    yield ["member", "member_key"], _member
    for npi in NPIS:
        yield [f"{npi}_valid"], lambda lines, npi=npi: _npi(lines, npi, line)  # type: ignore[misc]
    yield ["content"], lambda lines: _content(lines, line)


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
    return lines.with_columns(
        cells.fact(cells.values.cast(pl.Categorical)).alias(fact)
        for fact, cells in line.payer_facts.items()
    )


def _setting(lines: pl.LazyFrame, line: Line) -> pl.LazyFrame:
    names = line.setting.values.cast(pl.Categorical)
    numbers = pl.Series(range(len(names)), dtype=pl.UInt32)
    default = SETTINGS.index("dme")
    return lines.with_columns(
        line.stated_setting.fact(names).alias("stated_setting"),
        line.stated_setting.fact(numbers, blank=default).alias(line.setting.column),
    ).with_columns(line.setting.fact(names).alias("setting"))


def _code_bits(lines: pl.LazyFrame, line: Line) -> pl.LazyFrame:
    codes = line.coded["hcpcs_code"]
    words = codes.values.to_frame("value").join(
        line.codes.table(), on="value", how="left", maintain_order="left"
    )
    return lines.with_columns(
        codes.fact(codes.about(_dme(line)), blank=False).alias("code_dme"),
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
        lines, {"hcpcs_code": line.coded["hcpcs_code"]}, ERA, take, "code_"
    )


def _npi(lines: pl.LazyFrame, npi: str, line: Line) -> pl.LazyFrame:
    numbers = line.coded[npi]
    valid = numbers.about(SHAPES["npi"](pl.col("value")))
    return lines.with_columns(numbers.fact(valid).alias(f"{npi}_valid"))


def _place(lines: pl.LazyFrame, line: Line) -> pl.LazyFrame:
    names = {"assigned": "assigned", "medicare_dme_home": "home"}
    place = {"place_of_service": line.coded["place_of_service"]}
    found = line.reference["places_of_service"].valid_on(lines, place, ERA, list(names), "pos_")
    return found.rename({f"pos_{column}": f"pos_{fact}" for column, fact in names.items()})


def _content(lines: pl.LazyFrame, line: Line) -> pl.LazyFrame:
    fields = sorted(line.profile.mapped - kinds.MARKED)
    raw = [f"{field}__raw" for field in sorted(line.profile.mapped) if field in KEEP_RAW]
    words = kinds.words(line)
    return lines.with_columns(alike.fingerprint([*words, *fields, *raw]).alias("content"))


def _diagnoses(lines: pl.LazyFrame, line: Line) -> pl.LazyFrame:
    every = line.dx_all_flags.fact(line.dx_all_flags.values)
    return lines.with_columns(
        line.dx_flags.fact(line.dx_flags.values).alias("dx_flags"),
        every.alias("dx_all_flags"),
        (every != 0).alias("dx_any"),
    )


def _modifier_content(lines: pl.LazyFrame, line: Line) -> pl.LazyFrame:
    value, none = pl.col("value"), pl.lit(0, pl.UInt64)
    fillers = value.is_in(sorted(PLACEHOLDER_MODIFIERS))
    mark = pl.when(fillers).then(none).otherwise(value.hash(seed=0))
    slots = [line.coded[slot] for slot in MODIFIERS]
    each = (slot.fact(slot.about(mark), blank=0) for slot in slots)
    return lines.with_columns(reduce(add, each, none).alias("modifier_content"))
