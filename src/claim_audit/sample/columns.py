"""From the lines of a block, with their edits, to the columns of a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from claim_audit.sample import identifiers, payers, terms
from claim_audit.sample.claims import MISSING, UNIT_SCALE, Lines
from claim_audit.sample.draws import Array
from claim_audit.sample.errors.planting import Edit
from claim_audit.sample.layouts import Fixed, SampleLayout
from claim_audit.sample.members import Members

MONEY = ("charge", "allowed", "paid", "deductible", "coinsurance")
DATES = ("service_from_date", "service_to_date", "received_date", "paid_date", "member_birth_date")
NUMBERS: Mapping[str, pa.DataType] = {
    "claim_line_number": pa.int32(),
    "days_supply": pa.int32(),
    "units": pa.decimal128(12, 3),
    **{f"{amount}_amount": pa.decimal128(12, 2) for amount in MONEY},
    **dict.fromkeys(DATES, pa.date32()),
}
"""Fields that are numbers or dates, with their types in Parquet; all others are text."""


@dataclass
class Text:
    """A column of text: positions in a table (-1: blank), and the table.

    No text stands in the table twice; Parquet files of such tables differ from run to run.
    """

    codes: Array
    table: pa.Array

    def edit(self, at: Array, value: Array | str | None) -> None:
        """Write one text, or one for each place."""
        if value is None:
            self.codes[at] = -1
            return
        texts, codes = _distinct(value)
        known = pc.index_in(texts, value_set=self.table).fill_null(-1).to_numpy()
        new = known < 0
        places = np.where(new, len(self.table) + np.cumsum(new) - 1, known)
        self.codes[at] = np.where(codes < 0, -1, places[codes])
        self.table = pa.concat_arrays([self.table, texts.filter(pa.array(new))])

    def arrow(self) -> pa.Array:
        """The column as an Arrow dictionary array."""
        codes = pa.array(self.codes.astype(np.int32), mask=self.codes < 0)
        return pa.DictionaryArray.from_arrays(codes, self.table)


@dataclass
class Number:
    """A column of whole numbers in the scale of `Lines`, and texts that stand in their place."""

    values: Array
    type: pa.DataType
    texts: list[tuple[Array, Array | str]] = field(default_factory=list)

    def arrow(self) -> pa.Array:
        """The column as an Arrow array of its own type."""
        blank = self.values == MISSING
        if pa.types.is_decimal(self.type):
            return _decimals(self.values, blank, self.type)
        return pa.array(np.where(blank, 0, self.values).astype(np.int32), self.type, mask=blank)


def _distinct(value: Array | str) -> tuple[pa.Array, Array]:
    """The distinct texts of a value and the position of each place's text (-1: blank)."""
    if isinstance(value, str):
        return pa.array([value]), np.zeros(1, np.int64)
    blank: Array = np.frompyfunc(lambda text: text is None, 1, 1)(value).astype(np.bool_)
    texts, codes = np.unique(np.where(blank, "", value).astype(str), return_inverse=True)
    return pa.array(texts.tolist(), pa.string()), np.where(blank, -1, codes)


def _without_dots(value: Array | str | None) -> Array | str | None:
    if isinstance(value, np.ndarray):
        undotted: Array = np.frompyfunc(lambda text: text and text.replace(".", ""), 1, 1)(value)
        return undotted
    return value and value.replace(".", "")


def _decimals(values: Array, blank: Array, decimal: pa.DataType) -> pa.Array:
    words = np.empty((len(values), 2), np.int64)
    words[:, 0] = np.where(blank, 0, values)
    words[:, 1] = words[:, 0] >> 63
    filled = pa.py_buffer(np.packbits(~blank, bitorder="little")) if blank.any() else None
    return pa.Array.from_buffers(decimal, len(values), [filled, pa.py_buffer(words)])


