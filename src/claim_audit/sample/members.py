"""The members: payer, supplier, clinician, diagnosis, pump, habits. A pure function of a number."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from claim_audit.sample import identifiers, payers, terms
from claim_audit.sample.draws import Array, Draws

NO_PUMP_CLAIM, RENTED, BOUGHT = range(3)

SETS_LIMIT = 44
INSULIN_LIMIT = 260
"""What 90 days may hold at most where a member sometimes refills early (sets; billed units)."""


@dataclass(frozen=True)
class Members:
    """One entry per member in every array.

    `number` (int64) is the identity; `days` (30 or 90) the usual supply; `sets`, `reservoirs`
    and `insulin_units` what one fill holds (`sets` are weeks where A4224 is billed); `book`,
    `spelling`, `plan`, `supplier`, `clinician`, `diagnosis`, `set_code` and `product` are
    positions in the lists of `payers`, `identifiers` and `terms`.
    """

    number: Array
    book: Array
    spelling: Array
    plan: Array
    supplier: Array
    clinician: Array
    diagnosis: Array
    insulin_status: Array
    pump_status: Array
    birth_date: Array
    first_day: Array
    last_day: Array
    days: Array
    set_code: Array
    sets: Array
    reservoirs: Array
    insulin_units: Array
    product: Array
    sensors: Array
    pump: Array
    new_equipment: Array
    early: Array
    price: Array
    markup: Array
    share: Array

    def __len__(self) -> int:
        return len(self.number)

    def take(self, rows: Array) -> Members:
        """The members at these positions."""
        return Members(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})

    @classmethod
    def concat(cls, parts: list[Members]) -> Members:
        """The members of all parts."""
        return cls(
            **{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(cls)}
        )

    @property
    def like_medicare(self) -> Array:
        """Whether supplies are billed with Medicare's codes."""
        return payers.BILLED_LIKE_MEDICARE[self.book]


def generate(numbers: Array, draws: Draws, books: tuple[int, ...]) -> Members:
    """The members of these numbers, out of the given books."""
    weights = [payers.BOOKS[b].share for b in books]
    book = np.array(books)[draws.choice("book", numbers, weights)]
    like_medicare = payers.BILLED_LIKE_MEDICARE[book]
    days = np.where(draws.chance("days", numbers, 0.72), 90, 30)
    quarterly = days == 90
    sets = np.where(
        like_medicare,
        np.where(quarterly, 13, draws.between("weeks", numbers, 4, 5)),
        np.where(
            quarterly,
            np.array([30, 40, 45])[draws.choice("sets", numbers, (0.5, 0.35, 0.15))],
            np.array([10, 15])[draws.choice("sets", numbers, (0.75, 0.25))],
        ),
    )
    dose = 20 + 100 * draws.unit("dose", numbers) ** 1.4
    package = np.where(draws.chance("package", numbers, 0.85), 20, 6)
    insulin_units = np.ceil(dose * days / 50 / package).astype(np.int64) * package
    insulin_units *= draws.chance("insulin", numbers, payers.INSULIN_SHARES[book])
    first_day = draws.between("first day", numbers, terms.FIRST_DAY, terms.LAST_DAY - 120)
    stay = 60 + (440 * draws.unit("stay", numbers) ** 1.6).astype(np.int64)
    fills = np.where(quarterly, 2, 4)
    early = (
        (like_medicare | (sets * fills <= SETS_LIMIT))
        & (insulin_units * fills <= INSULIN_LIMIT)
        & ~(like_medicare & (insulin_units > 0))
    )
    diagnosis = draws.below("diagnosis", numbers, terms.DIABETES)
    age = np.where(
        like_medicare,
        draws.between("age", numbers, 58 * 365, 84 * 365),
        draws.between("age", numbers, 6 * 365, 63 * 365),
    )
    return Members(
        number=numbers,
        book=book,
        spelling=payers.FIRST_SPELLING[book]
        + draws.below("spelling", numbers, payers.SPELLING_COUNT[book]),
        plan=payers.PLAN_CODES[book, draws.below("plan", numbers, payers.PLAN_COUNT[book])],
        supplier=(identifiers.SUPPLIERS * draws.unit("supplier", numbers) ** 2).astype(np.int64),
        clinician=draws.below("clinician", numbers, identifiers.CLINICIANS),
        diagnosis=diagnosis,
        insulin_status=(diagnosis >= terms.TYPE_1) | draws.chance("Z79.4", numbers, 0.4),
        pump_status=draws.chance("Z96.41", numbers, 0.5),
        birth_date=terms.FIRST_DAY - age,
        first_day=first_day,
        last_day=np.minimum(first_day + stay, terms.LAST_DAY),
        days=days,
        set_code=np.where(
            like_medicare,
            terms.A4224,
            np.where(draws.chance("needle", numbers, 0.45), terms.A4231, terms.A4230),
        ),
        sets=sets,
        reservoirs=np.where(quarterly, 30, 10) * draws.chance("reservoirs", numbers, 0.85),
        insulin_units=insulin_units,
        product=draws.choice("product", numbers, terms.PRODUCT_WEIGHTS),
        sensors=draws.chance("sensors", numbers, 0.3),
        pump=np.where(
            draws.chance("pump", numbers, 0.2), np.where(like_medicare, RENTED, BOUGHT), 0
        ),
        new_equipment=~like_medicare & draws.chance("new equipment", numbers, 0.5),
        early=early & draws.chance("early", numbers, 0.5),
        price=0.88 + 0.24 * draws.unit("price", numbers),
        markup=1.15 + 0.65 * draws.unit("markup", numbers),
        share=np.where(
            like_medicare,
            20,
            np.array([0, 10, 20, 30])[draws.below("share", numbers, 4)],
        ),
    )
