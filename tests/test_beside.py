"""Work side by side gives what it would give one after the other."""

from __future__ import annotations

import time
from functools import partial

import pytest

from claim_audit.beside import side_by_side


def test_answers_come_in_the_order_of_the_tasks() -> None:
    waits = (0.05, 0, 0.02)
    assert side_by_side([partial(slow, wait) for wait in waits]) == [*waits]
    assert side_by_side([]) == []


def slow(wait: float) -> float:
    time.sleep(wait)
    return wait


def test_the_first_that_raised_is_raised_once_all_have_ended() -> None:
    ended: list[str] = []

    def broken(name: str) -> str:
        ended.append(name)
        raise ValueError(name)

    def whole() -> str:
        ended.append("whole")
        return "whole"

    with pytest.raises(ValueError, match="one"):
        side_by_side([lambda: broken("one"), lambda: broken("two"), whole])
    assert sorted(ended) == ["one", "two", "whole"]
