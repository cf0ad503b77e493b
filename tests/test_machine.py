"""The memory of the machine and its control groups, and the peak of this process."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from claim_audit import machine

GIB = 1 << 30
NO_LIMIT_1 = "9223372036854771712"


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of 16 GiB without control groups."""
    monkeypatch.setattr(machine, "PROCESS", tmp_path / "proc")
    monkeypatch.setattr(machine, "CGROUPS", tmp_path / "cgroup")
    pages = {"SC_PHYS_PAGES": 4 << 20, "SC_PAGE_SIZE": 4096}
    monkeypatch.setattr(machine.os, "sysconf", pages.__getitem__)
    return tmp_path


def told(system: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        file = system / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content + "\n")


@pytest.mark.parametrize(
    ("files", "gib"),
    [
        ({}, 16),
        ({"proc/cgroup": "0::/"}, 16),
        ({"proc/cgroup": "0::/", "cgroup/memory.max": str(4 * GIB)}, 4),
        ({"proc/cgroup": "0::/", "cgroup/memory.max": "max"}, 16),
        ({"proc/cgroup": "0::/", "cgroup/memory.max": str(64 * GIB)}, 16),
        ({"proc/cgroup": "0::/a/b", "cgroup/a/b/memory.max": str(3 * GIB)}, 3),
        (
            {
                "proc/cgroup": "0::/a/b",
                "cgroup/a/b/memory.max": "max",
                "cgroup/a/memory.max": str(2 * GIB),
            },
            2,
        ),
        (
            {
                "proc/cgroup": "5:cpu,cpuacct:/\n4:memory:/a\n0::/",
                "cgroup/memory/a/memory.limit_in_bytes": str(5 * GIB),
                "cgroup/memory/memory.limit_in_bytes": NO_LIMIT_1,
            },
            5,
        ),
        (
            {
                "proc/cgroup": "4:memory:/named/outside/of/the/container",
                "cgroup/memory/memory.limit_in_bytes": str(6 * GIB),
            },
            6,
        ),
        ({"proc/cgroup": "5:cpu:/a", "cgroup/cpu/a/memory.limit_in_bytes": str(GIB)}, 16),
        ({"proc/cgroup": "0::/../a", "cgroup/memory.max": str(7 * GIB)}, 7),
    ],
)
def test_memory_is_the_least_of_machine_and_control_groups(
    system: Path, files: dict[str, str], gib: int
) -> None:
    told(system, files)
    assert machine.memory() == gib * GIB
    assert machine.memory_budget(None) == gib * GIB // 2
    assert machine.memory_budget(3 * GIB) == 3 * GIB


def test_this_machine_has_memory() -> None:
    assert 1 << 20 < machine.peak_memory() < machine.memory()


def test_the_peak_is_what_the_kernel_says(system: Path) -> None:
    told(system, {"proc/status": "Name:\tpython\nVmHWM:\t    2048 kB\nVmRSS:\t     512 kB"})
    assert machine.peak_memory() == 2 << 20


@pytest.mark.parametrize(("platform", "peak"), [("linux", 5 << 10), ("darwin", 5)])
def test_elsewhere_the_peak_is_that_of_getrusage_in_its_unit(
    system: Path, monkeypatch: pytest.MonkeyPatch, platform: str, peak: int
) -> None:
    monkeypatch.setattr(machine.sys, "platform", platform)
    monkeypatch.setattr(machine.resource, "getrusage", lambda _: SimpleNamespace(ru_maxrss=5))
    assert machine.peak_memory() == machine.resident_memory() == peak


def test_what_is_held_now_is_what_the_kernel_says(system: Path) -> None:
    told(system, {"proc/statm": "900 25 3 1 0 200 0"})
    assert machine.resident_memory() == 25 * os.sysconf("SC_PAGE_SIZE")
