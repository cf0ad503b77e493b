"""claim-audit: reads exported claim lines, proves that it read all of them, and judges each.

import claim_audit
result = claim_audit.audit("claims.csv")
result.exceptions, result.rule_outcomes, result.rejects, result.benchmarks
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from claim_audit.config import AuditConfig as AuditConfig
    from claim_audit.pipeline import AuditResult as AuditResult
    from claim_audit.pipeline import audit as audit

__all__ = ["AuditConfig", "AuditResult", "audit"]


def __getattr__(name: str) -> Any:
    """Load the engine when it is first asked for, so that `--help` need not wait for it."""
    if name == "AuditConfig":
        from claim_audit.config import AuditConfig

        return AuditConfig
    if name in {"AuditResult", "audit"}:
        from claim_audit import pipeline as module

        return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
