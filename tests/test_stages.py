"""Stages of a run: their order, what they take, who is told."""

from __future__ import annotations

import sys
import time

import numpy as np
import pytest

from claim_audit import machine, stages
from claim_audit.stages import Stage, Stages

NOTHING = {"stages": [], "peak_memory_bytes": 0, "threads": 2}


@pytest.fixture
def times(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Clock times, each told once and in turn."""
    found: list[float] = []
    monkeypatch.setattr(stages.time, "perf_counter", lambda: found.pop(0))
    return found


def test_stages_stand_in_order_and_one_that_comes_again_adds_up(
    times: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    holds = {"now": 0}
    monkeypatch.setattr(machine, "resident_memory", lambda: holds["now"])
    monkeypatch.setattr(machine, "peak_memory", lambda: 60)
    told: list[Stage] = []
    measured = Stages(told.append)
    times += [0, 1.5, 2, 2.25, 3, 4]
    for name, held in (("read", 70), ("judge", 30), ("read", 50)):
        with measured(name):
            holds["now"] = held
    cost = measured.added_to(NOTHING)
    assert cost["stages"] == [
        {"stage": "read", "seconds": 2.5, "peak_memory_bytes": 70},
        {"stage": "judge", "seconds": 0.25, "peak_memory_bytes": 70},
    ]
    assert cost["threads"] == 2
    assert cost["peak_memory_bytes"] == 70
    assert [(stage.stage, stage.seconds) for stage in told] == [
        ("read", 1.5),
        ("judge", 0.25),
        ("read", 1),
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process holds now")
def test_the_peak_of_a_stage_is_of_that_stage_alone() -> None:
    measured = Stages()
    with measured("large"):
        block = np.ones(1 << 26, dtype=np.uint8)
        time.sleep(5 * stages.LOOK_EVERY)
        del block
    with measured("small"):
        pass
    large, small = (s["peak_memory_bytes"] for s in measured.added_to(NOTHING)["stages"])
    assert large - small > 1 << 25


def test_stages_are_added_to_those_of_before() -> None:
    first, then = Stages(), Stages()
    with first("read"):
        pass
    with then("write"):
        pass
    cost = then.added_to(first.added_to(NOTHING))
    assert [stage["stage"] for stage in cost["stages"]] == ["read", "write"]


def test_a_stage_that_raises_is_not_counted() -> None:
    told: list[Stage] = []
    measured = Stages(told.append)
    with pytest.raises(ValueError, match="broken"), measured("read"):
        raise ValueError("broken")
    assert (told, measured.added_to(NOTHING)["stages"]) == ([], [])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets the peak begin anew")
def test_a_stage_has_its_own_peak() -> None:
    measured = Stages()
    with measured("large"):
        block = bytearray(64 << 20)
        del block
    with measured("small"):
        pass
    cost = measured.added_to(NOTHING)
    large, small = (stage["peak_memory_bytes"] for stage in cost["stages"])
    assert small < large <= cost["peak_memory_bytes"]
