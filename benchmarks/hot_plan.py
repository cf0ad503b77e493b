"""`make hot-plan`: what one audit asks of Polars, as a text that does not depend on the clock.

Every query of an audit of a small fixed sample is taken down where it is collected, as the
streaming engine would run it. The text has each query that reads a file: who asks, what it reads,
the kinds of its nodes and the functions its expressions call, with counts. A test compares it with
`tests/engine/golden/hot_plan.txt`; this writes that file anew, for a change that is meant.
"""

from __future__ import annotations

import re
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

import polars as pl

import claim_audit
from claim_audit import sample
from claim_audit.engine import stretches

GOLDEN = Path(__file__).parent.parent / "tests" / "engine" / "golden" / "hot_plan.txt"
LINES = 2_000
PACKAGE = Path(claim_audit.__file__).parent

COLLECTORS = ("collect", "collect_async", "collect_batches", "execute")
SINKS = ("sink_parquet", "sink_ipc", "sink_csv", "sink_ndjson", "sink_batches")
"""Methods of a LazyFrame that run it; sinks may be asked to wait for `collect_all`."""

SCAN = re.compile(r"^\s*(\w+) SCAN \[(.*?)[\],].*?PROJECT (\*|\d+)/(\d+) COLUMNS", re.M | re.S)
NODE = re.compile(r'^\d+ \[label="(.*?)"(?:,style=filled,fillcolor="(.*?)")?\];$', re.M)
TEXT = re.compile(r'\\".*?\\"')
CALL = re.compile(r"\.([a-z][a-z_0-9.]*)\(")
IN_MEMORY = "0.0 0.3 1.0"
"""Colour of a node that the streaming engine leaves to the other one."""

PYTHON = ("python_udf", "OPAQUE_PYTHON", "python-scan", "PYTHON SCAN")
"""What a plan says where it calls Python."""


@dataclass(frozen=True)
class Query:
    """A query of an audit, or several collected at once.

    Attributes:
        asked_by: the module of `claim_audit` that collects it.
        logical: the optimised plan.
        physical: the plan of the streaming engine, as a graph in DOT.
    """

    asked_by: str
    logical: str
    physical: str

    @property
    def calls_python(self) -> bool:
        """Whether it runs Python for rows or batches."""
        return any(word in plan for word in PYTHON for plan in (self.logical, self.physical))

    def scans(self) -> list[tuple[str, str, str, str]]:
        """Format, first path, columns read and columns there of each scan of a file."""
        return SCAN.findall(self.logical)


def queries(claims: Path) -> list[Query]:
    """The queries of an audit of a file, in the order they were collected.

    The file is judged in two stretches, as a large one is, so that it is not held in memory.
    """
    found: list[Query] = []
    half = {"MOST_LINES": LINES // 2, "FEWEST_LINES": 1}
    with patch.multiple(stretches, **half), recording(found):
        claim_audit.audit(claims, as_of=date(2026, 1, 1))
    return found


@contextmanager
def recording(found: list[Query]) -> Iterator[None]:
    """Take down every query that is run; planning itself runs some, which do not count."""
    planning = threading.local()
    together = pl.collect_all

    def record(frames: Sequence[pl.LazyFrame]) -> None:
        if getattr(planning, "now", False):
            return
        planning.now = True
        try:
            whole = together([_sunk(frame) for frame in frames], lazy=True)
            found.append(Query(_asker(), whole.explain(engine="streaming"), _graph(whole)))
        finally:
            planning.now = False

    def recorded(method: Callable[..., Any]) -> Callable[..., Any]:
        def run(frame: pl.LazyFrame, *args: Any, **options: Any) -> Any:
            if not options.get("lazy"):
                record([frame])
            return method(frame, *args, **options)

        return run

    def recorded_together(frames: Any, *args: Any, **options: Any) -> Any:
        frames = list(frames)
        if not options.get("lazy"):
            record(frames)
        return together(frames, *args, **options)

    with ExitStack() as patches:
        for name in (*COLLECTORS, *SINKS):
            method = recorded(getattr(pl.LazyFrame, name))
            patches.enter_context(patch.object(pl.LazyFrame, name, method))
        patches.enter_context(patch.object(pl, "collect_all", recorded_together))
        yield


def _sunk(frame: pl.LazyFrame) -> pl.LazyFrame:
    """The frame with a sink, which only frames with one can be planned together."""
    if frame.explain(optimized=False).startswith("SINK"):
        return frame
    return frame.sink_batches(lambda _: None, lazy=True)


def _graph(frame: pl.LazyFrame) -> str:
    graph = frame.show_graph(engine="streaming", plan_stage="physical", raw_output=True, show=False)
    return str(graph)


def _asker() -> str:
    """The module of the package nearest to the call."""
    frame = sys._getframe()
    while frame and not Path(frame.f_code.co_filename).is_relative_to(PACKAGE):
        frame = frame.f_back
    return Path(frame.f_code.co_filename).relative_to(PACKAGE).as_posix() if frame else "a thread"


def described(found: Sequence[Query], claims: Path) -> str:
    """The queries that read a file, equal ones once with their number."""
    reading = [query for query in found if query.scans()]
    of_claims = sum(path == str(claims) for query in reading for _, path, *_ in query.scans())
    texts = Counter(_described(query, claims) for query in reading)
    return "\n".join(
        [
            f"An audit of {LINES:,} Parquet lines in two stretches; written by `make hot-plan`.",
            f"queries that read a file: {len(reading)}",
            f"scans of the claims: {of_claims}",
            *(f"\n{text}\ntimes: {number}" for text, number in texts.items()),
            "",
        ]
    )


def _described(query: Query, claims: Path) -> str:
    nodes = [
        (label.partition("\\n")[0].partition("[")[0], label, colour)
        for label, colour in NODE.findall(query.physical)
    ]
    reads = [
        f"{'claims' if path == str(claims) else 'working copy'},"
        f" {there if read == '*' else read} of {there} columns"
        for _, path, read, there in query.scans()
    ]
    kinds = Counter(kind for kind, *_ in nodes)
    in_memory = Counter(kind for kind, _, colour in nodes if colour == IN_MEMORY)
    calls = Counter(call for _, label, _ in nodes for call in CALL.findall(TEXT.sub("", label)))
    return "\n".join(
        [
            query.asked_by,
            f"reads: {'; '.join(reads)}",
            f"nodes: {_counted(kinds)}",
            f"left to the in-memory engine: {_counted(in_memory)}",
            f"calls: {_counted(calls)}",
        ]
    )


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "none"


def fixed_sample(folder: Path) -> Path:
    """The claims that are audited."""
    return sample.write(folder, lines=LINES, seed=1, format="parquet").claims


def main() -> None:
    """Write the golden file."""
    with tempfile.TemporaryDirectory() as folder:
        claims = fixed_sample(Path(folder))
        GOLDEN.write_text(described(queries(claims), claims))


if __name__ == "__main__":
    main()
