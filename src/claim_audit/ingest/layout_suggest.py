"""A layout to start from, drafted from a file's header.

Only names are written, never a cell: sample values decide the date formats and nothing else.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches

import polars as pl

from claim_audit.contract.claim_line import FIELDS, REQUIRED
from claim_audit.contract.text import DATE_SHAPES, as_date, trimmed
from claim_audit.ingest.layout_match import (
    ENOUGH_OF_LAYOUT,
    LAST_RESORT,
    Fit,
    Layout,
    LayoutMatch,
    apply,
    normalise,
    refuse_data,
)

CLOSE = 0.7
"""How alike a column and a known name must be for the draft to put them side by side."""


def suggest(
    header: Sequence[str],
    layouts: Mapping[str, Layout],
    sample: Mapping[str, Sequence[str]] | None = None,
) -> str:
    """Draft a layout for a file with this header; the text loads with `layouts.load`.

    The closest of ``layouts`` gives columns, constants and the rest; what it leaves unread goes to
    the last resort. Columns that nobody reads and fields without a column become comments.
    ``sample`` holds some cells of each column, as text; those of the date columns decide the
    date formats.

    Raises:
        ClaimAuditError: the header looks like data.
    """
    occurrences = Counter(map(normalise, header))
    once = tuple(column for column in header if occurrences[normalise(column)] == 1)
    fits = [Fit(apply(layouts[key], once), len(header)) for key in sorted(layouts)]
    refuse_data("the header", header, fits)
    base = _closest(fits).match
    general = apply(layouts.get(LAST_RESORT, base.layout), base.unmatched)
    found = {f: c for f, c in general.columns.items() if f not in base.fields()} | base.columns
    columns: dict[str, tuple[str, ...]] = {f: (found[f],) for f in FIELDS if f in found}
    cells = [
        cell
        for field, column in found.items()
        if FIELDS[field].kind == "date"
        for cell in (sample or {}).get(column, ())
    ]
    draft = replace(
        _as_found(base),
        columns=columns,
        date_formats=_date_formats(cells) or base.layout.date_formats,
        joined_modifiers=tuple(filter(None, [base.joined_modifiers or general.joined_modifiers])),
    )
    missing = [field for field in FIELDS if field not in base.fields() | columns.keys()]
    read = {*base.headers(), *found.values(), *draft.joined_modifiers}
    notes = [
        *(f'{field} = ""  # required' for field in missing if field in REQUIRED),
        *_unread([c for c in once if c not in read], _spellings(layouts, base.layout)),
        *(f"{_toml(c)}: several columns have this name" for c in header if c not in once),
        *(f'{field} = ""' for field in missing if field not in REQUIRED),
    ]
    intro = f"# Drafted from {len(header)} column names and layout {base.layout.name}: check it."
    return "\n".join([intro, *_written(draft, notes), ""])


def _closest(fits: Sequence[Fit]) -> Fit:
    """The layout that reads most, of those that could be meant: its constants are taken over."""
    likely = [
        fit
        for fit in fits
        if not fit.missing or fit.share >= ENOUGH_OF_LAYOUT or fit.match.layout.name == LAST_RESORT
    ]
    return max(likely or fits, key=lambda fit: (fit.rank, fit.share))


def _as_found(match: LayoutMatch) -> Layout:
    """A matched layout that names the file's own headers and nothing the file lacks."""
    layout, slots = match.layout, match.repeat.values()
    return replace(
        layout,
        name="my-layout",
        title="what this extract is",
        fallback=match.fallback,
        adjustment=replace(
            layout.adjustment,
            column=match.adjustment_column,
            reference=match.adjustment_reference,
        )
        if layout.adjustment and match.adjustment_column
        else None,
        repeat=replace(
            layout.repeat,
            columns={
                field: names
                for field, names in layout.repeat.columns.items()
                if any(field in slot for slot in slots)
            },
        )
        if layout.repeat and match.repeat
        else None,
    )


def _date_formats(cells: Sequence[str]) -> tuple[str, ...]:
    """The fewest formats that read the cells, the most frequent first; unreadable ones aside.

    All date columns are looked at together, so that a day above 12 in one of them settles
    whether day or month comes first in the others.
    """
    left = pl.Series("cell", cells, pl.String).to_frame().select(trimmed(pl.col("cell")))
    formats: list[str] = []
    while left.height:
        reads = left.select(
            as_date(pl.col("cell"), [name]).count().alias(name) for name in DATE_SHAPES
        ).row(0, named=True)
        best = max(reads, key=lambda name: int(reads[name]))
        if not reads[best]:
            break
        formats.append(best)
        left = left.filter(as_date(pl.col("cell"), [best]).is_null())
    return tuple(formats)


def _spellings(layouts: Mapping[str, Layout], base: Layout) -> dict[str, str]:
    """Every name that the base and the last resort know, in compared form, with its field."""
    known = [base, layouts.get(LAST_RESORT, base)]
    pairs = [(f, names) for layout in known for f, names in layout.columns.items()]
    return {normalise(name): field for field, names in pairs for name in (field, *names)}


def _unread(columns: Iterable[str], spellings: Mapping[str, str]) -> Iterator[str]:
    for column in columns:
        near = get_close_matches(normalise(column), spellings, n=1, cutoff=CLOSE)
        guess = f"nearest field {spellings[near[0]]}" if near else "no field is near"
        yield f"{_toml(column)}: {guess}"


def _written(layout: Layout, notes: Iterable[str]) -> Iterator[str]:
    """The lines of a layout file; the notes stand as comments under the columns."""
    yield from _pairs({"name": layout.name, "title": layout.title})
    if layout.date_formats:
        yield from ["", "[dates]", *_pairs({"formats": layout.date_formats})]
    yield from [
        "",
        "[columns]",
        *_pairs(_singles(layout.columns)),
        *(f"# {note}" for note in notes),
    ]
    if layout.fallback:
        yield from ["", "[fallback]", *_pairs(layout.fallback)]
    if layout.constants:
        yield from ["", "[constants]", *_pairs(layout.constants)]
    if layout.joined_modifiers:
        yield from ["", "[modifiers]", *_pairs({"joined": layout.joined_modifiers})]
    if layout.adjustment:
        yield from ["", "[adjustment]", *_pairs(vars(layout.adjustment))]
    if layout.repeat:
        yield from ["", "[repeat]", f"count = {layout.repeat.count}"]
        yield from ["", "[repeat.columns]", *_pairs(_singles(layout.repeat.columns))]


def _pairs(values: Mapping[str, str | tuple[str, ...] | None]) -> Iterator[str]:
    for key, value in values.items():
        if isinstance(value, tuple) and value:
            yield f"{key} = [{', '.join(map(_toml, value))}]"
        elif isinstance(value, str):
            yield f"{key} = {_toml(value)}"


def _singles(columns: Mapping[str, tuple[str, ...]]) -> dict[str, str | tuple[str, ...]]:
    """Columns with one name each, where there is only one."""
    return {field: names if names[1:] else names[0] for field, names in columns.items()}


def _toml(text: str) -> str:
    """A TOML basic string: JSON's escapes, and the one control character JSON leaves alone."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
