"""Loads the large demo by lots of products, each whole or not at all."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from itertools import chain
from uuid import NAMESPACE_URL, UUID, uuid5

import psycopg
from django.core.management.base import CommandError
from django.db import connection

from catalog.models import Product, Risk
from partners.models import Partner, PartnerActivation
from winvest.backoffice.demo.large import offers
from winvest.backoffice.demo.large.families import Family, read_families
from winvest.backoffice.demo.large.offers import Rows, World
from winvest.backoffice.demo.large.tables import TABLES
from winvest.backoffice.demo.rows import add
from winvest.core import scoping
from winvest.core.clock import now
from winvest.core.domain.roles import Role
from winvest.core.models import Brand, Company, Membership, VatRate
from winvest.core.transaction import transaction

LOT = 1_000
WORKERS = 2


def load_offers(count: int, progress: Callable[[int], None]) -> int:
    """Add the products from 1 to `count` that are missing; return how many were added.

    `progress` is told how many are there after each lot. A lot is one transaction: a load that
    was stopped goes on where it was.
    """
    families = read_families()
    lots = [range(first, min(first + LOT, count + 1)) for first in range(1, count + 1, LOT)]
    missing = [lot for lot in lots if not _is_there(lot[0], families)]
    done = count - sum(map(len, missing))
    world = _world(offers.families_of(chain(*missing), families))
    for lot in _each(lambda lot: _add_lot(lot, families, world), missing):
        done += len(lot)
        progress(done)
    return sum(map(len, missing))


def _each(add: Callable[[range], None], lots: list[range]) -> Iterator[range]:
    """Add the lots, two at a time on connections of their own; one alone stays on this one."""

    def add_apart(lot: range) -> range:
        try:
            with scoping.everything():
                add(lot)
        finally:
            connection.close()
        return lot

    if len(lots) == 1:
        add(lots[0])
        yield lots[0]
    elif lots:
        with ThreadPoolExecutor(WORKERS) as pool:
            yield from pool.map(add_apart, lots)


def analyze() -> None:
    """Renew the planner's statistics, which pages and counts rest on."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("ANALYZE")


def _add_lot(numbers: range, families: list[Family], world: World) -> None:
    rows = Rows()
    for number in numbers:
        offers.draw(number, families, world, rows)
    with transaction(None):
        raw = _raw()
        raw.execute("SET LOCAL statement_timeout = 0")
        # Foreign keys and triggers keep the plans they made while the tables were empty: without
        # this they read whole tables for every row.
        raw.execute("SET LOCAL enable_seqscan = off")
        ignored = ",".join(name for table in TABLES.values() for name in table.triggers())
        raw.execute("SELECT set_config('pgtrigger.ignore', %s, true)", [f"{{{ignored}}}"])
        for name, table in TABLES.items():
            table.write(raw, getattr(rows, name))


def _is_there(number: int, families: list[Family]) -> bool:
    codes = {offers.sku(number, family) for family in families}
    return bool(Product.objects.filter(sku__in=codes).exists())


def _raw() -> psycopg.Connection[object]:
    connection.ensure_connection()
    raw: psycopg.Connection[object] = connection.connection
    return raw


def _world(families: list[Family]) -> World:
    companies = {company.code: company for company in Company.objects.all()}
    missing = sorted({family.company for family in families} - companies.keys())
    if missing:
        raise CommandError(
            f"Il manque les sociétés {', '.join(missing)} : chargez d'abord la démonstration."
        )
    return World(
        companies={code: company.pk for code, company in companies.items()},
        risks=dict(Risk.objects.filter(is_global=True).values_list("code", "pk")),
        brands={
            code: Brand.objects.filter(company=company).values_list("pk", flat=True).first()
            for code, company in companies.items()
        },
        partners={
            family.code: [_partner(family, name, companies[family.company]) for name in names]
            for family in families
            if (names := family.partner_names())
        },
        authors={
            code: _person(Role.CATALOG_MANAGER, company) for code, company in companies.items()
        },
        releaser=_person(Role.GROUP_ADMIN, None),
        rates=_rates(),
    )


def _partner(family: Family, name: str, company: Company) -> UUID:
    pk = uuid5(NAMESPACE_URL, f"https://winvest.example/demo/large/{company.code}/{name}")
    known = Partner.objects.filter(company=company, name=name).first()
    if known:
        return UUID(str(known.pk))
    with transaction(None):
        partner = add(
            Partner(
                id=pk,
                company=company,
                name=name,
                legal_name=name,
                type=family.partners["type"],
                is_insurance=family.partners["insurance"],
            )
        )
        add(PartnerActivation(partner=partner, company=company, activated_at=now()))
    return pk


def _rates() -> dict[str, list[tuple[date, Decimal]]]:
    rates: dict[str, list[tuple[date, Decimal]]] = {}
    for rate in VatRate.objects.filter(country="FR").order_by("valid_from"):
        rates.setdefault(rate.code, []).append((rate.valid_from, rate.rate))
    return rates


def _person(role: Role, company: Company | None) -> UUID:
    rows = Membership.objects.filter(role=role, company=company).order_by("pk")
    found: UUID | None = rows.values_list("user_id", flat=True).first()
    return found or _person(Role.GROUP_ADMIN, None)
