"""What the stages of a run take: time by the clock, and memory."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, Final

from claim_audit import machine


@dataclass(frozen=True)
class Stage:
    """A stage of a run.

    Attributes:
        stage: its name.
        seconds: how long it took by the clock.
        peak_memory_bytes: the most resident memory of the process meanwhile, as seen fifty times a
            second; where the system does not tell (anywhere but on Linux), since the process began.
    """

    stage: str
    seconds: float
    peak_memory_bytes: int


LOOK_EVERY: Final = 0.02
"""Seconds between two looks at the memory of the process."""

OnStage = Callable[[Stage], None]


class Stages:
    """Measures stages, one after the other: ``with stages("survey"):``.

    A stage that comes again adds its seconds to the earlier ones; one that raises is not counted.

    Args:
        on_stage: called with each stage that ends, and what it took this time.
    """

    def __init__(self, on_stage: OnStage | None = None) -> None:
        self._on_stage = on_stage
        self._ended: dict[str, Stage] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Measure what is done within."""
        began = time.perf_counter()
        with _watched_memory() as peak:
            yield
        ended = Stage(name, time.perf_counter() - began, peak())
        earlier = self._ended.get(name, Stage(name, 0, 0))
        self._ended[name] = Stage(
            name,
            earlier.seconds + ended.seconds,
            max(earlier.peak_memory_bytes, ended.peak_memory_bytes),
        )
        if self._on_stage:
            self._on_stage(ended)

    def added_to(self, cost: Mapping[str, Any]) -> dict[str, Any]:
        """A cost of a run (see `report.documents.Cost`) with these stages besides."""
        listed = [
            {**asdict(stage), "seconds": round(stage.seconds, 3)} for stage in self._ended.values()
        ]
        stages = [*cost["stages"], *listed]
        peak = max(machine.peak_memory(), *(stage["peak_memory_bytes"] for stage in stages), 0)
        return {**cost, "stages": stages, "peak_memory_bytes": peak}


@contextmanager
def _watched_memory() -> Iterator[Callable[[], int]]:
    """Watch the memory of the process within; gives a function that says the most it saw."""
    seen = machine.resident_memory()
    over = threading.Event()

    def watch() -> None:
        nonlocal seen
        while not over.wait(LOOK_EVERY):
            seen = max(seen, machine.resident_memory())

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield lambda: max(seen, machine.resident_memory())
    finally:
        over.set()
        watcher.join()
