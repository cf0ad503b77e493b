"""The manifest of a run: enough to know what was read, by what, and to do it again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from claim_audit import rules
from claim_audit.config import AuditConfig
from claim_audit.engine.audit import Audit
from claim_audit.ingest import Extract, SourceFile
from claim_audit.reference.tables import Reference


def manifest(
    extract: Extract,
    audit: Audit,
    reference: Reference,
    config: AuditConfig,
    cost: Mapping[str, Any],
    versions: Mapping[str, str],
) -> dict[str, Any]:
    """What `manifest.json` holds (see `report.documents.Manifest`), but for what only the writer of
    the run folder knows: the run id, the time and the files."""
    return {
        "claim_audit": "run",
        "versions": dict(versions),
        "as_of": config.as_of.isoformat(),
        "inputs": [_input(file) for file in extract.files],
        "skipped": list(extract.skipped),
        "rules": [
            {"rule_id": rule.id, "rule_name": rule.name, "since": rule.since, "status": rule.status}
            for rule in audit.rules
        ],
        "rules_sha256": _rules_sha256(),
        "parameters": {
            rule.id: vars(rule.parameters(config.params.get(rule.id, {})))
            for rule in audit.rules
            if rule.params
        },
        "reference": {
            "sha256": reference.sha256,
            "tables": [
                {
                    "table": row["table"],
                    "origin": row["origin"],
                    "release": row["release"],
                    "rows": row["rows"],
                    "valid_from": _day(row["valid_from"]),
                    "valid_to": _day(row["valid_to"]),
                    "complete": row["complete"],
                    "sha256": row["sha256"],
                }
                for row in reference.describe().iter_rows(named=True)
            ],
        },
        "settings": config.model_dump(mode="json", exclude={"params"}),
        "masking": None,
        "cost": dict(cost),
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _rules_sha256() -> str:
    """SHA-256 over names and contents of the modules that the rules are made of."""
    folder = Path(rules.__path__[0])
    digest = hashlib.sha256()
    for module in sorted(folder.rglob("*.py")):
        content = module.read_bytes()
        digest.update(f"{module.relative_to(folder).as_posix()}:{len(content)}:".encode())
        digest.update(content)
    return digest.hexdigest()


def _input(file: SourceFile) -> dict[str, Any]:
    return {
        "file": file.name,
        "number": file.number,
        "bytes": file.bytes,
        "sha256": file.sha256,
        "format": file.format,
        "compression": file.compression,
        "encoding": file.encoding,
        "delimiter": file.delimiter,
        "layout": file.match.layout.name,
        "mapped": dict(sorted(file.match.columns.items())),
        "unmapped_columns": list(file.match.unmatched),
        "accounting": asdict(file.accounting),
        "notes": list(file.notes),
    }
