"""Consoles, tables and progress bars, as wide and as lively as what they are shown on."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from claim_audit.cli.exits import say

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from claim_audit.stages import Stage

UNBOUNDED = 10_000
"""Width of what goes into a file or a pipe: one row, one line, for `grep` and `cut`."""


def plain() -> Console:
    """Standard output for running text, wrapped at the usual width."""
    from rich.console import Console

    return Console(highlight=False, markup=False)


def wide() -> Console:
    """Standard output for rows: they wrap on a terminal and nowhere else."""
    from rich.console import Console

    unbounded = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    return Console(highlight=False, markup=False, width=UNBOUNDED if unbounded else None)


def print_rows(
    columns: Sequence[str], rows: Sequence[Sequence[str]], wrapping: Collection[str] = ()
) -> None:
    """Print a table in which only the columns `wrapping` wrap."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for name in columns:
        table.add_column(name, no_wrap=name not in wrapping, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    wide().print(table)


def print_json(value: Mapping[str, Any] | Sequence[Any]) -> None:
    """Print JSON and nothing else."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


@contextmanager
def progress(quiet: bool = False) -> Iterator[Progress | None]:
    """A progress bar on stderr, or none where stderr is no terminal or nobody wants one."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        yield bar


@contextmanager
def reading(quiet: bool) -> Iterator[Callable[[str, int, int], None] | None]:
    """Progress over the bytes of files, then over what has no measure: judging their lines."""
    with progress(quiet) as bar:
        if bar is None:
            yield None
            return
        task = bar.add_task("opening the files", total=None)

        def seen(name: str, done: int, total: int) -> None:
            if done < total:
                bar.update(task, description=f"reading {name}", completed=done, total=total)
            else:
                bar.update(task, description="judging the lines", completed=0, total=None)

        yield seen


def tell_stage(stage: Stage) -> None:
    """One line on stderr: what a stage took."""
    say(f"{stage.stage}: {stage.seconds:.1f} s, {stage.peak_memory_bytes >> 20} MiB")
