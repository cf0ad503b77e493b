"""How a text file is written, read off its head: encoding, delimiter, quoting, header.

Whatever is declared wins over what is probed.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Final

from claim_audit import errors
from claim_audit.ingest.sources import BLOCK_BYTES, Source, StoredBytes

SAMPLE_BYTES: Final = 256 << 10
DELIMITERS: Final = (",", "\t", "|", ";", "~")
ROW_COLUMN: Final = "source_row"

_SPELLED_OUT: Final = {"tab": "\t", "\\t": "\t", "pipe": "|", "comma": ",", "semicolon": ";"}
_BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UNDECODABLE: Final = re.compile("[\udc80-\udcff]")
_MULTI_BYTE: Final = re.compile("[^\x00-\x7f\udc80-\udcff]")
_UNDEFINED_IN_CP1252: Final = re.compile("[\udc81\udc8d\udc8f\udc90\udc9d]")

Transcoder = Callable[[bytes, bool], bytes]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one text file is written.

    ``header`` holds one distinct name a column; the names that stood in the file more than once
    are in ``ambiguous``. ``head`` counts the bytes of text, as UTF-8, before the first data
    record, ``header_lines`` and ``blank_lines`` the physical lines in them. While an encoding is
    not ``settled`` the rest of the file may still prove it to be cp1252.
    """

    encoding: str
    settled: bool
    delimiter: str
    quote: str
    line_end: bytes
    header: tuple[str, ...]
    ambiguous: tuple[str, ...]
    head: int
    header_lines: int
    blank_lines: int


def examine(
    source: Source,
    *,
    delimiter: str | None = None,
    quote: str | None = None,
    encoding: str | None = None,
) -> Dialect:
    """Read the head of a text file; ``quote=""`` declares that nothing is quoted.

    Raises ``empty_file``, ``not_text``, ``unknown_encoding``, ``bad_delimiter``, ``bad_quote``
    and what reading the stored bytes raises.
    """
    with StoredBytes(source) as stored:
        sample = stored.read(SAMPLE_BYTES)
        whole = not stored.read(1)
    encoding, settled = _encoding(source, sample, encoding)
    text = transcoder(source, encoding)(sample, whole)
    line_end = b"\r" if b"\r" in text and b"\n" not in text else b"\n"
    text = text.replace(b"\r", b"\n") if line_end == b"\r" else text
    lines = io.BytesIO(text.removeprefix(codecs.BOM_UTF8)).readlines()
    if not whole and len(lines) > 1:
        lines.pop()
    blank_lines = next((at for at, line in enumerate(lines) if line.strip()), -1)
    if blank_lines < 0:
        raise errors.empty_file(source.name)

    records = lines[blank_lines:]
    quote = _declared_quote(quote) if quote is not None else _quote(records[0])
    delimiter = _declared_delimiter(delimiter, quote) if delimiter else _delimiter(records, quote)
    header_lines = _lines_of_header(records, quote)
    record = b"".join(records[:header_lines])
    if b"\0" in record:
        raise errors.not_text(source.name)
    header, ambiguous = _names(_cells(source, record, delimiter, quote))
    return Dialect(
        encoding=encoding,
        settled=settled,
        delimiter=delimiter,
        quote=quote,
        line_end=line_end,
        header=header,
        ambiguous=ambiguous,
        head=text.startswith(codecs.BOM_UTF8) * len(codecs.BOM_UTF8)
        + sum(map(len, lines[: blank_lines + header_lines])),
        header_lines=header_lines,
        blank_lines=blank_lines,
    )


def transcoder(source: Source, encoding: str) -> Transcoder:
    """What turns blocks of a file into UTF-8; called with a block and whether it is the last.

    Bytes that mean nothing in the encoding stay bytes that are no UTF-8, so that the records that
    hold them are found. Raises ``encoding_cut_off``.
    """
    if encoding == "utf-8":
        return lambda block, final: block
    lost = "surrogatepass" if encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"
    decoder = codecs.getincrementaldecoder(encoding)(lost)

    def transcode(block: bytes, final: bool) -> bytes:
        try:
            return decoder.decode(block, final).encode("utf-8", lost)
        except UnicodeDecodeError as error:
            raise errors.encoding_cut_off(source.name, encoding) from error

    return transcode


