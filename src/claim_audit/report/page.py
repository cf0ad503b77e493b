"""The page of a run: one HTML file for a browser, a screen reader or a printer.

It needs no network and no script, and a policy inside it forbids both. Everything that is filled
in is escaped, and characters that are not seen are made visible. Member numbers are not on it.
"""

from __future__ import annotations

import sys
from base64 import b64encode
from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.util import cache_from_source
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from jinja2 import (
    Environment,
    FileSystemBytecodeCache,
    PackageLoader,
    StrictUndefined,
    Template,
)
from jinja2.bccache import Bucket
from markupsafe import Markup

from claim_audit.report import words
from claim_audit.report.masking import WITHHELD, without_member_numbers
from claim_audit.report.summary import gravity
from claim_audit.rules.registry import CATEGORIES, all_rules

if TYPE_CHECKING:
    from claim_audit.pipeline import AuditResult

SHOWN: Final = 200
"""Exceptions on the page."""
OF_EACH_RULE: Final = 25
"""Exceptions of one rule on the page."""
REJECTS_SHOWN: Final = 20
CHARACTERS: Final = 300
"""Characters shown of a long text."""


def render(result: AuditResult, run_id: str, formats: Sequence[str]) -> str:
    """The page as HTML.

    Args:
        result: what the audit found.
        run_id: name of the run.
        formats: what the tables beside the page are written as.
    """
    exceptions = worst(result.exceptions)
    return _template().render(
        run_id=run_id,
        summary=result.summary,
        manifest=result.manifest,
        exceptions=exceptions.to_dicts(),
        of_each_rule=OF_EACH_RULE,
        outcomes=_outcomes(result.rule_outcomes),
        reject_reasons=_counted(result.rejects, "reason"),
        rejects=result.rejects.head(REJECTS_SHOWN).drop("raw").to_dicts(),
        tables={name: table.height for name, table in result.tables.items()},
        formats=formats,
        titles={rule.id: rule.title for rule in all_rules().values()},
        categories=CATEGORIES,
        judged=result.rule_outcomes.filter(pl.col("outcome").is_in(["passed", "failed"])).height,
        unit=words.unit(result.manifest["inputs"]),
    )


def worst(exceptions: pl.DataFrame) -> pl.DataFrame:
    """The exceptions to show first, without member numbers.

    By severity, then money at risk, at most 25 of a rule, so that one rule does not push all
    others off the page. Long texts are cut.
    """
    ranked = (
        exceptions.select("rule_id", "amount_at_risk", gravity().alias("gravity"))
        .with_row_index("row")
        .sort("gravity", "amount_at_risk", "row", descending=[False, True, False], nulls_last=True)
        .filter(pl.int_range(pl.len()).over("rule_id") < OF_EACH_RULE)
        .head(SHOWN)
    )
    shown = without_member_numbers(exceptions[ranked["row"]], pl.lit(WITHHELD))
    return shown.drop("member_id").with_columns(
        pl.col(pl.String).str.replace(rf"(?s)\A(.{{{CHARACTERS}}}).+\z", "${1}…")
    )


def _outcomes(outcomes: pl.DataFrame) -> list[dict[str, Any]]:
    order = ["error", "failed", "no_reference", "not_evaluated", "passed", "not_applicable"]
    return outcomes.sort(pl.col("outcome").replace_strict(order, range(6)), "rule_id").to_dicts()


def _counted(table: pl.DataFrame, column: str) -> list[dict[str, Any]]:
    return (
        table.group_by(column).len("count").sort("count", column, descending=[True, False])
    ).to_dicts()


def _shown(value: Any) -> Any:
    """What stands on the page for a value: nothing unseen, and a dash for nothing."""
    if value is None:
        return "–"
    return words.visible(value) or "–" if type(value) is str else value


def _quantity(value: Decimal | None) -> str | None:
    return None if value is None else f"{value.normalize():,f}"


def _usd(value: str | Decimal | None) -> str | None:
    return None if value is None else words.usd(value)


class _BesideModules(FileSystemBytecodeCache):
    """Compiled templates, kept where Python keeps its compiled modules, if it does and can."""

    def __init__(self) -> None:
        super().__init__(str(Path(cache_from_source(__file__)).parent))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                super().dump_bytecode(bucket)


@cache
def _template() -> Template:
    """The template, with its style and the policy that lets nothing but this style in."""
    style = (files(__package__) / "templates" / "report.css").read_text("utf-8")
    environment = Environment(
        loader=PackageLoader(__package__),
        autoescape=True,
        optimized=False,
        bytecode_cache=_BesideModules(),
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "count": words.count,
        "many": words.many,
        "usd": _usd,
        "size": words.size,
        "quantity": _quantity,
    }
    environment.globals |= {
        "identity": words.identity,
        "style": Markup(style),
        "style_hash": b64encode(sha256(style.encode()).digest()).decode(),
    }
    return environment.get_template("report.html.jinja")
