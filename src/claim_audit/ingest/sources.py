"""Which files make up an extract, what each of them is, and their bytes.

What a file is, its first bytes say; its name only decides whether a folder's file is taken.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Literal, Self

import pyarrow as pa
import pyarrow.parquet as pq

from claim_audit import errors

Compression = Literal["gzip", "zstd"]
Format = Literal["csv", "parquet"]
Progress = Callable[[str, int, int], None]
"""Called with a file's name, the stored bytes read so far, and how many there are."""

BLOCK_BYTES: Final = 16 << 20

DATA_SUFFIXES: Final = (".csv", ".tsv", ".txt", ".psv", ".dat", ".parquet", ".pq")
COMPRESSED_SUFFIXES: Final = (".gz", ".zst")
OWN_MARK: Final = "claim_audit"
OWN_TABLE_KEY: Final = b"claim_audit.table"

_LAKEHOUSES: Final = {
    "Delta": "_delta_log",
    "Hudi": ".hoodie",
    "Iceberg": "metadata/*.metadata.json",
}
"""What lies in the folder of a table whose files hold rows that are no longer in it."""

_PARQUET_MAGIC: Final = b"PAR1"
_COMPRESSION_MAGIC: Final[dict[bytes, Compression]] = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
}
_UNREAD_MAGIC: Final = {
    b"PARE": "an encrypted Parquet file",
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ": "an xz file",
    b"7z\xbc\xaf": "a 7z archive",
    b"ARROW1": "an Arrow or Feather file",
    b"ORC": "an ORC file",
    b"Obj\x01": "an Avro file",
    b"SQLite format 3": "an SQLite database",
    b"%PDF": "a PDF",
}
_INFLATE_STEP: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Source:
    """One input file: its 1-based number in the extract, where it is, and its name in reports."""

    number: int
    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class Found:
    """The files of an extract in order, and what lay beside them and is not read, with why."""

    sources: tuple[Source, ...]
    skipped: tuple[str, ...]


def discover(inputs: Sequence[str | Path]) -> Found:
    """Turn files, folders and globs into a sorted list of distinct files.

    A file that is named is always taken. In a folder only names with a data suffix are, and
    neither hidden ones, nor what begins with an underscore, nor this program's own outputs.

    Raises ``input_missing``, ``glob_without_match``, ``folder_without_data``, ``not_a_file``,
    ``no_inputs``, ``lakehouse_folder``.
    """
    if not all(map(str, inputs)) or not inputs:
        raise errors.no_inputs()
    files: list[Path] = []
    skipped: dict[Path, str] = {}
    for given in inputs:
        for path in _expand(str(given)):
            if path.is_dir():
                inside, beside = _folder(path)
                if not inside:
                    raise errors.folder_without_data(
                        str(given),
                        " ".join(DATA_SUFFIXES),
                        tuple(
                            f"{_text(file.relative_to(_absolute(path)))} ({why})"
                            for file, why in beside.items()
                        ),
                    )
                files += inside
                skipped |= beside
            elif path.is_file():
                files.append(path)
            else:
                raise errors.not_a_file(str(given))

    distinct: dict[Path, Path] = {}
    for path in sorted({_absolute(file) for file in files}, key=lambda p: p.parts):
        distinct.setdefault(path.resolve(), path)
    ordered = tuple(distinct.values())
    base = Path(os.path.commonpath([path.parent for path in ordered]))
    return Found(
        tuple(
            Source(number, path, _text(path.relative_to(base)))
            for number, path in enumerate(ordered, start=1)
        ),
        tuple(
            f"{_text(Path(os.path.relpath(path, base)))}: {why}"
            for path, why in sorted(skipped.items())
            if path.resolve() not in distinct
        ),
    )