def survey(source: Source) -> str:
    """Whether a file that holds bytes that are no UTF-8 is cp1252 or damaged UTF-8, by all of it.

    It is cp1252 when nothing in it is a multi-byte UTF-8 character and every byte is defined
    there.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    with StoredBytes(source) as stored:
        for block in stored.blocks(BLOCK_BYTES):
            if block.isascii():
                continue
            text = decoder.decode(block)
            if _MULTI_BYTE.search(text) or _UNDEFINED_IN_CP1252.search(text):
                return "utf-8"
    return "cp1252"


def is_utf8(text: bytes) -> bool:
    """Whether the bytes are well-formed UTF-8."""
    if text.isascii():
        return True
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _encoding(source: Source, sample: bytes, declared: str | None) -> tuple[str, bool]:
    if declared:
        try:
            "a".encode(declared)
        except LookupError as error:
            raise errors.unknown_encoding(declared) from error
        name = codecs.lookup(declared).name
        return ("utf-8" if name == "utf-8-sig" else name), True
    for mark, name in _BYTE_ORDER_MARKS:
        if sample.startswith(mark):
            return name, True
    for first, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if sample[first::2].count(0) > len(sample) // 4:
            return name, True
    text = sample.decode("utf-8", "surrogateescape")
    cut = text.rstrip()[:-3] if len(sample) == SAMPLE_BYTES else text
    return (survey(source), True) if _UNDECODABLE.search(cut) else ("utf-8", False)


def _declared_delimiter(declared: str, quote: str) -> str:
    delimiter = _SPELLED_OUT.get(declared, declared)
    if (
        len(delimiter) != 1
        or not delimiter.isascii()
        or delimiter.isalnum()
        or delimiter in {"\r", "\n", "\0", quote}
    ):
        raise errors.bad_delimiter(declared)
    return delimiter


def _declared_quote(declared: str) -> str:
    if declared and (len(declared) != 1 or not declared.isascii() or declared.isalnum()):
        raise errors.bad_quote(declared)
    return declared


def _quote(header: bytes) -> str:
    cells = header.strip().strip(b"'")
    return "'" if header.startswith(b"'") and b"'" in cells and b'"' not in cells else '"'


def _delimiter(records: list[bytes], quote: str) -> str:
    quoted = re.compile(b"%b[^%b]*%b" % ((re.escape(quote.encode()),) * 3)) if quote else None
    bare = [quoted.sub(b"", record) if quoted else record for record in records]

    def evidence(delimiter: str) -> tuple[float, int]:
        counts = [record.count(delimiter.encode()) for record in bare if record.strip()]
        return counts[0] * counts.count(counts[0]) / len(counts), counts[0]

    return max(DELIMITERS, key=evidence)


def _lines_of_header(records: list[bytes], quote: str) -> int:
    open_quotes = 0
    for lines, record in enumerate(records, start=1):
        open_quotes ^= record.count(quote.encode()) & 1 if quote else 0
        if not open_quotes:
            return lines
    return 1


def _cells(source: Source, record: bytes, delimiter: str, quote: str) -> list[str]:
    quoting = {"quotechar": quote} if quote else {"quoting": csv.QUOTE_NONE}
    text = io.StringIO(record.decode("utf-8", "replace"), newline="")
    try:
        cells = next(csv.reader(text, delimiter=delimiter, **quoting))
    except csv.Error as error:
        raise errors.not_text(source.name) from error
    return [" ".join(cell.replace("\ufeff", "").strip(" \t\"'").split()) for cell in cells]


def _names(cells: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Distinct names for header cells, and those that stood there more than once."""
    given = [cell or f"column_{number}" for number, cell in enumerate(cells, start=1)]
    reserved = {ROW_COLUMN, *given}
    names: list[str] = []
    taken = {ROW_COLUMN}
    for name in given:
        numbered = (f"{name}_{number}" for number in count(2))
        unique = name if name not in taken else next(n for n in numbered if n not in reserved)
        reserved.add(unique)
        taken.add(unique)
        names.append(unique)
    ambiguous = tuple(name for name, times in Counter(given).items() if times > 1)
    return tuple(names), ambiguous
