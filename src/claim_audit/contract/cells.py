"""From mapped lines to claim lines: every cell typed, every unreadable one kept as it stood.

A claim line has all fields of the contract. A field that the file does not map is null. Beside
a date, a number or a glued HCPCS code stands `<field>__raw`: the original text of a cell that
could not be taken as it was, else null.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

import polars as pl

from claim_audit import errors
from claim_audit.contract import text
from claim_audit.contract.claim_line import DATES, FIELDS, MODIFIERS, NUMBERS, REQUIRED, Field
from claim_audit.contract.mapping import IDENTITY, mapped_lines
from claim_audit.contract.survey import Survey
from claim_audit.lookup import Numbered, fact_of, places

if TYPE_CHECKING:
    from claim_audit.ingest import SourceFile

KEEP_RAW = (*DATES, *NUMBERS, "hcpcs_code")
"""Fields beside which the original text of an unreadable cell is kept."""

_CLEANERS: Mapping[str, Callable[[pl.Expr], pl.Expr]] = {"code": text.code, "text": text.trimmed}

PLACEHOLDER_MODIFIERS = frozenset({"00", "0", "000", "XX", "NA", "N/A", "NONE", "--"})

Split = Mapping[str, Sequence[str]]
"""Cells that hold modifiers beside what is read from them, and these modifiers."""

_NO_FIELDS: Mapping[str, Numbered] = MappingProxyType({})

_GLUED = r"\A([A-Z][0-9]{4})[-: ]?([A-Z0-9]{2}(?:[-: ,]?[A-Z0-9]{2})*)\z"


def claim_lines(file: SourceFile, survey: Survey) -> pl.LazyFrame:
    """The claim lines of one file (see `Reader.lines`)."""
    return Reader(file, survey).lines(file)


class Reader:
    """How the cells of one file are read, worked out once for all pieces of it.

    Args:
        file: the file.
        survey: what stands in it.
        coded: for fields of few values where to number these, and all values of the run. To number
            a cell as it stands in the file spares cleaning it first.
    """

    def __init__(
        self, file: SourceFile, survey: Survey, coded: Mapping[str, Numbered] = _NO_FIELDS
    ) -> None:
        self.file = file
        self.survey = survey
        self.coded = coded
        self.schema = mapped_lines(file).collect_schema()
        self.constants = file.match.layout.constants
        self.formats = file.match.layout.date_formats or text.DEFAULT_DATE_FORMATS

    def lines(self, piece: SourceFile) -> pl.LazyFrame:
        """The claim lines of the file, or of a piece of it.

        Returns:
            A frame of `source_row` (UInt32), `line_id` (UInt64), every field of the contract in
            its type, `<field>__raw` (String) for the fields of `KEEP_RAW`, and the columns of
            `coded` (UInt32).

        Raises:
            ClaimAuditError: a mapped column has a type that cannot hold its field, or no date of
                the service-from column can be read.
        """
        typed = mapped_lines(piece).select(*IDENTITY, *self._cells)
        for slots, token in self._modifiers_elsewhere():
            typed = typed.with_columns(_in_first_free(slots, token))
        return typed.select(
            *IDENTITY,
            *FIELDS,
            *(f"{name}__raw" for name in KEEP_RAW),
            *(pl.col(cells.column).fill_null(len(cells.values)) for cells in self.coded.values()),
        )

    def distinct_values(self) -> dict[str, pl.Series]:
        """The distinct values that the listed text fields of the claim lines hold.

        Modifiers of all slots, joined and glued ones too, stand under ``modifier``.
        """
        found = {
            name: texts["text"].drop_nulls().unique().rename(name)
            for name, texts in self._listed_texts.items()
        }
        slots = [series for name, series in found.items() if name in MODIFIERS]
        extra = self._extra_modifiers()
        found["modifier"] = pl.concat(
            [pl.Series("modifier", extra, dtype=pl.String), *(s.rename("modifier") for s in slots)]
        ).unique()
        for name, constant in self.constants.items():
            found[name] = pl.Series(name, [constant], dtype=pl.String)
        return found

    def date_formats(self) -> pl.DataFrame:
        """Which date formats stand in which column of the file.

        Returns:
            `field`, `format` (null: no format fits), `lines`; text columns only.
        """
        frames = pl.collect_all(
            self._dates_of(name)
            .filter(~pl.col("blank"))
            .group_by("format")
            .agg(pl.col("lines").sum())
            .select(pl.lit(name).alias("field"), "format", "lines")
            for name in DATES
            if name in self.survey.values
        )
        empty = pl.DataFrame(schema={"field": pl.String, "format": pl.String, "lines": pl.UInt32})
        return pl.concat([empty, *frames]).sort("field", "format", nulls_last=True)

    def unread(self) -> frozenset[str]:
        """The fields with cells whose original text may have to be kept, as it cannot be read."""
        mapped = [name for name in KEEP_RAW if name in self.schema]
        texts = {name: expr for name in mapped for expr in self._read(FIELDS[name])}
        return frozenset(name for name, text in texts.items() if text.meta.root_names())

    @cached_property
    def _cells(self) -> Sequence[pl.Expr]:
        return list(self._all_cells())

    def _all_cells(self) -> Iterator[pl.Expr]:
        for name, field in FIELDS.items():
            if name in self.schema:
                yield from self._read(field)
            else:
                constant = self.constants.get(name)
                value = pl.lit(None, field.dtype) if constant is None else pl.lit(constant)
                yield value.alias(name)
                if name in KEEP_RAW:
                    yield pl.lit(None, pl.String).alias(f"{name}__raw")
        for name, numbered in self.coded.items():
            yield self._place(name, numbered).alias(numbered.column)
        for name, (column, tokens) in self._tokens.items():
            yield self._of_values(column, tokens).alias(name)
            for slot in self._numbered_slots[:1]:
                numbers = places(tokens, self.coded[slot].values)
                yield self._of_values(column, numbers).alias(f"{name}__no")

    def _modifiers_elsewhere(self) -> Iterator[tuple[Sequence[str], str]]:
        """The slots for modifiers, and a column with one that is not in a slot of its own, in the
        order in which they take free slots; the same with numbers in place of texts."""
        numbers = [self.coded[slot].column for slot in self._numbered_slots]
        for token in self._tokens:
            yield MODIFIERS, token
            yield numbers, f"{token}__no"

    @cached_property
    def _sources(self) -> Mapping[str, Split]:
        """Per column that holds modifiers without a slot of their own: its cells, and these."""
        plans = {
            **{
                column: self._joined_modifiers(column)
                for column in ("modifiers__joined", *MODIFIERS)
                if column in self.survey.values
            },
            **(
                {"hcpcs_code": self._glued_modifiers()}
                if "hcpcs_code" in self.survey.values
                else {}
            ),
        }
        frames = pl.collect_all(plans.values())
        return {column: dict(frame.rows()) for column, frame in zip(plans, frames, strict=True)}

    @cached_property
    def _tokens(self) -> Mapping[str, tuple[str, pl.Series]]:
        """Per source that has any the first modifier of its cells, the second, and so on: by the
        name of a column for it, the source, and the modifier for each of its values."""
        return {
            f"{column}__token_{n}": (column, self._token(column, split, n))
            for column, split in self._sources.items()
            for n in range(max(map(len, split.values()), default=0))
        }

    def _token(self, column: str, split: Split, n: int) -> pl.Series:
        tokens = {cell: modifiers[n] for cell, modifiers in split.items() if n < len(modifiers)}
        facts = [tokens.get(value) for value in self._values(column)]
        return pl.Series(facts, dtype=pl.String)

    @cached_property
    def _numbered_slots(self) -> Sequence[str]:
        return [slot for slot in MODIFIERS if slot in self.coded]

    def _place(self, name: str, numbered: Numbered) -> pl.Expr:
        """Where the values of the run have what stands in a field of few values; null for blank."""
        if name in self.survey.values:
            return self._of_values(name, places(self._listed_texts[name]["text"], numbered.values))
        if name not in self.constants:
            return pl.lit(None, pl.UInt32)
        constant = pl.Series([self.constants[name]])
        return pl.lit(places(constant, numbered.values).item(), pl.UInt32)

    def _values(self, column: str) -> pl.Series:
        return self.survey.values[column]["value"].drop_nulls()

    def _of_values(self, column: str, facts: pl.Series) -> pl.Expr:
        """What `facts`, in the order of the values of a listed column, says of its cells."""
        blank = pl.Series([None], dtype=facts.dtype)
        return fact_of(pl.col(column), self._values(column), pl.concat([facts, blank]))

    def _raw_of_values(self, column: str, facts: pl.Series) -> pl.Expr:
        unread = facts.null_count() < len(facts)
        return self._of_values(column, facts) if unread else pl.lit(None, pl.String)

    def _read(self, field: Field) -> Iterator[pl.Expr]:
        dtype = self.schema[field.name]
        match field.kind:
            case "text" | "code":
                yield from self._text(field)
            case "date":
                yield from self._date(field, dtype)
            case _:
                yield from self._number(field, dtype)

    def _text(self, field: Field) -> Iterator[pl.Expr]:
        name = field.name
        if name not in self.survey.values:
            clean = _CLEANERS[field.kind]
            cell = clean(pl.col(name)) if self.survey.decorated(name) else pl.col(name)
            yield cell.alias(name)
            return
        texts = self._listed_texts[name]
        changed = (texts["value"].ne_missing(texts["text"])).any()
        yield (self._of_values(name, texts["text"]) if changed else pl.col(name)).alias(name)
        if name == "hcpcs_code":
            yield self._raw_of_values(name, texts["glued"]).alias("hcpcs_code__raw")

    @cached_property
    def _listed_texts(self) -> Mapping[str, pl.DataFrame]:
        names = [n for n in self.survey.values if n in FIELDS and n not in DATES]
        frames = pl.collect_all([self._texts(FIELDS[name]) for name in names])
        return dict(zip(names, frames, strict=True))

    def _texts(self, field: Field) -> pl.LazyFrame:
        """The distinct cells of a listed column and what the claim line holds in their place.

        Columns: `value`, `text`, and of the HCPCS code `glued`: the code with what is glued to
        it, else null. Null stands for null and is left out.
        """
        values = self.survey.values[field.name].lazy().select("value").drop_nulls()
        cell = _CLEANERS[field.kind](pl.col("value"))
        if field.name == "claim_frequency_code" and self.file.match.adjustment_column:
            return values.with_columns(self._frequency().alias("text"))
        if field.name == "hcpcs_code":
            glued = cell.str.contains(_GLUED).fill_null(False)
            bare = pl.when(glued).then(cell.str.extract(_GLUED, 1)).otherwise(cell)
            return values.with_columns(bare.alias("text"), pl.when(glued).then(cell).alias("glued"))
        if field.name in MODIFIERS:
            several = list(self._sources[field.name])
            first = pl.col("value").str.strip_chars().str.to_uppercase().str.slice(0, 2)
            cell = pl.when(pl.col("value").is_in(several)).then(first).otherwise(cell)
        return values.with_columns(cell.alias("text"))

    def _extra_modifiers(self) -> list[str]:
        """Modifiers that stand in a joined column or glued to a code."""
        return [
            modifier
            for split in self._sources.values()
            for modifiers in split.values()
            for modifier in modifiers
        ]

    def _glued_modifiers(self) -> pl.LazyFrame:
        """Cells of the code column as they stand in the file, with the modifiers glued to them."""
        glued = text.code(pl.col("value")).str.extract(_GLUED, 2)
        values = self.survey.values["hcpcs_code"].lazy()
        return values.select("value", _pairs(glued).alias("modifiers")).drop_nulls()

    def _joined_modifiers(self, column: str) -> pl.LazyFrame:
        """Cells of a column that hold several modifiers, with those that need a slot.

        The first modifier of a slot's own cell stays in that slot.
        """
        modifiers = text.code(pl.col("value"))
        own_slot = column in MODIFIERS
        return (
            self.survey.values[column]
            .lazy()
            .select(
                "value",
                pl.when(modifiers.is_in(list(PLACEHOLDER_MODIFIERS)))
                .then(pl.concat_list(modifiers))
                .otherwise(_pairs(modifiers))
                .list.slice(int(own_slot))
                .alias("modifiers"),
            )
            .drop_nulls()
            .filter(
                pl.col("modifiers").list.len() > 0,
                text.holds_several_modifiers(modifiers) | (not own_slot),
            )
        )

    def _frequency(self) -> pl.Expr:
        adjustment = self.file.match.layout.adjustment
        assert adjustment is not None
        meaning = {
            code: frequency
            for frequency, codes in (
                ("1", adjustment.original),
                ("7", adjustment.replacement),
                ("8", adjustment.void),
            )
            for code in codes
        }
        cell = pl.col("value").str.strip_chars().str.to_uppercase()
        return cell.replace_strict(meaning, default=None, return_dtype=pl.String)

    def _date(self, field: Field, dtype: pl.DataType) -> Iterator[pl.Expr]:
        name, cell = field.name, pl.col(field.name)
        if dtype == pl.String:
            known = self._dates_of(name).select("value", "date", "blank").collect()
            dates = known.filter(~pl.col("blank"))["date"]
            if name in REQUIRED and len(dates) and dates.null_count() == len(dates):
                raise errors.unreadable_dates(self.file.name, self._header(field), self.formats)
            unread = known["date"].is_null() & ~known["blank"]
            yield self._of_values(name, known["date"]).alias(name)
            raw = pl.select(pl.when(unread).then(known["value"])).to_series()
            yield self._raw_of_values(name, raw).alias(f"{name}__raw")
            return
        if dtype.is_integer():
            read_date = text.as_date(cell.cast(pl.String), ("%Y%m%d",))
        elif dtype == pl.Date or isinstance(dtype, pl.Datetime) or dtype == pl.Null:
            read_date = cell.cast(pl.Date)
        else:
            raise errors.unreadable_type(self.file.name, self._header(field), str(dtype), "date")
        yield read_date.alias(name)
        unreadable = read_date.is_null() & cell.is_not_null()
        yield pl.when(unreadable).then(cell.cast(pl.String)).alias(f"{name}__raw")

    def _dates_of(self, name: str) -> pl.LazyFrame:
        """Distinct texts of a date column: `value`, `blank`, `date`, `format`, `lines`."""
        cell = pl.col("value").str.strip_chars()
        return (
            self.survey.values[name]
            .lazy()
            .drop_nulls("value")
            .select(
                "value",
                (cell.str.len_bytes() == 0).alias("blank"),
                text.as_date(cell, self.formats).alias("date"),
                text.date_format(cell, self.formats).alias("format"),
                "lines",
            )
        )

    def _number(self, field: Field, dtype: pl.DataType) -> Iterator[pl.Expr]:
        name = field.name
        cell = pl.col(name)
        read = self._as_number(field, name, dtype)
        fallback = f"{name}__fallback"
        if fallback in self.schema:
            other = self._as_number(field, fallback, self.schema[fallback])
            read = (
                pl.when(read.is_null() | (read == 0)).then(pl.coalesce(other, read)).otherwise(read)
            )
        yield read.alias(name)
        blank = (
            cell.str.strip_chars().str.len_bytes() == 0 if dtype == pl.String else cell.is_null()
        )
        unreadable = read.is_null() & cell.is_not_null() & ~blank
        raw = (
            pl.lit(None, pl.String)
            if _always_fits(dtype, field.dtype)
            else pl.when(unreadable).then(cell.cast(pl.String))
        )
        yield raw.alias(f"{name}__raw")

    def _as_number(self, field: Field, column: str, dtype: pl.DataType) -> pl.Expr:
        cell, target = pl.col(column), field.dtype
        if dtype == pl.String:
            if self.survey.decorated(column):
                cell = text.without_decoration(cell)
            return (
                text.as_decimal(cell, target)
                if isinstance(target, pl.Decimal)
                else text.as_integer(cell)
            )
        if dtype.is_float():
            scale = target.scale if isinstance(target, pl.Decimal) else 0
            rounded = cell.round(scale)
            exact = (cell - rounded).abs() <= 1e-9 * pl.max_horizontal(cell.abs(), 1.0)
            return pl.when(exact & cell.is_finite()).then(rounded).cast(target, strict=False)
        if _always_fits(dtype, target):
            return cell.cast(target)
        if isinstance(dtype, pl.Decimal) and isinstance(target, pl.Decimal):
            return (
                pl.when(cell == cell.cast(target, strict=False))
                .then(cell)
                .cast(target, strict=False)
            )
        if dtype.is_numeric() or dtype == pl.Null:
            return cell.cast(target, strict=False)
        raise errors.unreadable_type(
            self.file.name, self._header(field), str(dtype), "number or text"
        )

    def _header(self, field: Field) -> str:
        return self.file.match.columns.get(field.name, field.name)


def _always_fits(dtype: pl.DataType, target: pl.DataType) -> bool:
    """Whether every value of one number type has its like in the other."""
    if isinstance(dtype, pl.Decimal) and isinstance(target, pl.Decimal):
        digits, places = (dtype.precision or 38) - dtype.scale, dtype.scale
        return digits <= (target.precision or 38) - target.scale and places <= target.scale
    if isinstance(target, pl.Decimal):
        return dtype in {pl.Int8, pl.Int16, pl.Int32, pl.UInt8, pl.UInt16, pl.UInt32}
    return dtype in {pl.Int8, pl.Int16, pl.Int32, pl.UInt8, pl.UInt16}


def cleaned(field: str) -> pl.Expr:
    """The cell of a text or code field as it is compared."""
    return _CLEANERS[FIELDS[field].kind](pl.col(field))


def _pairs(cell: pl.Expr) -> pl.Expr:
    """The two-character modifiers in ``KX,NU``, ``KX NU`` and ``KXNU``, as a list."""
    return cell.str.extract_all(r"[A-Z0-9]{1,2}")


def _in_first_free(slots: Sequence[str], token: str) -> Iterator[pl.Expr]:
    """The slots with `token` in the first that is free."""
    taken = pl.lit(True)
    for slot in slots:
        yield pl.coalesce(slot, pl.when(taken).then(token)).alias(slot)
        taken &= pl.col(slot).is_not_null()
