"""Stages of a run: their order, what they take, who is told."""

from __future__ import annotations

import sys

import pytest

from claim_audit import machine, stages
from claim_audit.stages import Stage, Stages

NOTHING = {"stages": [], "peak_memory_bytes": 0, "threads": 2}


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> tuple[list[float], list[int]]:
    """Clock times and peaks, each told once and in turn."""
    times: list[float] = []
    peaks: list[int] = []
    monkeypatch.setattr(stages.time, "perf_counter", lambda: times.pop(0))
    monkeypatch.setattr(machine, "peak_memory", lambda: peaks.pop(0))
    monkeypatch.setattr(machine, "restart_peak_memory", lambda: None)
    return times, peaks


def test_stages_stand_in_order_and_one_that_comes_again_adds_up(
    system: tuple[list[float], list[int]],
) -> None:
    times, peaks = system
    told: list[Stage] = []
    measured = Stages(told.append)
    times += [0, 1.5, 2, 2.25, 3, 4]
    peaks += [0, 70, 0, 30, 0, 50, 50]
    for name in ("read", "judge", "read"):
        with measured(name):
            pass
    cost = measured.added_to(NOTHING)
    assert cost["stages"] == [
        {"stage": "read", "seconds": 2.5, "peak_memory_bytes": 70},
        {"stage": "judge", "seconds": 0.25, "peak_memory_bytes": 30},
    ]
    assert cost["threads"] == 2
    assert told == [Stage("read", 1.5, 70), Stage("judge", 0.25, 30), Stage("read", 1, 50)]


def test_the_peak_of_all_is_that_of_stages_of_what_lies_between_and_of_before(
    system: tuple[list[float], list[int]],
) -> None:
    times, peaks = system
    measured = Stages()
    times += [0, 1] * 2
    peaks += [10, 20, 90, 30, 40]
    for name in ("read", "judge"):
        with measured(name):
            pass
    cost = measured.added_to(NOTHING)
    assert [stage["peak_memory_bytes"] for stage in cost["stages"]] == [20, 30]
    assert cost["peak_memory_bytes"] == 90
    peaks.append(40)
    assert measured.added_to({**NOTHING, "peak_memory_bytes": 95})["peak_memory_bytes"] == 95


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
