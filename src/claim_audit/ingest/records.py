"""The structure pass: where each record begins and ends, before any parser sees the text.

A stretch of text that is RFC 4180 throughout and holds the right number of fields in every record
goes on whole. Any other stretch is taken line by line: what is no record of the file becomes a
reject with its line number, and the next line starts afresh, so that one stray quote costs one
record. Both roads see quotes, delimiters and line ends as bitmaps, 64 bytes of text in a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from claim_audit import errors
from claim_audit.ingest.probe import Dialect, is_utf8

LONGEST_RECORD: Final = 1 << 20
"""A quote that has not closed within so many bytes of its record is a stray one."""
LONGEST_LINE: Final = 64 << 20
TELLING_FIELDS: Final = 8
"""In files this wide, lines that each hold exactly a record's delimiters are records, though a
quote opened in one of them and closed in another could join them."""
RAW_CHARACTERS: Final = 10_000

REJECTS: Final = pl.Schema(
    {
        "source_file": pl.String,
        "line_number": pl.Int64,
        "reason": pl.String,
        "expected_fields": pl.Int64,
        "found_fields": pl.Int64,
        "raw": pl.String,
    }
)

Words = NDArray[np.uint64]
Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]
Ending = Literal["whole", "unclosed", "text after quote", "carriage return", "unfinished"]

_NEWLINE: Final = 10
_RETURN: Final = 13
_SHIFTS: Final = (1, 2, 4, 8, 16, 32)
_REASONS: Final[dict[Ending, str]] = {
    "unclosed": "a quote opens and does not close",
    "text after quote": "text after a closing quote",
    "carriage return": "a carriage return inside the record",
}


class EncodingInDoubtError(Exception):
    """Bytes that are no UTF-8 in a file whose encoding is not settled."""


@dataclass(frozen=True, slots=True)
class Reject:
    """A record that cannot be a claim line, with the physical line it begins on."""

    line_number: int
    reason: str
    found_fields: int
    raw: str


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a file.

    ``text`` holds its good records and nothing else, ``rows`` their 1-based numbers among the
    records of the file, rejects counted; ``size`` counts all the bytes it takes. With
    ``breaks_in_cells`` a line end may stand in quotes.
    """

    text: memoryview
    size: int
    rows: NDArray[np.uint32]
    first_line: int
    lines: int
    records: int
    blank_lines: int
    embedded_newlines: int
    longest_record: int
    breaks_in_cells: bool
    rejects: tuple[Reject, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Place:
    """A place between two records: the bytes of text before it, as UTF-8, and the numbers of the
    physical line and of the record that follow."""

    offset: int
    line: int
    row: int


def first_record(dialect: Dialect) -> Place:
    """Where the records of a file begin."""
    return Place(dialect.head, 1 + dialect.header_lines + dialect.blank_lines, 1)


@dataclass(slots=True)
class LineCount:
    """Physical lines, counted on blocks of bytes as they come; a last line needs no line end."""

    newlines: int = 0
    open_line: bool = False

    def add(self, block: bytes) -> None:
        """Count one block."""
        self.newlines += int(np.count_nonzero(np.frombuffer(block, np.uint8) == _NEWLINE))
        self.open_line = not block.endswith(b"\n")

    @property
    def lines(self) -> int:
        """The lines so far."""
        return self.newlines + self.open_line


def scan(
    blocks: Iterable[bytes], dialect: Dialect, name: str, begin: Place | None = None
) -> Iterator[Part]:
    """Find the records of a text that comes in blocks of UTF-8, header first, or from ``begin``.

    The parts do not depend on how the text is cut into blocks, only their sizes do. Raises
    ``line_too_long``, and :class:`EncodingInDoubtError` unless the dialect's encoding is settled.
    """
    head = 0 if begin else dialect.head
    begin = begin or first_record(dialect)
    line, row, carry = begin.line, begin.row, b""
    for block, final in _with_last(blocks):
        text = carry + block if carry else block
        if head:
            skipped = min(head, len(text))
            head -= skipped
            text = text[skipped:]
        size = len(text) if final else text.rfind(b"\n") + 1
        if not size:
            carry = text
            if len(carry) > LONGEST_LINE:
                raise errors.line_too_long(name, line, LONGEST_LINE)
            continue
        part, used = _part(_Stretch(text, size, final), dialect, line, row)
        line += part.lines
        row += part.records
        carry = text[used:]
        yield part


def _with_last(blocks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    held = b""
    for block in blocks:
        if held:
            yield held, False
        held = block
    yield held, True


def rejects_frame(rejects: Sequence[Reject], name: str, fields: int) -> pl.DataFrame:
    """Rejects as rows of the rejects table."""
    return pl.DataFrame(
        {
            "source_file": [name] * len(rejects),
            "line_number": [reject.line_number for reject in rejects],
            "reason": [reject.reason for reject in rejects],
            "expected_fields": [fields] * len(rejects),
            "found_fields": [reject.found_fields for reject in rejects],
            "raw": [reject.raw for reject in rejects],
        },
        schema=REJECTS,
    )


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The first ``size`` bytes of a text: whole lines, except perhaps for the last of a file."""

    text: bytes
    size: int
    final: bool


@dataclass(frozen=True, slots=True)
class _Marks:
    """The bytes that give a text its structure; a last line without an end gets one."""

    delimiters: Words
    quotes: Words
    returns: Words
    newlines: Words
    ends: Numbers


def _part(stretch: _Stretch, dialect: Dialect, line: int, row: int) -> tuple[Part, int]:
    text, size = stretch.text, stretch.size
    marks = _mark(stretch, dialect)
    fields = len(dialect.header)
    sound = is_utf8(text if size == len(text) else text[:size])
    if not sound and not dialect.settled:
        raise EncodingInDoubtError
    if sound and text.find(b"\0", 0, size) < 0 and fields > 1:
        ends = _clean_ends(marks, fields, stretch)
        if ends is not None:
            used = min(int(ends[-1]) + 1, size)
            lines = int(np.searchsorted(marks.ends, ends[-1], side="right"))
            return Part(
                text=memoryview(text)[:used],
                size=used,
                rows=np.arange(row, row + len(ends), dtype=np.uint32),
                first_line=line,
                lines=lines,
                records=len(ends),
                blank_lines=0,
                embedded_newlines=lines - len(ends),
                longest_record=_longest(ends),
                breaks_in_cells=_breaks_in_cells(marks, _inside(marks.quotes)),
            ), used
    return _Careful(stretch, dialect, marks, sound).part(line, row)


def _mark(stretch: _Stretch, dialect: Dialect) -> _Marks:
    letters = np.frombuffer(stretch.text, np.uint8, stretch.size)
    ends = np.flatnonzero(letters == _NEWLINE)
    quotes = letters == ord(dialect.quote) if dialect.quote else np.zeros(0, np.bool_)
    size = len(letters)
    newlines = _bits(letters == _NEWLINE, size)
    if stretch.final and size and letters[-1] != _NEWLINE:
        ends = np.append(ends, size)
        newlines[size >> 6] |= np.uint64(1 << (size & 63))
    return _Marks(
        delimiters=_bits(letters == ord(dialect.delimiter), size),
        quotes=_bits(quotes, size),
        returns=_bits(letters == _RETURN, size),
        newlines=newlines,
        ends=ends,
    )


def _clean_ends(marks: _Marks, fields: int, stretch: _Stretch) -> Numbers | None:
    """Where the records end, if all of the text is well-formed and every record has its fields."""
    inside = _inside(marks.quotes)
    quoted_ends = _at(inside, marks.ends)
    ends = marks.ends[~quoted_ends]
    if not len(ends):
        return None
    rest = stretch.size - 1 - int(ends[-1])
    if rest > (0 if stretch.final else LONGEST_RECORD) or _longest(ends) > LONGEST_RECORD:
        return None
    if int(_rank(_misplaced(marks, inside), ends[-1:])[0]):
        return None
    if np.any(_per_line(marks.delimiters & ~inside, ends) != fields - 1):
        return None
    if fields >= TELLING_FIELDS and np.any(
        _per_line(marks.delimiters, marks.ends)[quoted_ends] == fields - 1
    ):
        return None
    return ends


class _Careful:
    """The records of a damaged text, line by line; each line starts outside quotes."""

    def __init__(self, stretch: _Stretch, dialect: Dialect, marks: _Marks, sound: bool) -> None:
        self.stretch, self.dialect = stretch, dialect
        self.text, self.size = stretch.text, stretch.size
        self.fields = len(dialect.header)
        self.ends = marks.ends
        self.starts = np.concatenate(([0], marks.ends[:-1] + 1))
        self.delimiters = _per_line(marks.delimiters, marks.ends)
        marks = replace(marks, quotes=self._quoting(marks))
        self.quotes = _per_line(marks.quotes, marks.ends)
        odd = (self.quotes & 1).astype(np.bool_)
        inside = _inside(_flipped(marks.quotes, marks.ends[odd]))
        self.found = _per_line(marks.delimiters & ~inside, marks.ends) + 1
        self.breaks = _breaks_in_cells(marks, inside)
        self.damaged = _per_line(_misplaced(marks, inside), marks.ends) > 0

        letters = np.frombuffer(self.text, np.uint8, self.size)
        self.nul = self._holding(np.flatnonzero(letters == 0))
        self.garbled = self._holding(np.empty(0, np.int64))
        if not sound:
            for at in np.flatnonzero(self._holding(np.flatnonzero(letters > 127))):
                self.garbled[at] = not is_utf8(self.line(int(at)))
        self.spoiled = bool(self.nul.any() or self.garbled.any())
        first = letters[self.starts]
        empty = (first == _NEWLINE) | (first == _RETURN)
        self.doubtful = np.flatnonzero(
            (self.found != self.fields) | odd | self.damaged | self.nul | self.garbled | empty
        )

    def _quoting(self, marks: _Marks) -> Words:
        """The quotes of the lines that have one where a field begins; others are letters."""
        opening = marks.quotes & _after(marks.delimiters | marks.newlines)
        bare = _per_line(opening, self.ends) == 0
        borders = np.concatenate((self.starts[bare], self.ends[bare]))
        return marks.quotes & ~_inside(_flipped(np.zeros_like(marks.quotes), borders))

    def _holding(self, positions: Numbers) -> Flags:
        lines = np.zeros(len(self.ends), np.bool_)
        lines[np.searchsorted(self.ends, positions)] = True
        return lines

    def line(self, at: int) -> bytes:
        return self.text[self.starts[at] : self.ends[at]]

    def part(self, line: int, row: int) -> tuple[Part, int]:
        lines = len(self.ends)
        begins = np.ones(lines, np.bool_)
        rejected = np.zeros(lines, np.bool_)
        rejects: list[Reject] = []
        dropped: list[tuple[int, int]] = []
        blank = b" \t\r".replace(self.dialect.delimiter.encode(), b"")
        blank_lines = 0
        after = 0
        for at in self.doubtful.tolist():
            if at < after:
                continue
            after = at + 1
            if not self.line(at).strip(blank):
                begins[at] = False
                blank_lines += 1
                dropped.append((at, at))
                continue
            ending, last, found = self._record(at)
            if ending == "unfinished":
                lines = at
                break
            begins[at + 1 : last + 1] = False
            after = last + 1
            if reason := self._reason(at, last, ending, found):
                rejected[at] = True
                dropped.append((at, last))
                raw = self.text[self.starts[at] : self.ends[last]].removesuffix(b"\r")
                rejects.append(
                    Reject(
                        line + at,
                        reason,
                        found,
                        raw[: 4 * RAW_CHARACTERS].decode("utf-8", "replace")[:RAW_CHARACTERS],
                    )
                )
        used = self.size if lines == len(self.ends) else int(self.starts[lines])
        begins, rejected = begins[:lines], rejected[:lines]
        numbers = row - 1 + np.cumsum(begins)
        good = begins & ~rejected
        records = int(np.count_nonzero(begins))
        return Part(
            text=self._without(dropped, used),
            size=used,
            rows=numbers[good].astype(np.uint32),
            first_line=line,
            lines=lines,
            records=records,
            blank_lines=blank_lines,
            embedded_newlines=lines - records - blank_lines,
            longest_record=_longest(self.ends[:lines][np.append(begins[1:], True)[:lines]]),
            breaks_in_cells=self.breaks or lines > records + blank_lines,
            rejects=tuple(rejects),
        ), used

    def _record(self, at: int) -> tuple[Ending, int, int]:
        """How the record that begins on a line ends, on which line, and the fields found in it."""
        found = int(self.found[at])
        if not self.quotes[at]:
            return ("carriage return" if self.damaged[at] else "whole"), at, found
        ending, place, walked = _walk(self.stretch, int(self.starts[at]), self.dialect)
        last = int(np.searchsorted(self.ends, place))
        if ending == "unfinished" or last == at:
            return ending, at, walked if ending == "whole" else found
        if ending != "whole" or walked != self.fields or self._joins_records(at, last):
            return "unclosed", at, found
        return "whole", last, walked

    def _joins_records(self, at: int, last: int) -> bool:
        alone = self.delimiters[at : last + 1] == self.fields - 1
        return self.fields >= TELLING_FIELDS and bool(np.all(alone))

    def _reason(self, at: int, last: int, ending: Ending, found: int) -> str:
        if self.spoiled and self.nul[at : last + 1].any():
            return "a NUL byte"
        if self.spoiled and self.garbled[at : last + 1].any():
            return f"bytes that are not {self.dialect.encoding.upper()}"
        if self.ends[last] == self.size and (ending == "unclosed" or found < self.fields):
            return "cut off at the end of the file"
        if ending != "whole":
            return _REASONS[ending]
        if found != self.fields:
            return "too few fields" if found < self.fields else "too many fields"
        return ""

    def _without(self, dropped: list[tuple[int, int]], used: int) -> memoryview:
        view = memoryview(self.text)
        if not dropped:
            return view[:used]
        begins = [0, *(min(int(self.ends[last]) + 1, used) for _, last in dropped)]
        stops = [*(int(self.starts[at]) for at, _ in dropped), used]
        return memoryview(b"".join(view[a:b] for a, b in zip(begins, stops, strict=True)))


def _walk(stretch: _Stretch, start: int, dialect: Dialect) -> tuple[Ending, int, int]:
    """How the record at ``start`` ends, where that shows, and its number of fields so far."""
    text, size = stretch.text, stretch.size
    quote, delimiter = dialect.quote.encode(), dialect.delimiter.encode()
    deadline = start + LONGEST_RECORD
    position, found = start, 1
    while True:
        quoted = text.startswith(quote, position)
        if quoted:
            closing = position + 1
            while (closing := text.find(quote, closing, min(size, deadline))) >= 0:
                if not text.startswith(quote, closing + 1):
                    break
                closing += 2
            if closing < 0:
                out_of_reach = stretch.final or deadline <= size
                return ("unclosed" if out_of_reach else "unfinished"), start, found
            position = closing + 1
        newline = text.find(b"\n", position, size)
        end = newline if newline >= 0 else size
        separator = text.find(delimiter, position, end)
        rest = text[position : separator if separator >= 0 else end]
        if separator < 0:
            rest = rest.rstrip(b"\r")
        if quoted and rest:
            return "text after quote", position, found
        if b"\r" in rest:
            return "carriage return", position, found
        if separator < 0:
            return "whole", end, found
        position, found = separator + 1, found + 1


def _longest(ends: Numbers) -> int:
    return int(np.diff(ends, prepend=-1).max(initial=0))


# Bitmaps


def _bits(flags: Flags, size: int) -> Words:
    """One bit for each of ``size`` places and at least one place more."""
    words = np.zeros((size >> 6) + 1, np.uint64)
    packed = np.packbits(flags, bitorder="little")
    words.view(np.uint8)[: len(packed)] = packed
    return words


def _flipped(words: Words, places: Numbers) -> Words:
    flipped = words.copy()
    np.bitwise_xor.at(flipped, places >> 6, np.uint64(1) << (places & 63).astype(np.uint64))
    return flipped


def _at(words: Words, places: Numbers) -> Flags:
    bits = words[places >> 6] >> (places & 63).astype(np.uint64)
    return np.asarray(bits & np.uint64(1), np.bool_)


def _rank(words: Words, places: Numbers) -> Numbers:
    """How many bits are set before each place."""
    before = np.concatenate(([0], np.cumsum(np.bitwise_count(words), dtype=np.int64)))
    below = (np.uint64(1) << (places & 63).astype(np.uint64)) - np.uint64(1)
    word = places >> 6
    return np.asarray(before[word] + np.bitwise_count(words[word] & below), np.int64)


def _per_line(words: Words, ends: Numbers) -> Numbers:
    return np.diff(_rank(words, ends), prepend=0)


def _inside(quotes: Words) -> Words:
    """The places that an odd number of quotes leads up to, an opening quote included."""
    words = quotes.copy()
    for shift in _SHIFTS:
        words ^= words << np.uint64(shift)
    odd = np.bitwise_xor.accumulate(words >> np.uint64(63))
    words[1:] ^= np.uint64(0) - odd[:-1]
    return words


def _misplaced(marks: _Marks, inside: Words) -> Words:
    """Quotes inside a field, and carriage returns outside quotes that end no line."""
    edges = marks.delimiters | marks.newlines | marks.quotes
    line_ends = marks.newlines | marks.returns
    opening = marks.quotes & inside & ~_after(edges)
    closing = marks.quotes & ~inside & ~_before(edges | line_ends)
    returns = marks.returns & ~inside & ~_before(line_ends)
    return np.asarray(opening | closing | returns, np.uint64)


def _breaks_in_cells(marks: _Marks, inside: Words) -> bool:
    return bool(np.any((marks.newlines | marks.returns) & inside))


def _after(words: Words) -> Words:
    """The first place, and those next to which, on the left, a bit is set."""
    moved = words << np.uint64(1)
    moved[1:] |= words[:-1] >> np.uint64(63)
    moved[0] |= np.uint64(1)
    return moved


def _before(words: Words) -> Words:
    """The places next to which, on the right, a bit is set."""
    moved = words >> np.uint64(1)
    moved[:-1] |= words[1:] << np.uint64(63)
    return moved