def person_text(layout: SampleLayout, numbers: Array, books: Array) -> Array:
    """Ids of persons as the layout writes them (`U`)."""
    return _person_bytes(layout, numbers, books).astype(str)


def _person_bytes(layout: SampleLayout, numbers: Array, books: Array) -> Array:
    if layout.persons:
        return identifiers.person_ids(numbers)
    return identifiers.member_ids(numbers, payers.ID_PREFIXES[books])


class Columns:
    """All columns of some lines, in the order in which the lines are written.

    Args:
        lines: the lines, in that order.
        members: their members.
        layout: what decides on ids of persons and dots in diagnoses.
    """

    def __init__(self, lines: Lines, members: Members, layout: SampleLayout) -> None:
        self.lines = lines
        self.members = members
        self.layout = layout
        self.claim_id = identifiers.text_array(identifiers.claim_ids(lines.claim))
        self.edited: dict[str, Text | Number] = {}

    def column(self, name: str) -> Text | Number:
        """A column before or after its edits; every call gives the same object."""
        if name not in self.edited:
            number = NUMBERS.get(name)
            self.edited[name] = self._text(name) if number is None else self._number(name, number)
        return self.edited[name]

    def apply(self, edit: Edit, at: Array) -> None:
        """Write an edit's values at these places, one for each of the edit's ids."""
        column = self.column(edit.field)
        if isinstance(column, Text):
            assert not isinstance(edit.value, int)
            dotted = self.layout.dotted or not edit.field.startswith("diagnosis_code_")
            column.edit(at, edit.value if dotted else _without_dots(edit.value))
        elif edit.as_text:
            assert isinstance(edit.value, str | np.ndarray)
            column.texts.append((at, edit.value))
        else:
            column.values[at] = edit.value

    def _number(self, name: str, dtype: pa.DataType) -> Number:
        if name == "member_birth_date":
            return Number(self.members.birth_date[self.lines.owner], dtype)
        return Number(getattr(self.lines, name).copy(), dtype)

    def _text(self, name: str) -> Text:
        if name in _BY_MEMBER:
            codes, table = _BY_MEMBER[name](self.members)
            return Text(codes[self.lines.owner], table)
        if name.startswith("diagnosis_code_"):
            codes = _diagnoses(self.members)[int(name[-1]) - 1]
            dot = "." if self.layout.dotted else ""
            spelled = [code.replace(".", dot) for code in terms.DIAGNOSES]
            return Text(codes[self.lines.owner], pa.array(spelled))
        if name == "member_id":
            ids = _person_bytes(self.layout, self.members.number, self.members.book)
            return Text(self.lines.owner.copy(), identifiers.text_array(ids))
        codes, texts = _BY_LINE[name](self.lines)
        return Text(codes.copy(), pa.array(texts, pa.string()))


_BY_MEMBER: Mapping[str, Callable[[Members], tuple[Array, pa.Array]]] = {
    "billing_npi": lambda m: (m.supplier, identifiers.text_array(identifiers.suppliers())),
    "ordering_npi": lambda m: (m.clinician, identifiers.text_array(identifiers.clinicians())),
    "payer_name": lambda m: (m.spelling, pa.array(payers.SPELLINGS)),
    "plan_name": lambda m: (m.plan, pa.array(payers.PLANS)),
    "line_of_business": lambda m: (payers.LOB_CODES[m.book], pa.array(payers.LINES_OF_BUSINESS)),
}

