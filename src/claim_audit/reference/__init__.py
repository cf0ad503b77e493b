"""Dated facts: codes, modifiers, places of service, payers, unit limits, diagnoses, policies.

The package brings small slices with their sources; a user's own tables and policies lie over them.
"""

from claim_audit.reference.intervals import IntervalTable
from claim_audit.reference.payers import normalise, resolve
from claim_audit.reference.shape import Column, Condition, TableSpec
from claim_audit.reference.tables import TABLES, Reference

__all__ = [
    "TABLES",
    "Column",
    "Condition",
    "IntervalTable",
    "Reference",
    "TableSpec",
    "normalise",
    "resolve",
]
