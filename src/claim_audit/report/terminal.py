"""The summary of a run on a terminal, or in the log of a nightly job.

It reads without colour and fits 80 columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from claim_audit.report import words
from claim_audit.rules.registry import CATEGORIES, all_rules

if TYPE_CHECKING:
    from claim_audit.pipeline import AuditResult

STYLES: Final = {"error": "bold red", "warning": "yellow", "info": "cyan"}
REASONS_SHOWN: Final = 8
RULES_SHOWN: Final = 6
FILES: Final = {
    "report.html": "the page to read first",
    "exceptions": "every exception, a row each",
    "rule_outcomes": "what became of every rule",
    "rejects": "records that are no claim lines",
    "benchmarks": "how each code is billed, per payer",
    "summary.json": "these figures",
    "manifest.json": "inputs, versions, settings, hashes",
}
"""What is in a run folder, in the order in which one wants it."""


def print_summary(result: AuditResult, folder: Path | None, console: Console | None = None) -> None:
    """Print what was read, what was found, what was not judged, and where the files are.

    Args:
        result: what the audit found.
        folder: the run folder; none: nothing was written.
        console: where to print; none: standard output.
    """
    out = console or Console()
    summary = result.summary
    _read(summary, result.manifest, out)
    _found(summary, out)
    _unjudged(summary["coverage"], out)
    if folder is not None:
        _written(folder, out)


def _read(summary: Mapping[str, Any], manifest: Mapping[str, Any], out: Console) -> None:
    records, inputs = summary["records"], manifest["inputs"]
    _line(
        out,
        f"{words.many(records['records'], 'record')} in {words.many(len(inputs), 'file')}, "
        "all accounted for",
        "bold",
    )
    _line(out, "  " + words.identity(records, words.unit(inputs)))
    if records["rejects"]:
        _line(out, f"  {words.many(records['rejects'], 'reject')} not judged", "bold red")
    if summary["superseded_lines"]:
        _line(out, f"  {words.many(summary['superseded_lines'], 'line')} voided or replaced")


def _found(summary: Mapping[str, Any], out: Console) -> None:
    lines = words.many(summary["claim_lines"], "claim line")
    if not summary["exceptions"]:
        _heading(out, f"No exception on {lines}")
        return
    _heading(
        out,
        f"{words.many(summary['exceptions'], 'exception')} on "
        f"{words.count(summary['lines_with_exceptions'])} of {lines}",
    )
    table = _table("", "exceptions", "lines", "at risk, USD")
    for row in summary["by_severity"]:
        _totals(table, Text(row["severity"], STYLES[row["severity"]]), row)
    total = {**summary, "lines": summary["lines_with_exceptions"]}
    _totals(table, Text("all, each line once", "bold"), total)
    table.add_row()
    for row in summary["by_category"]:
        _totals(table, Text(CATEGORIES.get(row["category"], row["category"])), row)
    _show(table, out)
    _heading(out, "Worst rules")
    rules = _table("", "exceptions", "lines", "at risk, USD")
    titles = {rule.id: rule.title for rule in all_rules().values()}
    for row in summary["worst_rules"]:
        name = Text.assemble(
            (f"{row['rule_id']} ", STYLES[row["severity"]]),
            titles.get(row["rule_id"], row["rule_name"]),
        )
        _totals(rules, name, row)
    _show(rules, out)


def _unjudged(coverage: Mapping[str, Any], out: Console) -> None:
    outcomes = coverage["outcomes"]
    told = ("passed", "failed", "not_applicable")
    silent = sum(number for outcome, number in outcomes.items() if outcome not in told)
    _heading(
        out,
        f"{words.many(coverage['rules'], 'rule')}: {outcomes['failed']} failed, "
        f"{outcomes['passed']} passed, {outcomes['not_applicable']} had no line to judge, "
        f"{silent} could not judge",
    )
    _reasons("Judged nothing:", coverage["reasons"], "all", out)
    _reasons("Judged, but not these lines:", coverage["reasons"], "some", out)


def _reasons(title: str, reasons: Sequence[Mapping[str, Any]], extent: str, out: Console) -> None:
    these = [reason for reason in reasons if reason["extent"] == extent]
    if not these:
        return
    _line(out, "  " + title)
    table = Table.grid(padding=(0, 2))
    table.add_column(overflow="fold")
    table.add_column(overflow="fold", ratio=1)
    for reason in these[:REASONS_SHOWN]:
        bound = "up to " if len(reason["rules"]) > 1 else ""
        most = f"{bound}{words.many(reason['lines'], 'line')} " if reason["lines"] else ""
        table.add_row(
            Text(words.few(reason["rules"], RULES_SHOWN)),
            Text(words.visible(most + reason["reason"])),
        )
    _show(table, out, 4)
    if len(these) > REASONS_SHOWN:
        _line(out, f"    and {words.many(len(these) - REASONS_SHOWN, 'further reason')}")


def _written(folder: Path, out: Console) -> None:
    out.print()
    out.print(Text(f"Reports in {words.visible(str(folder))}", "bold"), soft_wrap=True)
    names = sorted(path.name for path in folder.iterdir())
    table = Table.grid(padding=(0, 2))
    for stem, meaning in FILES.items():
        of_stem = [name for name in names if name == stem or name.split(".")[0] == stem]
        if of_stem:
            table.add_row(Text(", ".join(of_stem)), Text(meaning))
    _show(table, out)


def _table(*heads: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(heads[0], overflow="fold", ratio=1)
    for head in heads[1:]:
        table.add_column(head, justify="right", no_wrap=True)
    return table


def _totals(table: Table, name: Text, row: Mapping[str, Any]) -> None:
    table.add_row(
        name,
        words.count(row["exceptions"]),
        words.count(row["lines"]),
        words.usd(row["amount_at_risk"]),
    )


def _show(table: Table, out: Console, indent: int = 2) -> None:
    out.print(Padding(table, (0, 0, 0, indent), expand=False))


def _heading(out: Console, text: str) -> None:
    out.print()
    _line(out, text, "bold")


def _line(out: Console, text: str, style: str = "") -> None:
    out.print(Text(text, style))
