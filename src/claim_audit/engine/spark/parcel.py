"""What travels to the workers: pickled once, known by its hash, opened once a process.

A small parcel travels in the closure of the function that Spark ships, a large one as a file in
the work folder.
"""

from __future__ import annotations

import hashlib
import pickle
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import claim_audit

INLINE_BYTES = 4 << 20
SAME = ("claim-audit", "polars", "pyarrow")
"""Distributions of which worker and driver must have the same version."""


@dataclass(frozen=True)
class Parcel:
    """Something pickled; `content` is empty where it lies in the work folder.

    `versions` are those of the process that packed it (see `versions`).
    """

    sha256: str
    content: bytes
    file: Path
    versions: dict[str, str]


def packed(value: Any, work: Path) -> Parcel:
    """Pack anything that can be pickled."""
    content = pickle.dumps(value)
    sha256 = hashlib.sha256(content).hexdigest()
    file = work / f"{sha256}.parcel"
    if len(content) > INLINE_BYTES:
        aside = file.with_suffix(".partial")
        aside.write_bytes(content)
        aside.replace(file)
        content = b""
    return Parcel(sha256, content, file, versions())


@lru_cache(maxsize=4)
def opened(parcel_sha256: str, file: Path) -> Any:
    """What a parcel in the work folder holds."""
    return _unpickled(file.read_bytes(), parcel_sha256)


@lru_cache(maxsize=4)
def _unpickled(content: bytes, sha256: str) -> Any:
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ValueError("a parcel does not have the content it was packed with")
    return pickle.loads(content)


def unpacked(parcel: Parcel) -> Any:
    """What a parcel holds, the same object for every task of a process."""
    if parcel.content:
        return _unpickled(parcel.content, parcel.sha256)
    return opened(parcel.sha256, parcel.file)


@lru_cache(maxsize=1)
def versions() -> dict[str, str]:
    """Versions of what must be the same everywhere, and a hash over the project's own modules."""
    folder = Path(claim_audit.__file__).parent
    digest = hashlib.sha256()
    for module in sorted(folder.rglob("*.py")):
        digest.update(module.relative_to(folder).as_posix().encode())
        digest.update(module.read_bytes())
    return {name: version(name) for name in SAME} | {"modules": digest.hexdigest()[:16]}
