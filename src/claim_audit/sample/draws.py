"""Random draws that depend on nothing but a seed, a purpose and a key.

Every draw is a hash of its own key, so a member's claims are the same whatever the size of the
blocks they are generated in, and one more draw somewhere shifts no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_ROUNDS = (
    (np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)),
    (np.uint64(27), np.uint64(0x94D049BB133111EB)),
)
_LAST = np.uint64(31)
_UNIT_BITS = np.uint64(11)


class Draws:
    """Uniform draws keyed by purpose and by integers (the SplitMix64 finaliser)."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def bits(self, purpose: str, keys: Array) -> Array:
        """64 random bits for each key (uint64)."""
        offset = blake2b(f"{self.seed}:{purpose}".encode(), digest_size=8).digest()
        x = keys.astype(np.uint64) * _STEP + np.uint64(int.from_bytes(offset, "little"))
        for shift, factor in _ROUNDS:
            x ^= x >> shift
            x *= factor
        x ^= x >> _LAST
        return x

    def unit(self, purpose: str, keys: Array) -> Array:
        """A number in [0, 1) for each key (float64)."""
        return (self.bits(purpose, keys) >> _UNIT_BITS) * 2.0**-53

    def below(self, purpose: str, keys: Array, limit: int | Array) -> Array:
        """A whole number in [0, limit) for each key (int64)."""
        return (self.unit(purpose, keys) * limit).astype(np.int64)

    def between(self, purpose: str, keys: Array, low: int | Array, high: int | Array) -> Array:
        """A whole number in [low, high], both included, for each key (int64)."""
        return low + self.below(purpose, keys, high - low + 1)

    def chance(self, purpose: str, keys: Array, probability: float | Array) -> Array:
        """True with the given probability for each key."""
        result: Array = self.unit(purpose, keys) < probability
        return result

    def choice(self, purpose: str, keys: Array, weights: Sequence[float]) -> Array:
        """The position of a weight, chosen in proportion to it, for each key (int64)."""
        edges = np.cumsum(weights)
        position: Array = np.searchsorted(edges, self.unit(purpose, keys) * edges[-1], "right")
        return position.clip(max=len(edges) - 1)
