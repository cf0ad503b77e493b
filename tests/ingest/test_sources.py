"""Which files make up an extract, and their bytes."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from functools import partial
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from claim_audit.errors import ClaimAuditError
from claim_audit.ingest.sources import Source, StoredBytes, discover, fingerprint, sniff

gzipped = partial(gzip.compress, mtime=0)

TEXT = b"a,b\n1,2\n"


def write(path: Path, content: bytes = TEXT) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def zstd(content: bytes) -> bytes:
    packed: bytes = pa.Codec("zstd").compress(content, asbytes=True)
    return packed


def names(*inputs: str | Path) -> list[str]:
    return [source.name for source in discover(inputs).sources]


def test_files_are_sorted_distinct_and_numbered(tmp_path: Path) -> None:
    b, a = write(tmp_path / "b.csv"), write(tmp_path / "a.csv")
    found = discover([b, a, str(tmp_path / "*.csv"), tmp_path, tmp_path / "." / "b.csv"])
    assert [(s.number, s.name, s.path) for s in found.sources] == [
        (1, "a.csv", a),
        (2, "b.csv", b),
    ]
    assert found.skipped == ()


def test_the_same_file_by_two_names_is_read_once(tmp_path: Path) -> None:
    write(tmp_path / "a.csv")
    (tmp_path / "z.csv").symlink_to(tmp_path / "a.csv")
    assert names(tmp_path) == ["a.csv"]


def test_names_are_relative_to_the_common_parent(tmp_path: Path) -> None:
    one, two = write(tmp_path / "x/2024/c.csv"), write(tmp_path / "x/2025/c.csv")
    assert names(one, two) == ["2024/c.csv", "2025/c.csv"]
    assert names(two) == ["c.csv"]
    assert names(tmp_path / "x/2025") == ["c.csv"]


def test_a_relative_input_has_the_same_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "x/c.csv")
    monkeypatch.chdir(tmp_path)
    assert names("x/../x/c.csv") == names(tmp_path / "x/c.csv") == ["c.csv"]


def test_a_folder_gives_its_data_and_says_what_it_left(tmp_path: Path) -> None:
    for name in ("a.csv", "b.TSV", "deep/c.txt.gz", "d.psv", "e.dat.zst", "f.pq"):
        write(tmp_path / name)
    for name in ("README.md", ".hidden.csv", "_SUCCESS", ".git/x.csv", "_temporary/0.parquet"):
        write(tmp_path / name)
    write(tmp_path / "night/manifest.json", json.dumps({"claim_audit": "0.1"}).encode())
    write(tmp_path / "night/exceptions.csv")
    write(tmp_path / "other/manifest.json", b"[1]")
    write(tmp_path / "other/claims.csv")
    pl.DataFrame({"a": [1]}).write_parquet(
        tmp_path / "truth.parquet", metadata={"claim_audit.table": "truth"}
    )
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "claims.parquet")

    found = discover([tmp_path])
    assert [source.name for source in found.sources] == [
        *("a.csv", "b.TSV", "claims.parquet", "d.psv", "deep/c.txt.gz", "e.dat.zst", "f.pq"),
        "other/claims.csv",
    ]
    assert dict(line.split(": ") for line in found.skipped) == {
        ".git": "a hidden name",
        ".hidden.csv": "a hidden name",
        "README.md": "not a data file, by its ending",
        "_SUCCESS": "a name beginning with _",
        "_temporary": "a name beginning with _",
        "night": "a finished run of claim-audit",
        "other/manifest.json": "not a data file, by its ending",
        "truth.parquet": "a table written by claim-audit (truth)",
    }


def test_a_file_that_is_named_is_always_tried(tmp_path: Path) -> None:
    odd = write(tmp_path / "_export.out")
    write(tmp_path / "a.csv")
    found = discover([tmp_path, odd])
    assert [source.name for source in found.sources] == ["_export.out", "a.csv"]
    assert found.skipped == ()


def test_linked_folders_are_not_entered(tmp_path: Path) -> None:
    write(tmp_path / "in/a.csv")
    (tmp_path / "in/loop").symlink_to(tmp_path / "in")
    found = discover([tmp_path / "in"])
    assert [source.name for source in found.sources] == ["a.csv"]
    assert found.skipped == ("loop: a linked folder",)


def test_globs_reach_into_folders(tmp_path: Path) -> None:
    write(tmp_path / "x/a.csv")
    write(tmp_path / "x/y/b.csv")
    assert names(f"{tmp_path}/**/*.csv") == ["a.csv", "y/b.csv"]


def test_a_name_with_glob_letters_is_a_name(tmp_path: Path) -> None:
    assert names(write(tmp_path / "claims[1].csv")) == ["claims[1].csv"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("nowhere.csv", "no such file or folder"),
        ("*.csv", "the pattern matches no file"),
        ("empty", "the folder holds no claim data"),
        ("link", "no such file or folder"),
        ("pipe", "not a regular file"),
    ],
)
def test_inputs_that_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str, message: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ClaimAuditError, match=message) as caught:
        discover([given])
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("given", [".", "notes", "../{here}/notes"])
def test_a_relative_folder_without_data_says_so_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    write(tmp_path / "notes" / "a.md")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ClaimAuditError, match="the folder holds no claim data") as caught:
        discover([given.format(here=tmp_path.name)])
    assert "a.md (not a data file, by its ending)" in caught.value.hint


def test_a_folder_without_data_says_what_lies_there(tmp_path: Path) -> None:
    for name in ("a.md", "b.md", "c.md", "d.md"):
        write(tmp_path / name)
    with pytest.raises(ClaimAuditError) as caught:
        discover([tmp_path])
    assert "a.md (not a data file, by its ending)" in caught.value.hint
    assert "and 1 more" in caught.value.hint


@pytest.mark.parametrize("inputs", [[], [""]])
def test_no_input(inputs: list[str]) -> None:
    with pytest.raises(ClaimAuditError, match="no input given"):
        discover(inputs)


def test_a_file_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.csv")

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(ClaimAuditError, match="cannot be read"):
        sniff(Source(1, path, "a.csv"))


def test_a_file_that_has_gone(tmp_path: Path) -> None:
    with pytest.raises(ClaimAuditError, match=r"a\.csv: cannot be read \(No such file"):
        sniff(Source(1, tmp_path / "a.csv", "a.csv"))


def test_trap_09_compression_by_magic_bytes_and_hash(tmp_path: Path) -> None:
    """What a file is, its bytes say; and a flipped byte shows in the hash alone."""
    parquet = tmp_path / "claims.csv"
    pl.DataFrame({"a": ["one", "two"]}).write_parquet(parquet, compression="uncompressed")
    stored = {
        "a.csv": (gzipped(TEXT), ("csv", "gzip")),
        "b.csv.gz": (zstd(TEXT), ("csv", "zstd")),
        "c.parquet": (TEXT, ("csv", None)),
        "d.txt": (parquet.read_bytes(), ("parquet", None)),
        "e.gz": (gzipped(parquet.read_bytes()), ("parquet", "gzip")),
        "f.gz": (TEXT, ("csv", None)),
    }
    for name, (content, expected) in stored.items():
        source = Source(1, write(tmp_path / name, content), name)
        assert sniff(source) == expected
        assert fingerprint(source, None) == (len(content), hashlib.sha256(content).hexdigest())

    whole = parquet.read_bytes()
    flipped = whole.replace(b"one", b"onf")
    other = write(tmp_path / "flipped.parquet", flipped)
    assert pl.read_parquet(other)["a"].to_list() == ["onf", "two"]
    assert fingerprint(Source(1, other, ""), None) != fingerprint(Source(1, parquet, ""), None)


@pytest.mark.parametrize("pack", [gzip.compress, zstd, bytes])
def test_content_is_unpacked_and_the_stored_bytes_hashed(tmp_path: Path, pack) -> None:
    text = os.urandom(300_000)
    content = pack(text[:200_000]) + pack(text[200_000:])
    with StoredBytes(Source(1, write(tmp_path / "x", content), "x")) as stored:
        assert b"".join(stored.blocks(70_000)) == text
        assert stored.sha256() == hashlib.sha256(content).hexdigest()
        assert (stored.stored, stored.size, stored.content) == (
            len(content),
            len(content),
            len(text),
        )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (gzipped(os.urandom(200_000))[:100_000], "cut off after [1-9][0-9]{4} bytes of text"),
        (gzipped(TEXT)[:-3], "cut off after 0 bytes of text"),
        (zstd(os.urandom(200_000))[:150_000], "cut off after [0-9]+ bytes of text"),
        (gzipped(TEXT) + b"tail", "gzip data is damaged"),
        (zstd(TEXT) + b"tail", "zstd data is damaged"),
    ],
)
def test_damaged_compression_names_the_file(tmp_path: Path, content: bytes, message: str) -> None:
    source = Source(1, write(tmp_path / "x.gz", content), "x.gz")
    with (
        pytest.raises(ClaimAuditError, match=message) as caught,
        StoredBytes(source) as stored,
    ):
        list(stored.blocks(1 << 20))
    assert caught.value.where == "x.gz"
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (gzipped(b""), "the file is empty"),
        (b"PK\x03\x04rest", "zip archive or an Excel workbook"),
        (gzipped(b"PAREwhatever"), "encrypted Parquet"),
    ],
)
def test_what_is_not_read_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(ClaimAuditError, match=message):
        sniff(Source(1, write(tmp_path / "x", content), "x"))


@pytest.mark.parametrize(
    ("kind", "mark"),
    [
        ("Delta", "_delta_log/00000000000000000000.json"),
        ("Hudi", ".hoodie/hoodie.properties"),
        ("Iceberg", "metadata/v1.metadata.json"),
    ],
)
def test_the_folder_of_a_lakehouse_table_is_refused(tmp_path: Path, kind: str, mark: str) -> None:
    """Its files hold rows that were deleted or replaced: read as files they would be audited."""
    table = tmp_path / "claims" / "table"
    (table / mark).parent.mkdir(parents=True)
    (table / mark).write_text("{}")
    (table / "part-0.csv").write_text("claim_id\n")
    with pytest.raises(ClaimAuditError, match=rf"a table \({kind}\)") as refused:
        discover([tmp_path / "claims"])
    assert str(table) in str(refused.value)
    assert discover([table / "part-0.csv"]).sources


def test_a_folder_named_metadata_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "metadata").mkdir()
    (tmp_path / "metadata" / "claims.csv").write_text("claim_id\n")
    assert [source.name for source in discover([tmp_path]).sources] == ["claims.csv"]
