"""Draws the offers of the large demo: the same number gives the same rows on every machine.

Every product has ten versions. Those of a product on sale are released one after the other, each
until the next; the ninth is in force and the tenth is being prepared, planned or withdrawn.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from catalog.choices import (
    Channel,
    LifecycleStatus,
    PricingType,
    RevenueModel,
    TierMode,
    VersionState,
    Visibility,
)
from catalog.parts import hash_of
from winvest.backoffice.demo.large.families import Family
from winvest.core import json

VERSIONS = 10
SEED = "winvest"
# The offers look as they do on this day, whatever the day they are loaded.
TODAY = date(2026, 11, 1)
PARIS = ZoneInfo("Europe/Paris")
CENT = Decimal("0.01")
STATUSES = {
    LifecycleStatus.ACTIVE: 72,
    LifecycleStatus.FROZEN: 8,
    LifecycleStatus.RETIRED: 13,
    LifecycleStatus.TEST: 4,
    LifecycleStatus.DRAFT: 3,
}
ON_SALE = {LifecycleStatus.ACTIVE, LifecycleStatus.FROZEN, LifecycleStatus.RETIRED}
LAST_STATES = {
    VersionState.DRAFT: 40,
    VersionState.IN_REVIEW: 15,
    VersionState.RELEASED: 25,
    VersionState.WITHDRAWN: 20,
}
# How many offers out of a hundred another company of the group sells too (reading R-10).
LENT = 5
PRODUCT, VERSION, PLAN, PRICE, PUBLICATION, MAPPING = range(6)


@dataclass(frozen=True, slots=True)
class World:
    """What the rows name: ids by code, the partners of each family, VAT rates by date."""

    companies: Mapping[str, UUID]
    risks: Mapping[str, UUID]
    brands: Mapping[str, UUID | None]
    partners: Mapping[str, list[UUID]]
    authors: Mapping[str, UUID]
    releaser: UUID
    rates: Mapping[str, list[tuple[date, Decimal]]]

    def rate(self, code: str, at: datetime) -> Decimal:
        """Return the VAT rate of a code on the local day of `at`."""
        day = at.astimezone(PARIS).date()
        return [rate for since, rate in self.rates[code] if since <= day][-1]


@dataclass(slots=True)
class Rows:
    """Rows by table, each in the order of its columns (`tables.py`)."""

    products: list[tuple[Any, ...]] = field(default_factory=list)
    versions: list[tuple[Any, ...]] = field(default_factory=list)
    plans: list[tuple[Any, ...]] = field(default_factory=list)
    prices: list[tuple[Any, ...]] = field(default_factory=list)
    publications: list[tuple[Any, ...]] = field(default_factory=list)
    mappings: list[tuple[Any, ...]] = field(default_factory=list)


def draw(number: int, families: list[Family], world: World, rows: Rows) -> None:
    """Add the rows of product `number`."""
    family, random = _family(number, families)
    _Offer(number, family, random, world).add_to(rows)


def families_of(numbers: Iterable[int], families: list[Family]) -> list[Family]:
    """Return the families of these products."""
    drawn = {_family(number, families)[0].code for number in numbers}
    return [family for family in families if family.code in drawn]


def _family(number: int, families: list[Family]) -> tuple[Family, Random]:
    """Return the family of product `number`, and what draws the rest of it."""
    random = Random(f"{SEED}/{number}")  # noqa: S311 - demo data, to be drawn again alike
    (family,) = random.choices(families, [one.share for one in families])
    return family, random


def sku(number: int, family: Family) -> str:
    """Return the code of product `number`."""
    return f"{family.company}-{family.code}-{number:05d}"


class _Offer:
    """One product being drawn."""

    def __init__(self, number: int, family: Family, random: Random, world: World) -> None:
        self.number, self.family, self.random, self.world = number, family, random, world
        self.company = world.companies[family.company]
        (self.status,) = random.choices(list(STATUSES), list(STATUSES.values()))
        self.starts = list(self._starts())
        self.plan_count = min(random.choice((1, 1, 1, 2, 2, 3)), len(family.plans))
        self.base = Decimal(random.randint(family.prices[0] * 100, family.prices[1] * 100)) / 100
        self.by_use = family.usage is not None and random.random() < 0.4
        self.by_tiers = not self.by_use and random.random() < 0.1

    def add_to(self, rows: Rows) -> None:
        """Add the product and all that hangs on it."""
        created = self.starts[0] - timedelta(days=30)
        with_partner = self.random.randrange(100) < self.family.partner_share
        partner = (
            self.random.choice(self.world.partners[self.family.code]) if with_partner else None
        )
        models = (
            [RevenueModel.COMMISSION, RevenueModel.MIXED] if partner else [RevenueModel.REVENUE]
        )
        name = self.family.name(self.random)
        rows.products.append(
            (
                self._id(PRODUCT, created, 0),
                created,
                created,
                self.company,
                partner,
                self.world.risks[self.family.risk],
                self.world.brands[self.family.company],
                sku(self.number, self.family),
                name,
                name[:80],
                self.random.choice(models),
                self.status,
                self.world.authors[self.family.company],
            )
        )
        for version in range(1, VERSIONS + 1):
            self._add_version(version, rows, rows.products[-1][0])
        if self.status in ON_SALE:
            for version in (VERSIONS - 2, VERSIONS - 1):
                self._add_publications(version, rows)
                self._add_mapping(version, rows, commission=partner is not None)

    def _starts(self) -> Iterator[datetime]:
        """Give the dates of effect, the earliest first, at midnight in Paris."""
        day = TODAY + timedelta(days=self.random.randint(60, 240))
        days = [day]
        day = TODAY - timedelta(days=self.random.randint(10, 300))
        for _ in range(VERSIONS - 1):
            days.append(day)
            day -= timedelta(days=self.random.randint(120, 420))
        for day in reversed(days):
            yield datetime.combine(day, time(), PARIS).astimezone(UTC)

    def _state(self, version: int) -> VersionState:
        if self.status not in ON_SALE:
            return VersionState.DRAFT
        if version < VERSIONS:
            return VersionState.RELEASED
        (state,) = self.random.choices(list(LAST_STATES), list(LAST_STATES.values()))
        return state

    def _add_version(self, version: int, rows: Rows, product: UUID) -> None:
        start = self.starts[version - 1]
        created = start - timedelta(days=20, minutes=self.random.randrange(10_000))
        state = self._state(version)
        pk = self._id(VERSION, created, version)
        content = [
            self._add_plan(pk, created, version, place, rows) for place in range(self.plan_count)
        ]
        if state == VersionState.RELEASED and version == VERSIONS:
            # The version in force ends where the planned one begins.
            rows.versions[-1] = (*rows.versions[-1][:8], start, *rows.versions[-1][9:])
        released = state in {VersionState.RELEASED, VersionState.WITHDRAWN}
        ended = released and version < VERSIONS - 1
        rows.versions.append(
            (
                pk,
                created,
                created,
                self.company,
                product,
                version,
                state,
                start,
                self.starts[version] if ended else None,
                version % 5 == 0,
                hash_of({"plans": {"plans": content}}) if state != VersionState.DRAFT else "",
                created + timedelta(days=5) if released else None,
                self.world.releaser if released else None,
                created + timedelta(days=9) if state == VersionState.WITHDRAWN else None,
            )
        )

    def _add_plan(
        self, version_id: UUID, created: datetime, version: int, place: int, rows: Rows
    ) -> dict[str, Any]:
        """Add a plan with its price and return its content, as `catalog.part` writes it."""
        code, name = self.family.plans[place]
        kind, payload, tier_mode = self._price(version, place)
        pk = self._id(PLAN, created, version, place)
        recurrence = self.family.recurrence
        rows.plans.append(
            (pk, created, created, self.company, version_id, code, name, recurrence, place + 1)
        )
        rate = self.world.rate(self.family.tax_code, self.starts[version - 1])
        rows.prices.append(
            (
                self._id(PRICE, created, version, place),
                created,
                created,
                self.company,
                version_id,
                pk,
                kind,
                tier_mode,
                json.dumps(payload),
                self.family.tax_code,
                rate,
            )
        )
        price = self._price_content(kind, payload, tier_mode, rate)
        return {"code": code, "name": name, "recurrence": recurrence, "prices": [price]}

    def _price_content(
        self, kind: str, payload: Any, tier_mode: str | None, rate: Decimal
    ) -> dict[str, Any]:
        return {
            "type": kind,
            "tier_mode": tier_mode,
            "currency": "EUR",
            "payload": payload,
            "tax_code": self.family.tax_code,
            "tax_rate": rate,
            "tax_included": True,
        }

    def _price(self, version: int, place: int) -> tuple[str, Any, str | None]:
        """Return type, payload and mode of tiers; each version is a little dearer."""
        amount = (self.base * (100 + 2 * version) * (10 + 4 * place) / 1000).quantize(CENT)
        if self.by_use and place == self.plan_count - 1 and self.family.usage:
            low, high = self.family.usage["price"]
            unit = Decimal(str(low)) + (Decimal(str(high)) - Decimal(str(low))) * version / 20
            payload = {
                "unit": self.family.usage["unit"],
                "unit_price": unit.quantize(Decimal("0.0001")),
                "min_charge": amount,
            }
            return PricingType.USAGE, payload, None
        if self.by_tiers:
            steps = ((0, 99, 100), (100, 499, 90), (500, None, 80))
            tiers = [
                {
                    "min": low,
                    "max": high,
                    "amount": (amount * part / 100).quantize(CENT),
                    "base": None,
                }
                for low, high, part in steps
            ]
            return (
                PricingType.TIERED,
                tiers,
                TierMode.SLAB if self.number % 2 else TierMode.PROGRESSIVE,
            )
        return PricingType.FIXED, {"amount": amount}, None

    def _add_publications(self, version: int, rows: Rows) -> None:
        row = rows.versions[version - VERSIONS - 1]
        channels = [one.value for one in Channel if self.random.random() < 0.7] or [
            Channel.WEB.value
        ]
        visibility = self.random.choice(
            [Visibility.PUBLIC, Visibility.INTERNAL, Visibility.INTERNAL]
        )
        sellers = [self.company]
        if self.number % 100 < LENT:
            others = [one for one in self.world.companies.values() if one != self.company]
            sellers.append(self.random.choice(others))
        for place, seller in enumerate(sellers):
            rows.publications.append(
                (
                    self._id(PUBLICATION, row[1], version, place),
                    row[1],
                    row[1],
                    seller,
                    self.company,
                    row[4],
                    row[0],
                    json.dumps(channels),
                    visibility,
                    row[7],
                    row[8],
                )
            )

    def _add_mapping(self, version: int, rows: Rows, *, commission: bool) -> None:
        row = rows.versions[version - VERSIONS - 1]
        (state,) = self.random.choices(["validated", "to_validate", "error"], [88, 10, 2])
        rows.mappings.append(
            (
                self._id(MAPPING, row[1], version),
                row[1],
                row[1],
                self.company,
                row[4],
                row[0],
                "commission" if commission else "revenue",
                "756200" if commission else "706100",
                "VENTE",
                self.family.tax_code,
                state,
                row[1] + timedelta(days=3) if state == "validated" else None,
            )
        )

    def _id(self, kind: int, at: datetime, version: int, place: int = 0) -> UUID:
        """Return a time-ordered identifier (version 7) that names the row: no draw, no clash."""
        order = (self.number * (VERSIONS + 1) + version) * 10 + place
        millis = int(at.timestamp() * 1000)
        return UUID(int=millis << 80 | 7 << 76 | kind << 64 | 2 << 62 | order)