def _absolute(path: str | Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 (links keep the name they were given by)


def _expand(given: str) -> list[Path]:
    path = Path(given)
    if path.exists():
        return [path]
    if path.is_symlink() or not glob.has_magic(given):
        raise errors.input_missing(given)
    matches = sorted(glob.glob(given, recursive=True))  # noqa: PTH207 (absolute patterns too)
    if not matches:
        raise errors.glob_without_match(given)
    return [Path(match) for match in matches]


def _folder(folder: Path) -> tuple[list[Path], dict[Path, str]]:
    taken: list[Path] = []
    skipped: dict[Path, str] = {}

    def refuse(error: OSError) -> None:
        raise errors.unreadable_file(str(error.filename), error.strerror or "unreadable")

    for at, folders, names in os.walk(folder, onerror=refuse):
        here = _absolute(at)
        refuse_lakehouse(here)
        if _is_finished_run(here):
            skipped[here] = "a finished run of claim-audit"
            folders.clear()
            continue
        for name in folders:
            if why := _private(name) or _linked(here / name):
                skipped[here / name] = why
        folders[:] = sorted(name for name in folders if here / name not in skipped)
        for name in names:
            path = here / name
            if why := _private(name) or _no_data(path):
                skipped[path] = why
            else:
                taken.append(path)
    return taken, skipped


def refuse_lakehouse(folder: Path) -> None:
    """Raise ``lakehouse_folder`` for the folder of a table that is not the sum of its files."""
    for kind, mark in _LAKEHOUSES.items():
        if any(folder.glob(mark)):
            raise errors.lakehouse_folder(str(folder), kind)


def _private(name: str) -> str:
    return {".": "a hidden name", "_": "a name beginning with _"}.get(name[:1], "")


def _linked(folder: Path) -> str:
    return "a linked folder" if folder.is_symlink() else ""


def _no_data(path: Path) -> str:
    name = path.name.lower()
    for suffix in COMPRESSED_SUFFIXES:
        name = name.removesuffix(suffix)
    if not name.endswith(DATA_SUFFIXES):
        return "not a data file, by its ending"
    if not path.is_file():
        return "not a regular file"
    table = _own_table(path)
    return f"a table written by claim-audit ({table})" if table else ""


def _is_finished_run(folder: Path) -> bool:
    try:
        manifest = json.loads((folder / "manifest.json").read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and OWN_MARK in manifest


def _own_table(path: Path) -> str:
    try:
        with path.open("rb") as file:
            if file.read(4) != _PARQUET_MAGIC:
                return ""
        metadata = pq.read_metadata(path).metadata or {}
    except (OSError, pa.ArrowException):
        return ""
    return str(metadata.get(OWN_TABLE_KEY, b""), "utf-8", "replace")


def _text(path: Path) -> str:
    return path.as_posix().encode("utf-8", "backslashreplace").decode()


class StoredBytes:
    """The content of a stored file, decompressed as a stream; its bytes hashed as they pass.

    ``stored`` counts the bytes as stored, ``content`` those handed out. :meth:`read` raises
    ``unreadable_file``, ``cut_off`` or ``damaged_compression``.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.stored = 0
        self.content = 0
        self._digest = hashlib.sha256()
        self._hand = ThreadPoolExecutor(1, thread_name_prefix="sha256")
        self._hashed: Future[None] | None = None
        try:
            self._file: BinaryIO = source.path.open("rb")
            self.size = os.fstat(self._file.fileno()).st_size
            start = self._file.read(4)
            self._file.seek(0)
        except OSError as error:
            raise _refused(source, error) from error
        self.compression: Compression | None = next(
            (kind for magic, kind in _COMPRESSION_MAGIC.items() if start.startswith(magic)), None
        )
        if self.compression:
            tee = pa.PythonFile(_Tee(self), mode="r")
            self._inflated = pa.CompressedInputStream(tee, self.compression)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._hand.shutdown()
        self._file.close()

    def read(self, size: int) -> bytes:
        """The next ``size`` bytes of content, fewer only at its end."""
        try:
            block = self._inflate(size) if self.compression else self.read_stored(size)
        except OSError as error:
            if "Truncated" in str(error):
                raise errors.cut_off(self.source.name, self.content) from error
            kind = self.compression or "compressed"
            raise errors.damaged_compression(self.source.name, kind, self.content) from error
        if not self.compression:
            self.content += len(block)
        return block

    def _inflate(self, size: int) -> bytes:
        pieces: list[bytes] = []
        wanted = size
        while wanted and (piece := self._inflated.read(min(wanted, _INFLATE_STEP))):
            pieces.append(piece)
            wanted -= len(piece)
            self.content += len(piece)
        return b"".join(pieces)

    def read_stored(self, size: int) -> bytes:
        """The next bytes as stored, on their way through the hash."""
        try:
            block = self._file.read(size)
        except OSError as error:
            raise _refused(self.source, error) from error
        self.stored += len(block)
        if self._hashed:
            self._hashed.result()
        self._hashed = self._hand.submit(self._digest.update, block)
        return block

    def blocks(self, size: int) -> Iterator[bytes]:
        """All the content, in blocks of ``size`` bytes."""
        while block := self.read(size):
            yield block

    def sha256(self) -> str:
        """The hash of the stored bytes, complete once :meth:`read` has come to the end."""
        if self._hashed:
            self._hashed.result()
        return self._digest.hexdigest()


class _Tee:
    """The stored bytes as Arrow wants to read them."""

    closed = False

    def __init__(self, stored: StoredBytes) -> None:
        self._stored = stored

    def read(self, size: int) -> bytes:
        return self._stored.read_stored(size)


def _refused(source: Source, error: OSError) -> errors.ClaimAuditError:
    return errors.unreadable_file(source.name, error.strerror or "unreadable")


def sniff(source: Source) -> tuple[Format, Compression | None]:
    """What the first bytes of a file, decompressed if need be, say that it is.

    Raises ``empty_file``, ``unsupported_format`` and what reading raises.
    """
    with StoredBytes(source) as stored:
        start = stored.read(16)
        compression = stored.compression
    if not start:
        raise errors.empty_file(source.name)
    for magic, kind in _UNREAD_MAGIC.items():
        if start.startswith(magic):
            raise errors.unsupported_format(source.name, kind)
    return ("parquet" if start.startswith(_PARQUET_MAGIC) else "csv"), compression


def fingerprint(source: Source, on_progress: Progress | None) -> tuple[int, str]:
    """Size and SHA-256 of a file as stored."""
    with StoredBytes(source) as stored:
        while stored.read_stored(BLOCK_BYTES):
            if on_progress:
                on_progress(source.name, stored.stored, stored.size)
        return stored.stored, stored.sha256()
