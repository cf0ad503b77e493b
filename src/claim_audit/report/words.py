"""How numbers and foreign text are shown to people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

_UNSEEN: Final = (
    *range(0x7F, 0xA0),
    0xAD,
    0x61C,
    *range(0x200B, 0x2010),
    *range(0x2028, 0x202F),
    *range(0x2060, 0x2070),
    0xFEFF,
    *range(0xFFF9, 0xFFFC),
)
_SHOWN: Final = {
    **{code: chr(0x2400 + code) for code in range(0x20)},
    **{code: f"⟨U+{code:04X}⟩" for code in _UNSEEN},
}


def visible(text: str) -> str:
    """The text with control, zero-width and direction characters made visible.

    What stands in a cell can then neither move the cursor of a terminal nor turn the reading
    direction of a line around.
    """
    return text.translate(_SHOWN)


def count(number: int) -> str:
    """A whole number with commas between thousands."""
    return f"{number:,}"


def many(number: int, noun: str) -> str:
    """A whole number of things: ``1 file``, ``2,000 files``."""
    return f"{count(number)} {noun}{'' if number == 1 else 's'}"


def usd(amount: str | Decimal) -> str:
    """An amount with two places and commas between thousands, without a sign for the currency."""
    return f"{Decimal(amount):,.2f}"


def size(number: int) -> str:
    """A number of bytes in the unit that leaves at most four digits."""
    value, units = float(number), iter(("kB", "MB", "GB", "TB"))
    unit = "bytes"
    while value >= 1000 and (larger := next(units, "")):
        value, unit = value / 1000, larger
    return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"


def few(names: Iterable[str], shown: int) -> str:
    """The first names, and how many there are beside them."""
    listed = list(names)
    rest = len(listed) - shown
    return ", ".join(listed[:shown]) + (f" and {rest} more" if rest > 0 else "")


def identity(records: Mapping[str, int], unit: str = "lines") -> str:
    """The accounting identity in one line: everything in the files, and what became of it.

    Args:
        records: the counts of an `ingest.Accounting`, by name.
        unit: what `physical_lines` counts: lines of text, rows of Parquet.
    """
    optional = (
        ("header_lines", "header", ""),
        ("blank_lines", "blank line", ""),
        ("embedded_newlines", "line break", " inside cells"),
    )
    parts = [many(records[name], noun) + rest for name, noun, rest in optional if records[name]]
    parts += [many(records["claim_records"], "claim record"), many(records["rejects"], "reject")]
    return f"{count(records['physical_lines'])} {unit} = " + " + ".join(parts)


def unit(inputs: Sequence[Mapping[str, object]]) -> str:
    """What `physical_lines` counts in these inputs (entries of the manifest)."""
    formats = {entry["format"] for entry in inputs}
    counted = {"csv": "lines", "parquet": "rows"}
    return " and ".join(name for format, name in counted.items() if format in formats)
