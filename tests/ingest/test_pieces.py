"""A file in pieces: the same records, rejects and counts as the file read through."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from claim_audit import sample
from claim_audit.errors import InternalError
from claim_audit.ingest import heads, read_through
from claim_audit.ingest.layouts import builtin, match
from claim_audit.ingest.pieces import assembled, can_be_cut, land, outline
from claim_audit.ingest.records import Place

DIRTY = Path(__file__).parents[2] / "sample_claims" / "dirty" / "claims.csv"


def head_of(path: Path, work: Path):
    (head,), _ = heads([path], work=work, match=lambda n, h: match(n, h, builtin(), None))
    return head


def written(path: Path, *, lines: int = 2000, damage: str = "") -> Path:
    sample.write(path, lines=lines, seed=11, format="csv", error_rate=0.1)
    file = path / "claims.csv"
    text = file.read_text().splitlines(keepends=True)
    for at in range(40, len(text), 97):
        text[at] = damage + text[at]
    file.write_text("".join(text))
    return file


@pytest.mark.parametrize("piece_bytes", [1 << 12, 30_001, 1 << 17])
@pytest.mark.parametrize("damage", ["", 'a stray "quote,\n', '"open\n', "\n", "x,y\n", "nul\0\n"])
def test_pieces_hold_what_the_file_holds(tmp_path: Path, piece_bytes: int, damage: str) -> None:
    head = head_of(written(tmp_path / "claims", damage=damage), tmp_path)
    assert can_be_cut(head, piece_bytes)
    outlined = outline(head.source, head.content, piece_bytes)
    assert outlined is not None
    assert len(outlined.pieces) > 1
    landed = [
        (path, land(head.source, head.content, piece, path))
        for piece in outlined.pieces
        for path in [tmp_path / f"piece-{piece.number}.parquet"]
    ]
    file, rejects = assembled(head, outlined, landed)
    whole, whole_rejects = read_through(head, tmp_path)
    file.accounting.check()
    assert file.accounting == whole.accounting
    assert (file.bytes, file.sha256, file.schema) == (whole.bytes, whole.sha256, whole.schema)
    assert_frame_equal(rejects, whole_rejects)
    assert_frame_equal(file.raw.collect(), whole.raw.collect())


def test_a_dirty_file_too(tmp_path: Path) -> None:
    head = head_of(DIRTY, tmp_path)
    outlined = outline(head.source, head.content, 2000)
    if outlined is None:
        pytest.fail("the dirty sample is UTF-8")
    paths = {piece: tmp_path / f"{piece.number}.piece" for piece in outlined.pieces}
    landed = [(path, land(head.source, head.content, p, path)) for p, path in paths.items()]
    file, rejects = assembled(head, outlined, landed)
    whole, whole_rejects = read_through(head, tmp_path)
    assert file.accounting == whole.accounting
    assert_frame_equal(rejects, whole_rejects)
    assert_frame_equal(file.raw.collect(), whole.raw.collect())


def test_a_piece_that_holds_other_records_breaks_the_identity(tmp_path: Path) -> None:
    head = head_of(written(tmp_path / "claims"), tmp_path)
    outlined = outline(head.source, head.content, 30_000)
    assert outlined is not None
    piece = outlined.pieces[1]
    begin = Place(piece.begin.offset, piece.begin.line, piece.begin.row + 1)
    moved = type(piece)(piece.number, begin, piece.end)
    with pytest.raises(InternalError, match="piece 2"):
        land(head.source, head.content, moved, tmp_path / "piece.parquet")


def test_cp1252_is_not_cut(tmp_path: Path) -> None:
    file = written(tmp_path / "claims")
    head = head_of(file, tmp_path)
    text = file.read_bytes().splitlines(keepends=True)
    text[-1] = text[-1].replace(b"\n", b"\xe9\n")
    file.write_bytes(b"".join(text))
    assert outline(head.source, head.content, 1 << 12) is None


def test_rows_are_numbered_through(tmp_path: Path) -> None:
    head = head_of(written(tmp_path / "claims"), tmp_path)
    outlined = outline(head.source, head.content, 30_000)
    assert outlined is not None
    last = outlined.pieces[-1]
    land(head.source, head.content, last, tmp_path / "last.parquet")
    rows = pl.read_parquet(tmp_path / "last.parquet")["source_row"]
    assert rows.to_list() == list(range(last.begin.row, last.end.row))
