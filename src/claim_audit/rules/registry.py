"""All rules, found by looking into the folders of the categories."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from claim_audit import errors, rules
from claim_audit.rules.form import Rule

CATEGORIES: Mapping[str, str] = {
    "data_quality": "data quality",
    "identifiers": "identifiers",
    "codes": "codes",
    "units": "units",
    "modifiers": "modifiers",
    "payer": "payer",
    "dates": "dates",
    "duplicates": "duplicates",
    "diagnosis": "diagnosis",
    "place_of_service": "place of service",
    "money": "money",
    "cross_line": "cross-line",
    "utilization": "utilization",
}


@cache
def all_rules() -> Mapping[str, Rule]:
    """Every rule by id, in the order of categories and ids.

    Raises:
        InternalError: two rules share an id or name, or a rule judges nothing.
    """
    found = [rule for category in CATEGORIES for rule in _rules_in(category)]
    ids = [rule.id for rule in found] + [rule.name for rule in found]
    if doubled := sorted({name for name in ids if ids.count(name) > 1}):
        raise errors.rules_broken(f"declared twice: {', '.join(doubled)}")
    if idle := [rule.id for rule in found if not rule.kinds]:
        raise errors.rules_broken(f"nothing to judge with: {', '.join(idle)}")
    return {rule.id: rule for rule in found}


def _rules_in(category: str) -> Sequence[Rule]:
    package = importlib.import_module(f"{rules.__name__}.{category}")
    modules = [
        importlib.import_module(f"{package.__name__}.{module.name}")
        for module in pkgutil.iter_modules(package.__path__)
    ]
    return sorted((module.RULE for module in modules), key=lambda rule: str(rule.id))


def choose(select: Iterable[str] = (), ignore: Iterable[str] = ()) -> Sequence[Rule]:
    """The rules to run: those on by default, or the selected ones, less the ignored ones.

    A selection names ids (``UN-02``), prefixes of ids (``UN``) or dotted names.

    Raises:
        ClaimAuditError: a name fits no rule.
    """
    wanted, unwanted = _named(select), _named(ignore)
    return [
        rule
        for rule in all_rules().values()
        if (rule.id in wanted if wanted else rule.default) and rule.id not in unwanted
    ]


def _named(names: Iterable[str]) -> set[str]:
    chosen: set[str] = set()
    for name in names:
        fitting = {
            rule.id
            for rule in all_rules().values()
            if name.upper() in {rule.id, rule.id.split("-")[0]} or name.lower() == rule.name
        }
        if not fitting:
            raise errors.unknown_rule(name, all_rules())
        chosen |= fitting
    return chosen
