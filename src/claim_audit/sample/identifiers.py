"""Made-up identifiers of the right shape: NPIs, Medicare card numbers, member ids, claim ids.

Made-up NPIs begin with 2, which the standard allows and the registry has so far not issued, so
that none of them is a real person's.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa

from claim_audit.sample.draws import Array, Draws

SUPPLIERS = 600
CLINICIANS = 6000
_LETTERS = b"ACDEFGHJKMNPQRTUVWXY"
_DIGITS = b"0123456789"
_EITHER = _DIGITS + _LETTERS
_CARD = (
    b"123456789",
    _LETTERS,
    _EITHER,
    _DIGITS,
    _LETTERS,
    _EITHER,
    _DIGITS,
    _LETTERS,
    _LETTERS,
    _DIGITS,
    _DIGITS,
)
"""The eleven places of a Medicare card number (CMS MBI format)."""
_CARDS = int(np.prod([len(place) for place in _CARD]))
_SCRAMBLE = 4_294_967_291
"""A prime, so coprime to the number of cards and to powers of ten; below 2**32, so that products
with numbers of members fit 63 bits."""
_MEMBER_DIGITS = 10

SPARE_MEMBERS = 2**30
"""Added to a member's number it gives the number of a person who is nobody else."""


def npi(stem: Array) -> Array:
    """Valid NPIs (`S10`) for nine-digit stems: Luhn over the prefix 80840 and the stem."""
    places = stem[:, None] // 10 ** np.arange(8, -1, -1) % 10
    doubled = places[:, ::2] * 2
    total = 24 + (doubled - 9 * (doubled > 9)).sum(axis=1) + places[:, 1::2].sum(axis=1)
    return digits(stem * 10 + -total % 10, 10).view("S10")[:, 0]


def wrong_check_digit(npis: Array) -> Array:
    """The same NPIs (`S10`) with their last digit raised by one."""
    places = np.frombuffer(npis.tobytes(), np.uint8).reshape(-1, 10).copy()
    places[:, 9] = (places[:, 9] - 48 + 1) % 10 + 48
    return places.view("S10")[:, 0]


@cache
def suppliers() -> Array:
    """The NPIs of all suppliers (`S10`); the same in every sample."""
    keys = np.arange(SUPPLIERS)
    spread = Draws(0).below("supplier", keys, 40_000_000 // SUPPLIERS)
    return npi(200_000_000 + keys * (40_000_000 // SUPPLIERS) + spread)


@cache
def clinicians() -> Array:
    """The NPIs of all ordering clinicians (`S10`); none of them is a supplier."""
    keys = np.arange(CLINICIANS)
    spread = Draws(0).below("clinician", keys, 40_000_000 // CLINICIANS)
    return npi(250_000_000 + keys * (40_000_000 // CLINICIANS) + spread)


def digits(numbers: Array, width: int) -> Array:
    """Zero-padded decimal digits as bytes, shape (n, width)."""
    places = np.empty((len(numbers), width), np.uint8)
    rest = numbers.astype(np.int64)
    for place in range(width - 1, -1, -1):
        rest, digit = np.divmod(rest, 10)
        places[:, place] = digit + 48
    return places


def _scattered(numbers: Array, size: int) -> Array:
    """Different numbers below `size` for different numbers, neighbours far apart."""
    scattered: Array = (numbers.astype(np.int64) + 1) * _SCRAMBLE % size
    return scattered


def cards(numbers: Array) -> Array:
    """Medicare card numbers (bytes, shape (n, 11)), a different one for every number < 2**31."""
    rest = _scattered(numbers, _CARDS)
    places = np.empty((len(numbers), len(_CARD)), np.uint8)
    for place, alphabet in reversed(list(enumerate(_CARD))):
        rest, letter = np.divmod(rest, len(alphabet))
        places[:, place] = np.frombuffer(alphabet, np.uint8)[letter]
    return places


def member_ids(numbers: Array, prefixes: Array) -> Array:
    """Member ids (`S11`): a prefix and ten digits, or a Medicare card number.

    Args:
        numbers: a different number for every person.
        prefixes: one ASCII code per person; a blank stands for a card number.
    """
    plain = np.empty((len(numbers), 1 + _MEMBER_DIGITS), np.uint8)
    plain[:, 0] = prefixes
    plain[:, 1:] = digits(_scattered(numbers, 10**_MEMBER_DIGITS), _MEMBER_DIGITS)
    on_card = prefixes == ord(" ")
    plain[on_card] = cards(numbers[on_card])
    return plain.view("S11")[:, 0]


def person_ids(numbers: Array) -> Array:
    """Research keys of persons (`S12`): digits only."""
    text = np.empty((len(numbers), 2 + _MEMBER_DIGITS), np.uint8)
    text[:, :2] = np.frombuffer(b"10", np.uint8)
    text[:, 2:] = digits(_scattered(numbers, 10**_MEMBER_DIGITS), _MEMBER_DIGITS)
    return text.view("S12")[:, 0]


def claim_ids(numbers: Array) -> Array:
    """Claim ids (`S13`): the letter C and twelve digits."""
    text = np.empty((len(numbers), 13), np.uint8)
    text[:, 0] = ord("C")
    text[:, 1:] = digits(numbers, 12)
    return text.view("S13")[:, 0]


def text_array(fixed: Array) -> pa.Array:
    """An Arrow string array over bytes of one width (`S<n>`), without a copy."""
    width = fixed.dtype.itemsize
    offsets = np.arange(0, (len(fixed) + 1) * width, width, dtype=np.int32)
    data = pa.py_buffer(np.ascontiguousarray(fixed))
    return pa.Array.from_buffers(pa.string(), len(fixed), [None, pa.py_buffer(offsets), data])
