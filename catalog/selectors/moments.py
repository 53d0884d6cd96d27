"""What applied at a date, as it was known at another: one function resolves (domain.md §1)."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from catalog.choices import VersionState
from catalog.domain.moments import DatedVersion, Moment, MomentProblem, in_force
from catalog.models import ProductVersion, Publication
from catalog.selectors.past_sales import publications_then, running_publications
from winvest.core.domain.periods import local_date
from winvest.core.domain.vat import RecordedRate, rate_known
from winvest.core.errors import Invalid
from winvest.core.models.company import Company
from winvest.core.models.vat import VatRate
from winvest.core.selectors.past import past_states

Rows = QuerySet[Any, Any]

RATE = ("code", "rate", "valid_from", "valid_to")
# What the history says of a row that was erased.
ERASED = "-"


def resolve(product_id: UUID, moment: Moment) -> tuple[UUID, datetime | None]:
    """Return the version of a product that the caller sees, in force at the moment, and its end."""
    rows = ProductVersion._base_manager.filter(product_id=product_id, released_at__isnull=False)
    dated: Any = rows.values("id", "effective_from", "released_at", "withdrawn_at")
    found, until = in_force((DatedVersion(**row) for row in dated), moment)
    return found.id, until


def require_at(version_id: UUID, moment: Moment) -> datetime | None:
    """Refuse a version that is not the one in force at the moment; return its end as known then."""
    product = ProductVersion._base_manager.filter(pk=version_id).values_list("product_id")
    found, until = resolve(product.get()[0], moment)
    if found != version_id:
        raise Invalid(MomentProblem.NOT_IN_FORCE, path="as_of")
    return until


def stood(until: datetime | None) -> dict[str, Any]:
    """Return the columns of a version as they stood at a moment at which it was in force."""
    return {
        "state": VersionState.RELEASED.value,
        "effective_to": until,
        "withdrawn_at": None,
        "never_applied": False,
    }


def at_moment(version: dict[str, Any], until: datetime | None, moment: Moment) -> None:
    """Show a version, read with its parts, as it was at the moment.

    Plans and publications that ran, as they stood; prices at the VAT rate of that day.
    """
    version |= stood(until)
    version["plans"] = [
        plan for plan in version["plans"] if _runs(plan["valid_from"], plan["valid_to"], moment)
    ]
    offered = {None, *(plan["id"] for plan in version["plans"])}
    version["pricing_rules"] = [
        price for price in version["pricing_rules"] if price["plan_id"] in offered
    ]
    running = running_publications(
        Publication.objects.filter(product_version=version["id"]), moment
    )
    kept = set(running.values_list("pk", flat=True))
    version["publications"] = publications_then(
        [row for row in version["publications"] if row["id"] in kept], moment
    )
    set_rates(version["company_id"], version["pricing_rules"], moment)


def set_rates(company_id: UUID, prices: Iterable[dict[str, Any]], moment: Moment) -> None:
    """Give prices the VAT rate of the day in the company's country and time zone; None without."""
    rates, day = _rates(company_id, moment)
    for price in prices:
        found = rate_known(rates, code=price["tax_code"], on=day, known_at=moment.known_at)
        price["tax_rate"] = None if found is None else Decimal(f"{found:.2f}")


def local_day(company_id: UUID, moment: Moment) -> date:
    """Return the date of the moment in a company's time zone."""
    zone = Company._base_manager.values_list("timezone", flat=True).get(pk=company_id)
    return local_date(moment.as_of, zone)


def running_plans(plans: Rows, moment: Moment) -> Rows:
    """Keep the plans on offer at the moment."""
    return plans.filter(_between("valid_from", "valid_to", moment.as_of))


def of_running_plans(rows: Rows, moment: Moment) -> Rows:
    """Keep what belongs to a plan on offer at the moment, or to none."""
    return rows.filter(_between("plan__valid_from", "plan__valid_to", moment.as_of))


def states_known(history: Any, known_at: datetime) -> Rows:
    """Return the state of each row of a `history` as the database knew it; erased ones are out."""
    earlier = history.filter(id=OuterRef("id"), history_date__lte=known_at)
    last = earlier.order_by("-history_id").values("history_id")[:1]
    states: Rows = history.filter(history_id=Subquery(last)).exclude(history_type=ERASED)
    return states


def known_versions(versions: Rows, moment: Moment) -> Rows:
    """Keep the versions known then, not withdrawn, and not replaced by another known at the date."""
    known = known_by(moment)
    replacing = ProductVersion._base_manager.filter(
        known,
        product=OuterRef("product"),
        released_at__lte=moment.known_at,
        effective_from__gt=OuterRef("effective_from"),
        effective_from__lte=moment.as_of,
    )
    draft = Q(released_at__isnull=True) | Q(released_at__gt=moment.known_at)
    return versions.filter(known, draft | ~Exists(replacing), created_at__lte=moment.known_at)


def known_by(moment: Moment) -> Q:
    """Return the condition that a version was not known as withdrawn."""
    return Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=moment.known_at)


def _rates(company_id: UUID, moment: Moment) -> tuple[list[RecordedRate], date]:
    company = Company._base_manager.values("country", "timezone").get(pk=company_id)
    rows = VatRate.objects.filter(country=company["country"])
    found = {row.pop("id"): row for row in rows.values("id", *RATE, recorded_at=F("created_at"))}
    if moment.known_at is not None:
        for pk, before in past_states(VatRate._meta.db_table, after=moment.known_at).items():
            if before["country"] == company["country"]:
                found[pk] = _recorded(before, found.get(pk))
    day = local_date(moment.as_of, company["timezone"])
    return [RecordedRate(**row) for row in found.values()], day


def _recorded(before: dict[str, Any], row: dict[str, Any] | None) -> dict[str, Any]:
    """Return a rate as it stood before a correction, or before it was erased."""
    end = before["valid_to"]
    return {
        "code": before["code"],
        "rate": Decimal(str(before["rate"])),
        "valid_from": date.fromisoformat(before["valid_from"]),
        "valid_to": None if end is None else date.fromisoformat(end),
        "recorded_at": row["recorded_at"] if row else datetime.fromisoformat(before["created_at"]),
    }


def _between(start: str, end: str, at: datetime | date) -> Q:
    begun = Q(**{f"{start}__isnull": True}) | Q(**{f"{start}__lte": at})
    return begun & (Q(**{f"{end}__isnull": True}) | Q(**{f"{end}__gt": at}))


def _runs(start: datetime | None, end: datetime | None, moment: Moment) -> bool:
    at = moment.as_of
    return (start is None or start <= at) and (end is None or at < end)
