"""All kinds of errors, one module for each category of rules.

A host is a line of a member without any other error and without changed claims, so a kind has to
mind only itself. It must raise its rules and no other error or warning, on any line of the
member. Numbers keep a margin from every threshold, so that the kind does not hang on how days of
supply are worked out.
"""

from __future__ import annotations

from collections.abc import Mapping

from claim_audit.sample.errors.kind import REGISTERED, Kind
from claim_audit.sample.errors.kinds import (
    across_lines,
    codes,
    data_quality,
    dates,
    diagnosis,
    duplicates,
    identifiers,
    modifiers,
    money,
    payer,
    place_of_service,
    units,
)

__all__ = [
    "KINDS",
    "across_lines",
    "codes",
    "data_quality",
    "dates",
    "diagnosis",
    "duplicates",
    "identifiers",
    "modifiers",
    "money",
    "payer",
    "place_of_service",
    "units",
]

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in REGISTERED}
"""Every kind of error by name."""
