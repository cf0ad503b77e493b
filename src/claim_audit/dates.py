"""How date formats are written for people."""

from __future__ import annotations

from typing import Final

SPELLED: Final = {
    "%Y": "YYYY",
    "%m": "MM",
    "%d": "DD",
    "%b": "MON",
    "%H": "hh",
    "%M": "mm",
    "%S": "ss",
}
"""The parts of a format, in the notation of `strptime`, and what stands for each."""


def spelled(format: str) -> str:
    """A format in letters: ``DD-MON-YYYY`` for ``%d-%b-%Y``."""
    for part, letters in SPELLED.items():
        format = format.replace(part, letters)
    return format
