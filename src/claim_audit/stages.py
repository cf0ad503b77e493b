"""What the stages of a run take: time by the clock, and memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from claim_audit import machine


@dataclass(frozen=True)
class Stage:
    """A stage of a run.

    Attributes:
        stage: its name.
        seconds: how long it took by the clock.
        peak_memory_bytes: the most resident memory of the process meanwhile; where the system does
            not tell (anywhere but on Linux), since the process began.
    """

    stage: str
    seconds: float
    peak_memory_bytes: int


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
        self._peak_between = 0

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Measure what is done within."""
        self._peak_between = max(self._peak_between, machine.peak_memory())
        machine.restart_peak_memory()
        began = time.perf_counter()
        yield
        ended = Stage(name, time.perf_counter() - began, machine.peak_memory())
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
        peak = max(cost["peak_memory_bytes"], self._peak_between, machine.peak_memory())
        return {**cost, "stages": [*cost["stages"], *listed], "peak_memory_bytes": peak}
