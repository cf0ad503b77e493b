"""Layouts: how an extract's columns map to the contract's fields.

A layout is a TOML file. `load` reads one and refuses every name it does not know; `builtin` are
those that come with the program; `match` puts one to a file's header and `suggest` drafts one.
"""

from __future__ import annotations

import codecs
import tomllib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from claim_audit import errors, resources
from claim_audit.contract.claim_line import FIELDS
from claim_audit.contract.text import DATE_SHAPES
from claim_audit.ingest.layout_match import (
    ADJUSTED,
    Adjustment,
    Layout,
    LayoutMatch,
    Repeat,
    match,
)
from claim_audit.ingest.layout_suggest import suggest

__all__ = [
    "Adjustment",
    "Layout",
    "LayoutMatch",
    "Repeat",
    "builtin",
    "load",
    "match",
    "resolve",
    "suggest",
]

KEYS = {
    "the layout": (
        *("name", "title", "source", "dialect", "dates", "columns"),
        *("fallback", "constants", "modifiers", "adjustment", "repeat"),
    ),
    "[dialect]": ("delimiter", "quote", "encoding"),
    "[dates]": ("formats",),
    "[modifiers]": ("joined",),
    "[adjustment]": ("column", "original", "replacement", "void", "reference"),
    "[repeat]": ("count", "columns"),
}
"""Every key of a layout; the keys of the other sections are field names."""

MOST_SLOTS = 255
"""A line's identity keeps eight bits for its slot in a wide record."""


@dataclass(frozen=True)
class _Table:
    """One table of a layout file; reading a key checks its value."""

    file: str
    section: str
    values: dict[str, Any]

    def restrict(self, known: Collection[str]) -> _Table:
        for key in self.values:
            if key not in known:
                raise errors.layout_key_unknown(self.file, key, self.section, known)
        return self

    def wrong(self, key: str, expected: str) -> errors.ClaimAuditError:
        return errors.layout_value_wrong(self.file, f"{self.section}: {key}", expected)

    def text(self, key: str) -> str:
        value = self.values.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, "text that is not empty")
        return value

    def optional(self, key: str) -> str | None:
        return self.text(key) if key in self.values else None

    def texts(self, key: str) -> tuple[str, ...]:
        """One text or a list of texts; an absent key gives none."""
        value = self.values.get(key, ())
        listed = [value] if isinstance(value, str) else value
        if key in self.values and not (
            isinstance(listed, list)
            and listed
            and all(isinstance(text, str) and text.strip() for text in listed)
        ):
            raise self.wrong(key, "text or a list of texts, none of them empty")
        return tuple(listed)

    def table(self, key: str, section: str, known: Collection[str]) -> _Table:
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, "a section")
        return _Table(self.file, section, value).restrict(known)

    def section_of(self, key: str) -> _Table:
        return self.table(key, f"[{key}]", KEYS[f"[{key}]"])

    def every(self, read: Callable[[str], Any]) -> dict[str, Any]:
        return {key: read(key) for key in self.values}


def load(path: str | Path) -> Layout:
    """Read a layout file; its field names are those of the contract, its dates those it reads.

    Raises:
        ClaimAuditError: the file cannot be read, holds a name that layouts do not know, a value of
            the wrong kind, or says a field twice.
    """
    file = str(path)
    top = _Table(file, "the layout", _parse(Path(path))).restrict(KEYS["the layout"])
    columns = top.table("columns", "[columns]", FIELDS)
    constants = top.table("constants", "[constants]", FIELDS)
    fallback = top.table("fallback", "[fallback]", tuple(columns.values))
    dialect = top.section_of("dialect")
    layout = Layout(
        name=top.text("name"),
        title=top.text("title"),
        source=top.optional("source") or "",
        delimiter=_checked(dialect, "delimiter", lambda text: len(text) == 1, "one character"),
        quote=_checked(dialect, "quote", lambda text: len(text) == 1, "one character"),
        encoding=_checked(dialect, "encoding", _is_encoding, "an encoding, such as utf-8"),
        date_formats=_date_formats(top.section_of("dates")),
        columns=columns.every(columns.texts),
        fallback=fallback.every(fallback.text),
        constants=constants.every(constants.text),
        joined_modifiers=top.section_of("modifiers").texts("joined"),
        adjustment=_adjustment(top.section_of("adjustment"))
        if "adjustment" in top.values
        else None,
        repeat=_repeat(top.section_of("repeat")) if "repeat" in top.values else None,
    )
    _refuse_twice(file, layout)
    return layout


