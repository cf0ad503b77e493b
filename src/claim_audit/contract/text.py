"""How the text of a cell is read: cleaned codes, dates and numbers, shape first, then value.

Everything here is an expression over text, so that it serves a whole column as well as the
short list of a column's distinct values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

DATE_SHAPES: Mapping[str, str] = {
    "%Y-%m-%d": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "%Y%m%d": r"(?:19|20)[0-9]{6}",
    "%m/%d/%Y": r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}",
    "%d/%m/%Y": r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}",
    "%m-%d-%Y": r"[0-9]{1,2}-[0-9]{1,2}-[0-9]{4}",
    "%Y/%m/%d": r"[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}",
    "%d-%b-%Y": r"[0-9]{1,2}-[A-Za-z]{3}-[0-9]{4}",
    "%d%b%Y": r"[0-9]{1,2}[A-Za-z]{3}[0-9]{4}",
    "%Y-%m-%d %H:%M:%S": r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}"
    r"(?::[0-9]{2}(?:[.][0-9]+)?)?Z?",
}
"""Date formats a layout may name, each with the shape a cell must have before it is parsed."""

DEFAULT_DATE_FORMATS = (
    "%Y-%m-%d",
    "%Y%m%d",
    "%m/%d/%Y",
    "%m-%d-%Y",
    "%d-%b-%Y",
    "%d%b%Y",
    "%Y/%m/%d",
    "%Y-%m-%d %H:%M:%S",
)
"""Tried when a layout names none; month before day, as US extracts write it."""

_PLAIN_NUMBER = r"[^0-9.-]"


def trimmed(cell: pl.Expr) -> pl.Expr:
    """White space off both ends; nothing left is null."""
    text = cell.str.strip_chars()
    return pl.when(text.str.len_bytes() > 0).then(text)


def code(cell: pl.Expr) -> pl.Expr:
    """A code as it is compared: compatibility forms folded (NFKC), trimmed, upper case."""
    return trimmed(cell.str.normalize("NFKC").str.to_uppercase())


def holds_several_modifiers(cell: pl.Expr) -> pl.Expr:
    """Whether an upper-case cell holds several modifiers: ``KX,NU``, ``KX NU`` or ``KXNU``."""
    return _is(cell, "[A-Z0-9]{2}(?:[ ,;:/|-]*[A-Z0-9]{2})+") & (cell != "NONE")


def _is(cell: pl.Expr, pattern: str) -> pl.Expr:
    return cell.str.contains(rf"\A(?:{pattern})\z")


def date_format(cell: pl.Expr, formats: Sequence[str]) -> pl.Expr:
    """The first of `formats` whose shape the cell has and that gives a real date, else null."""
    return pl.coalesce(
        pl.when(as_date(cell, (name,)).is_not_null()).then(pl.lit(name)) for name in formats
    )


def as_date(cell: pl.Expr, formats: Sequence[str]) -> pl.Expr:
    """The date in the first of `formats` that fits, else null. Two-digit years never fit."""

    def parsed(name: str) -> pl.Expr:
        day, _, clock = name.partition(" ")
        text = cell.str.slice(0, 10) if clock else cell
        return (
            pl.when(_is(cell, DATE_SHAPES[name]))
            .then(text.str.to_titlecase() if "%b" in name else text)
            .str.to_date(day, strict=False)
        )

    return pl.coalesce(parsed(name) for name in formats)


def needs_cleaning(cell: pl.Expr) -> pl.Expr:
    """Whether a number holds anything but digits, point and minus."""
    return cell.str.contains(_PLAIN_NUMBER)


def without_decoration(cell: pl.Expr) -> pl.Expr:
    """A number without white space, dollar sign and grouping commas, where they are well-formed.

    ``$1,234.50`` reads as ``1234.50`` without loss; ``1,23`` and ``12USD`` stay as they are.
    """
    text = cell.str.strip_chars()
    grouped = _is(text, r"-?[$]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)?(?:[.][0-9]*)?")
    return pl.when(grouped).then(text.str.replace_all("[$,]", "")).otherwise(text)


def as_decimal(cell: pl.Expr, dtype: pl.Decimal) -> pl.Expr:
    """The number exactly, or null where it has more digits than `dtype` holds. Never rounded."""
    scale = dtype.scale
    whole = (dtype.precision or 38) - scale
    shape = rf"-?(?:[0-9]{{1,{whole}}}[.]?|[0-9]{{0,{whole}}}[.][0-9]{{1,{scale}}}0*)"
    return pl.when(_is(cell, shape)).then(cell).cast(dtype, strict=False)


def as_integer(cell: pl.Expr) -> pl.Expr:
    """A whole number of at most nine digits, also when written ``30.0``; else null."""
    whole = pl.when(_is(cell, r"-?[0-9]{1,9}(?:[.]0*)?")).then(cell)
    return whole.str.extract(r"\A(-?[0-9]+)").cast(pl.Int32, strict=False)
