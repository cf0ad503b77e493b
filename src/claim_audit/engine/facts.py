"""Facts: what the reference and the contract know of the values on a line.

A fact is worked out once per distinct value (see `contract.survey`) and gathered by its number, or
is a plain expression over fields. Most hang on the marks of a line alone (see `engine.kinds`) and
so need be known once per kind of line. Only facts that some compiled rule looks at are attached.
Who pays and the setting are Categorical, which compares quickly.

| fact | meaning |
|---|---|
| `member`, `member_key` | `member_id`, else `person_id`; a 64-bit hash of it, else of the claim |
| `era`, `receipt_era` | the eras of the dates of service and receipt (see `rules.eras`) |
| `payer`, `lob`, `licensee` | who pays, by the payer table |
| `setting` | `dme`, `practitioner` or `outpatient_hospital`: which MUE edition applies |
| `stated_setting` | the same as far as the extract says it; null where `setting` is a default |
| `code_bits_*`, `modifier_bits_*` | bit words behind `Line.code_in` and `Line.has_modifier` |
| `code_*` | the HCPCS table's row for the code: `known`, `in_force`, `covered`, `valid_from`, \
`valid_to`, `release` (see `IntervalTable.looked_up`) |
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

from claim_audit.contract.cells import PLACEHOLDER_MODIFIERS
from claim_audit.contract.claim_line import MODIFIERS, NPIS, SHAPES
from claim_audit.engine import benchmarks
from claim_audit.engine.kinds import MARKED, Marks
from claim_audit.rules import alike, families, mod, mue
from claim_audit.rules.eras import ERA, RECEIPT_ERA, Eras
from claim_audit.rules.line import SETTINGS, Line, any_of

ROW = ("known", "in_force", "covered", "valid_from", "valid_to", "release")


Provider = Callable[[pl.LazyFrame], pl.LazyFrame]
Source = Callable[[Line], Provider]
"""Works out once what is known of the values, and gives what adds that to lines."""


class Facts:
    """The facts of a run's lines, by the run's vocabulary."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.marks = Marks(line)
        self._providers: dict[Source, Provider] = {}

    def needs(self, wanted: Iterable[str]) -> set[str]:
        """The columns in `wanted`, and what rules' own facts among them look at."""
        own = (self.line.own_facts[name] for name in wanted if name in self.line.own_facts)
        return set(wanted).union(*(fact.meta.root_names() for fact in own))

    def of_marks(self, lines: pl.LazyFrame, wanted: Iterable[str]) -> pl.LazyFrame:
        """Lines or kinds of lines, which have their marks, with what these say of `wanted`."""
        needed = self.needs(wanted)
        if needed & set(mue.FACTS):
            needed |= set(mue.KEYS)
        return self._own(self._attached(lines, needed, _of_marks(self.line)), needed)

    def of_lines(self, lines: pl.LazyFrame, wanted: Iterable[str]) -> pl.LazyFrame:
        """Lines, which have their marks packed, with what marks do not say of `wanted`."""
        fields = [field for field in self.line.coded if field not in MARKED]
        needed = self.needs(wanted)
        numbered = self.line.numbered(fields, lines)
        return self._own(self._attached(numbered, needed, _OF_LINES), needed)

    def _own(self, lines: pl.LazyFrame, wanted: set[str]) -> pl.LazyFrame:
        """The lines with the rules' own facts that their columns are enough for."""
        known = set(lines.collect_schema())
        return lines.with_columns(
            fact.alias(name)
            for name, fact in self.line.own_facts.items()
            if name in wanted - known and set(fact.meta.root_names()) <= known
        )

    def _attached(
        self, lines: pl.LazyFrame, wanted: set[str], sources: Iterable[tuple[Sequence[str], Source]]
    ) -> pl.LazyFrame:
        for names, source in sources:
            if wanted & set(names):
                if source not in self._providers:
                    self._providers[source] = source(self.line)
                lines = self._providers[source](lines)
        return lines


def _of_marks(line: Line) -> Iterator[tuple[Sequence[str], Source]]:
    flags = ["modifier_flags", *(f"{slot}_flags" for slot in MODIFIERS)]
    bits = [*line.modifiers.columns, *flags]
    dated = [f"code_{fact}" for fact in ROW]
    places = ["pos_assigned", "pos_home"]
    yield [ERA, *dated, *mue.FACTS, *bits, *places], _era
    yield [RECEIPT_ERA], _receipt_era
    yield ["payer", "lob", "licensee"], _payer
    yield ["setting", "stated_setting", line.setting.column], _setting
    yield [*line.codes.columns, "code_dme"], _code_bits
    yield dated, _codes
    yield mue.FACTS, mue.look_up
    yield bits, _modifier_bits
    yield places, _place
    yield ["dx_any", "dx_flags", "dx_all_flags"], _diagnoses
    yield ["group"], _group
    yield ["modifier_content"], _modifier_content