def builtin() -> dict[str, Layout]:
    """The layouts that come with the program, by name."""
    paths = sorted((resources.schemas() / "layouts").glob("*.toml"))
    return {layout.name: layout for layout in map(load, paths)}


def resolve(name_or_path: str | Path) -> Layout:
    """The built-in layout of that name, else the layout in that file.

    Raises:
        ClaimAuditError: neither exists, or the file is no layout.
    """
    layouts, path = builtin(), Path(name_or_path)
    if str(name_or_path) in layouts:
        return layouts[str(name_or_path)]
    if path.is_file() or path.suffix == ".toml" or len(path.parts) > 1:
        return load(path)
    raise errors.layout_unknown(str(name_or_path), layouts)


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as problem:
        raise errors.layout_unreadable(str(path), problem.strerror or "not a file") from problem
    except UnicodeDecodeError as problem:
        raise errors.layout_unreadable(str(path), "it is not UTF-8") from problem
    except tomllib.TOMLDecodeError as problem:
        raise errors.layout_unreadable(str(path), str(problem)) from problem


def _checked(table: _Table, key: str, holds: Callable[[str], bool], expected: str) -> str | None:
    value = table.values.get(key)
    if value is not None and not (isinstance(value, str) and holds(value)):
        raise table.wrong(key, expected)
    return value


def _is_encoding(name: str) -> bool:
    try:
        codecs.lookup(name)
    except (LookupError, ValueError):
        return False
    return True


def _date_formats(dates: _Table) -> tuple[str, ...]:
    formats = dates.texts("formats")
    for name in formats:
        if name not in DATE_SHAPES:
            raise errors.layout_key_unknown(dates.file, name, "[dates] formats", DATE_SHAPES)
    return formats


def _adjustment(table: _Table) -> Adjustment:
    adjustment = Adjustment(
        column=table.text("column"),
        original=table.texts("original"),
        replacement=table.texts("replacement"),
        void=table.texts("void"),
        reference=table.optional("reference"),
    )
    changes = adjustment.replacement + adjustment.void
    codes = adjustment.original + changes
    if not changes or len(set(codes)) < len(codes):
        raise table.wrong("replacement", "codes for replacement or void, each said once")
    return adjustment


def _repeat(table: _Table) -> Repeat:
    count = table.values.get("count")
    if type(count) is not int or not 1 <= count <= MOST_SLOTS:
        raise table.wrong("count", f"a whole number from 1 to {MOST_SLOTS}")
    columns = table.table("columns", "[repeat.columns]", FIELDS)
    patterns: dict[str, tuple[str, ...]] = columns.every(columns.texts)
    for field, names in patterns.items():
        if not all("{n}" in name for name in names):
            raise columns.wrong(field, "a header with {n} in place of the slot number")
    if "hcpcs_code" not in patterns:
        raise columns.wrong("hcpcs_code", "a header: a slot without a code is no claim line")
    return Repeat(count, patterns)


def _refuse_twice(file: str, layout: Layout) -> None:
    """A field has one source; `[adjustment]` is the source of the two fields it becomes."""
    sources = {
        "[columns]": layout.columns.keys(),
        "[constants]": layout.constants.keys(),
        "[repeat.columns]": (layout.repeat.columns if layout.repeat else {}).keys(),
        "[adjustment]": set(ADJUSTED[: 1 + bool(layout.adjustment.reference)])
        if layout.adjustment
        else set(),
    }
    for (one, fields), (two, others) in combinations(sources.items(), 2):
        for field in sorted(fields & others):
            raise errors.layout_value_wrong(file, f"{two}: {field}", f"a field not in {one} too")
