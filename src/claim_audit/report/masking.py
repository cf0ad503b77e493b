"""Member numbers as keyed hashes, for reports that leave the hands of those who may see them.

A plain hash of a member number hides nothing: the numbers are few enough to hash them all and
look. So the hash takes a key. With a key file the same member has the same mask in every run, and
runs can be compared; whoever has the file can test a number, so it is kept like the numbers
themselves. Without one a key is drawn for the run and forgotten, and nobody can.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl
import polars_hash as plh

from claim_audit import errors
from claim_audit.stages import OnStage, Stages

if TYPE_CHECKING:
    from claim_audit.pipeline import AuditResult

KEY_BYTES: Final = 32
HEX_DIGITS: Final = 16
METHOD: Final = "HMAC-SHA-256, first 16 hexadecimal digits"
TEXTS: Final = ("message", "observed", "expected", "suggestion", "reference")
SHORTEST: Final = 5
"""Shorter member numbers are not looked for inside texts: they would be found in every number."""
WITHHELD: Final = "not shown"


def masked(
    result: AuditResult, key_file: Path | None = None, on_stage: OnStage | None = None
) -> AuditResult:
    """The result with member numbers replaced by keyed hashes of 16 hexadecimal digits.

    In the exceptions `member_id` is hashed, and so is `exception_id`, which is made from it; texts
    are cleared of the line's own member number. The original text of rejects is withheld. The
    manifest names method and key id.

    Args:
        result: what an audit found.
        key_file: file whose bytes are the key, 32 or more; none: a random key for this run, with
            which neither masks nor exception ids can be compared to those of other runs.
        on_stage: called when it is done.

    Raises:
        ClaimAuditError: the key file cannot be read or is too short.
    """
    secret = key(key_file)
    mask = _hash("member_id", secret)
    raw = pl.col("raw")
    length = raw.str.len_chars().cast(pl.String)
    stages = Stages(on_stage)
    with stages("mask"):
        exceptions = without_member_numbers(result.exceptions, mask).with_columns(
            mask.alias("member_id"), _hash("exception_id", secret).alias("exception_id")
        )
        rejects = result.rejects.with_columns(
            pl.when(raw.is_not_null())
            .then(pl.concat_str(pl.lit(f"{WITHHELD} ("), length, pl.lit(" characters)")))
            .alias("raw")
        )
    return replace(
        result,
        exceptions=exceptions,
        rejects=rejects,
        manifest={
            **result.manifest,
            "masking": _described(secret, key_file),
            "cost": stages.added_to(result.manifest["cost"]),
        },
    )


def without_member_numbers(exceptions: pl.DataFrame, mask: pl.Expr) -> pl.DataFrame:
    """The exceptions with another text where theirs name the line's member; `member_id` stays.

    Args:
        exceptions: rows of the exceptions table.
        mask: what stands for the member number of a row (String).
    """
    member = pl.col("member_id")
    findable = member.str.len_chars() >= SHORTEST
    named = {name: findable & pl.col(name).str.contains(member, literal=True) for name in TEXTS}
    hits = exceptions.select(where.any().alias(name) for name, where in named.items())
    return exceptions.with_columns(
        pl.when(named[name])
        .then(pl.col(name).str.split(member).list.join(mask))
        .otherwise(pl.col(name))
        .alias(name)
        for name in TEXTS
        if hits[name].any()
    )


def _hash(column: str, key: bytes) -> pl.Expr:
    return plh.col(column).chash.hmac_sha256(key=key.hex()).str.slice(0, HEX_DIGITS)


def key(file: Path | None) -> bytes:
    """The bytes in a key file, without blanks around them; without a file a random key.

    Raises:
        ClaimAuditError: the file cannot be read or is too short.
    """
    if file is None:
        return secrets.token_bytes(KEY_BYTES)
    try:
        secret = file.read_bytes().strip()
    except OSError as error:
        raise errors.mask_key_unusable(file, error.strerror or "cannot be read") from None
    if len(secret) < KEY_BYTES:
        raise errors.mask_key_unusable(file, f"{len(secret)} bytes")
    return secret


def _described(key: bytes, file: Path | None) -> Mapping[str, Any]:
    return {
        "method": METHOD,
        "key": "random" if file is None else "file",
        "key_id": hmac.digest(key, b"claim-audit key id", "sha256").hex()[:8],
    }