def _added(*steps: Sequence[pl.Expr]) -> Provider:
    """Adds columns, those of each step with those of the steps before at hand."""
    return lambda lines: reduce(pl.LazyFrame.with_columns, steps, lines)


def _era(line: Line) -> Provider:
    return _first_day(line.eras)


def _receipt_era(line: Line) -> Provider:
    return _first_day(line.receipt_eras)


def _first_day(eras: Eras) -> Provider:
    return _added([eras.numbered.fact(eras.numbered.values).alias(eras.column)])


def _payer(line: Line) -> Provider:
    return _added(
        [
            cells.fact(cells.values.cast(pl.Categorical)).alias(fact)
            for fact, cells in line.payer_facts.items()
        ]
    )


def _setting(line: Line) -> Provider:
    names = line.setting.values.cast(pl.Categorical)
    numbers = pl.Series(range(len(names)), dtype=pl.UInt32)
    default = SETTINGS.index("dme")
    return _added(
        [
            line.stated_setting.fact(names).alias("stated_setting"),
            line.stated_setting.fact(numbers, blank=default).alias(line.setting.column),
        ],
        [line.setting.fact(names).alias("setting")],
    )


def _code_bits(line: Line) -> Provider:
    codes = line.coded["hcpcs_code"]
    words = codes.values.to_frame("value").join(
        line.codes.table(), on="value", how="left", maintain_order="left"
    )
    return _added(
        [
            codes.fact(codes.about(_dme(line)), blank=False).alias("code_dme"),
            *(
                codes.fact(words[word].fill_null(0), blank=0).alias(word)
                for word in line.codes.columns
            ),
        ]
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


def _modifier_bits(line: Line) -> Provider:
    facts, none = mod.facts(line), pl.lit(0, pl.UInt64)
    slots = [line.coded[slot] for slot in MODIFIERS]
    return _added(
        [
            *(mod.flags(line.coded[slot], facts).alias(f"{slot}_flags") for slot in MODIFIERS),
            *(
                reduce(or_, (slot.fact(facts[word], blank=0) for slot in slots), none).alias(word)
                for word in line.modifiers.columns
            ),
        ],
        [reduce(or_, (pl.col(f"{slot}_flags") for slot in MODIFIERS)).alias("modifier_flags")],
    )


def _codes(line: Line) -> Provider:
    take = ["valid_from", "valid_to", "release"]
    code = {"hcpcs_code": line.coded["hcpcs_code"]}
    return line.reference["hcpcs"].looked_up(code, ERA, take, "code_")


def _npis(line: Line) -> Provider:
    shape = SHAPES["npi"](pl.col("value"))
    numbers = {npi: line.coded[npi] for npi in NPIS}
    return _added(
        [cells.fact(cells.about(shape)).alias(f"{npi}_valid") for npi, cells in numbers.items()]
    )


def _place(line: Line) -> Provider:
    names = {"pos_assigned": "pos_assigned", "pos_medicare_dme_home": "pos_home"}
    place = {"place_of_service": line.coded["place_of_service"]}
    take = ["assigned", "medicare_dme_home"]
    look_up = line.reference["places_of_service"].looked_up(place, ERA, take, "pos_")
    return lambda lines: look_up(lines).rename(names)


def _content(line: Line) -> Provider:
    fields = sorted(line.profile.mapped - MARKED)
    raw = [f"{field}__raw" for field in sorted(line.profile.unread)]
    return _added([alike.fingerprint(["marks", *fields, *raw]).alias("content")])


def _diagnoses(line: Line) -> Provider:
    every = line.dx_all_flags.fact(line.dx_all_flags.values)
    return _added(
        [
            line.dx_flags.fact(line.dx_flags.values).alias("dx_flags"),
            every.alias("dx_all_flags"),
            (every != 0).alias("dx_any"),
        ]
    )


def _group(line: Line) -> Provider:
    return _added([benchmarks.group(line)])


def _modifier_content(line: Line) -> Provider:
    value, none = pl.col("value"), pl.lit(0, pl.UInt64)
    fillers = value.is_in(sorted(PLACEHOLDER_MODIFIERS))
    mark = pl.when(fillers).then(none).otherwise(value.hash(seed=0))
    slots = [line.coded[slot] for slot in MODIFIERS]
    each = (slot.fact(slot.about(mark), blank=0) for slot in slots)
    return _added([reduce(add, each, none).alias("modifier_content")])


def _member(line: Line) -> Provider:
    member = pl.coalesce("member_id", "person_id")
    key = (
        pl.when(member.is_not_null())
        .then(member.hash(seed=0))
        .otherwise(pl.col("claim_id").hash(seed=1))
    )
    return _added([member.alias("member"), key.alias("member_key")])


_OF_LINES: Sequence[tuple[Sequence[str], Source]] = (
    (["member", "member_key"], _member),
    ([f"{npi}_valid" for npi in NPIS], _npis),
    (["content"], _content),
)