_BY_LINE: Mapping[str, Callable[[Lines], tuple[Array, Sequence[str] | Array]]] = {
    "payer_claim_control_number": lambda line: _references(line.reference),
    "control_number": lambda line: _references(
        np.where(line.reference < 0, line.claim, line.reference)
    ),
    "claim_type": lambda line: (np.zeros(len(line), np.int64), ("dme",)),
    "claim_frequency_code": lambda line: (line.claim_frequency_code, terms.FREQUENCIES),
    "entry_code": lambda line: (line.claim_frequency_code, ("1", "5", "3")),
    "place_of_service": lambda line: (line.place_of_service, terms.PLACES),
    "hcpcs_code": lambda line: (line.hcpcs_code, terms.HCPCS),
    "modifier_1": lambda line: (line.modifier_1, terms.MODIFIERS),
    "modifier_2": lambda line: (line.modifier_2, terms.MODIFIERS),
    "modifier_3": lambda line: (line.modifier_3, terms.MODIFIERS),
    "modifier_4": lambda line: (np.full(len(line), -1), ()),
    "ndc": lambda line: (line.ndc, terms.NDCS),
    "denial_code": lambda line: (line.denial_code, terms.DENIALS),
    "payment_code": lambda line: (np.where(line.denial_code >= 0, 0, 1), ("0", "1")),
}


def _references(claims: Array) -> tuple[Array, Array]:
    known = np.flatnonzero(claims >= 0)
    codes = np.full(len(claims), -1)
    numbers, codes[known] = np.unique(claims[known], return_inverse=True)
    return codes, identifiers.claim_ids(numbers).astype("U13")


def _diagnoses(members: Members) -> tuple[Array, Array, Array, Array]:
    insulin, pump = members.insulin_status, members.pump_status
    second = np.where(insulin, terms.LONG_TERM_INSULIN, np.where(pump, terms.PUMP_STATUS, -1))
    third = np.where(insulin & pump, terms.PUMP_STATUS, -1)
    return members.diagnosis, second, third, np.full(len(members), -1)


def table(columns: Columns) -> pa.Table:
    """The block as an Arrow table with typed columns; texts are dictionary arrays."""
    arrays = {
        header: _fixed(source, len(columns.lines))
        if isinstance(source, Fixed)
        else columns.claim_id
        if source == "claim_id"
        else columns.column(source).arrow()
        for header, source in columns.layout.columns
    }
    return pa.table(arrays)


def text_frame(columns: Columns) -> pl.DataFrame:
    """The block as text, the way a CSV file holds it."""
    frame = pl.DataFrame(
        {header: _plain(array) for header, array in _named(table(columns))},
    ).with_columns(pl.col(pl.Date).dt.strftime(columns.layout.dates))
    for header, source in columns.layout.columns:
        column = columns.column(source) if isinstance(source, str) and source in NUMBERS else None
        if isinstance(column, Number):
            frame = frame.with_columns(_as_text(column, header, frame[header]))
    return frame


def _named(arrow: pa.Table) -> list[tuple[str, pa.Array]]:
    return list(zip(arrow.column_names, arrow.columns, strict=True))


def _plain(array: pa.ChunkedArray) -> pl.Series:
    """A Polars series; dictionaries are read out, since categories are kept for ever."""
    if pa.types.is_dictionary(array.type):
        array = array.cast(pa.string())
    series = pl.from_arrow(array)
    assert isinstance(series, pl.Series)
    return series


def _as_text(column: Number, header: str, typed: pl.Series) -> pl.Series:
    text = typed
    if typed.dtype == pl.Decimal(12, 3):
        whole = pl.col("units") % UNIT_SCALE == 0
        values = pl.DataFrame({"units": column.values, "typed": typed})
        text = values.select(
            pl.when(whole & pl.col("typed").is_not_null())
            .then((pl.col("units") // UNIT_SCALE).cast(pl.String))
            .otherwise(pl.col("typed").cast(pl.String))
        ).to_series()
    elif column.texts:
        text = typed.cast(pl.String)
    for at, value in column.texts:
        texts = [value] * len(at) if isinstance(value, str) else value.tolist()
        text = text.scatter(at.tolist(), texts)
    return text.alias(header)


def _fixed(source: Fixed, count: int) -> pa.Array:
    zeros = pa.array(np.zeros(count, np.int32))
    return pa.DictionaryArray.from_arrays(zeros, pa.array([source.text]))
