"""Made-up claim extracts of any size, with known errors and the truth about them."""

from __future__ import annotations

from claim_audit.sample.errors.kind import Kind, Raised
from claim_audit.sample.errors.kinds import KINDS
from claim_audit.sample.writer import TRUTH, Written, available, write

__all__ = ["KINDS", "TRUTH", "Kind", "Raised", "Written", "available", "write"]
