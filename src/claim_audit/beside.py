"""Work that is done side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import polars as pl

T = TypeVar("T")


def side_by_side(tasks: Iterable[Callable[[], T]]) -> list[T]:
    """What each of the tasks gives, in their order; as many run at once as Polars has threads.

    Small queries keep one processor busy and wait for each other; this fills the others. Where
    tasks raise, what the first of them raised is raised once all have ended.
    """
    with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
        return [begun.result() for begun in [pool.submit(task) for task in tasks]]
