"""The folder of a run: built aside under a hidden name, renamed when it is complete.

Whoever sees a folder with the name of a run sees all of it. The manifest is written last. Folders
and files can be read by their owner only.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import polars as pl

from claim_audit import errors
from claim_audit.beside import side_by_side
from claim_audit.report import page
from claim_audit.report.tables import WRITERS
from claim_audit.stages import OnStage, Stages

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

    from claim_audit.pipeline import AuditResult

MANIFEST: Final = "manifest.json"
SUMMARY: Final = "summary.json"
PAGE: Final = "report.html"

FORMATS: Final = ("parquet", "csv")
NAME_CHARACTERS: Final = 24


def new_run_id(now: datetime, names: Iterable[str]) -> str:
    """A name for a run: time in UTC, the first input's name, and eight random hexadecimal digits.

    It sorts by time, and two runs that begin in one second have different names.
    """
    stem = PurePath(next(iter(names), "")).name.split(".")[0]
    word = re.sub("[^A-Za-z0-9]+", "-", stem)[:NAME_CHARACTERS].strip("-")
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    return "-".join(filter(None, (stamp, word, secrets.token_hex(4))))


def check(out: Path, run_id: str) -> None:
    """Make sure, before the long work, that a run of this name could be written.

    Raises:
        ClaimAuditError: a run of that name is there, or the folder cannot be written.
    """
    if os.path.lexists(out / run_id):
        raise errors.run_exists(out / run_id)
    nearest = next(folder for folder in (out, *out.absolute().parents) if os.path.lexists(folder))
    if not nearest.is_dir():
        raise errors.out_not_writable(out, f"{nearest} is not a folder")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise errors.out_not_writable(out, "no permission to write")


def write(
    result: AuditResult,
    out: Path,
    run_id: str,
    formats: Sequence[str] = FORMATS,
    on_stage: OnStage | None = None,
) -> Path:
    """Write tables, summary, page and manifest of a run into the new folder ``out/run_id``.

    Args:
        result: what the audit found.
        out: folder of the runs; made where it is missing.
        run_id: name of the new folder (see `AuditConfig.run_id` for its shape).
        formats: what the tables are written as, ``parquet`` and ``csv``.
        on_stage: called when the files are written.

    Returns:
        The folder.

    Raises:
        ClaimAuditError: a folder of that name is there, finished or not, and stays as it is; or
            nothing can be written to `out`. Whatever is raised, nothing is left behind.
    """
    target = out / run_id
    check(out, run_id)
    stages = Stages(on_stage)
    documents = list(_documents(result, run_id, formats))
    with ExitStack() as undo:
        try:
            _make(out, undo)
            aside = Path(tempfile.mkdtemp(prefix=f".{run_id}.partial-", dir=out))
            undo.callback(shutil.rmtree, aside, ignore_errors=True)
            _fill(aside, documents, {**result.manifest, "run_id": run_id}, stages)
            _claim(target, undo)
            aside.rename(target)
        except OSError as error:
            raise errors.out_not_writable(out, error.strerror or type(error).__name__) from error
        undo.pop_all()
    _sync(out)
    return target


def _make(out: Path, undo: ExitStack) -> None:
    """Make the folder and what is missing above it; on failure they go again."""
    missing = [folder for folder in (out, *out.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(exist_ok=True)
        undo.callback(_remove_if_empty, folder)


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def _claim(target: Path, undo: ExitStack) -> None:
    """Take the name: an empty folder, which a rename replaces in one step, or nobody's."""
    try:
        target.mkdir(mode=0o700)
    except FileExistsError:
        raise errors.run_exists(target) from None
    undo.callback(_remove_if_empty, target)


def _fill(
    folder: Path, documents: Iterable[_Document], manifest: Mapping[str, Any], stages: Stages
) -> None:
    with stages("write"):
        written = side_by_side(partial(_save, folder, document) for document in documents)
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    cost = stages.added_to(manifest["cost"])
    last = {**manifest, "cost": cost, "written_at": now, "files": written}
    _save(folder, _Document(MANIFEST, None, partial(_json, last)))
    _sync(folder)


@dataclass(frozen=True)
class _Document:
    """A file to write: its name, the rows of a table, and who writes it."""

    name: str
    rows: int | None
    write: Callable[[BinaryIO], None]


def _documents(result: AuditResult, run_id: str, formats: Sequence[str]) -> Iterator[_Document]:
    """What is written; the exceptions as CSV and the page, which take longest, begin."""
    tables = [
        _Document(f"{name}.{ending}", table.height, partial(WRITERS[ending], table, name))
        for name, table in result.tables.items()
        for ending in sorted(formats)
    ]
    yield from tables[:1]
    yield _Document(PAGE, None, partial(_page, result, run_id, formats))
    yield from tables[1:]
    yield _Document(SUMMARY, None, partial(_json, result.summary))


def _json(content: Any, file: BinaryIO) -> None:
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False, default=str)
    _text(text + "\n", file)


def _page(result: AuditResult, run_id: str, formats: Sequence[str], file: BinaryIO) -> None:
    _text(page.render(result, run_id, formats), file)


def _text(text: str, file: BinaryIO) -> None:
    file.write(text.encode())


class _Sink(io.BufferedIOBase, BinaryIO):
    """A file that keeps the SHA-256 of what is written to it, and the error that stopped it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()
        self.bytes = 0
        self.failure: OSError | None = None

    def writable(self) -> bool:
        return True

    def write(self, block: ReadableBuffer, /) -> int:
        try:
            self._file.write(block)
        except OSError as error:
            self.failure = error
            raise
        self.sha256.update(block)
        size = memoryview(block).nbytes
        self.bytes += size
        return size


def _save(folder: Path, document: _Document) -> dict[str, Any]:
    """Write one file through to the disk; what the manifest says of it."""
    descriptor = os.open(folder / document.name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        sink = _Sink(file)
        try:
            document.write(sink)
        except pl.exceptions.PolarsError:
            if sink.failure:
                raise sink.failure from None
            raise
        file.flush()
        os.fsync(file.fileno())
    return {
        "file": document.name,
        "bytes": sink.bytes,
        "sha256": sink.sha256.hexdigest(),
        "rows": document.rows,
    }


def _sync(folder: Path) -> None:
    """Make new names in a folder last, where the file system can."""
    descriptor = os.open(folder, os.O_RDONLY)
    with suppress(OSError):
        os.fsync(descriptor)
    os.close(descriptor)
