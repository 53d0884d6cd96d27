"""The filters of the products' list: the eight of E-03, by the same rules as the API's."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest

from catalog.choices import Channel, PricingModel
from catalog.domain.moments import Moment
from catalog.selectors.facets import YES_NO
from catalog.selectors.products import by_columns, by_dates
from winvest.core.admin.filters import CompanyFilter, RowFilter
from winvest.core.clock import now
from winvest.core.permissions import access_of

Rows = QuerySet[Any, Any]


class SellerFilter(CompanyFilter):
    """Who owns or sells the product."""

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        """Keep the products of a company in scope; another address gives nothing."""
        if not self.value():
            return queryset
        if self.value() not in {key for key, _ in self.lookup_choices}:
            return queryset.none()
        return by_columns(queryset, {"company": UUID(self.value())})


class RiskFilter(RowFilter):
    """A risk, with those below it."""

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        """Keep the products of the whole branch."""
        chosen = self.used_parameters.get(self.lookup_kwarg)
        key = _key(chosen[-1] if isinstance(chosen, list) else chosen)
        if key is None:
            return super().queryset(request, queryset)  # type: ignore[no-any-return]
        return by_columns(queryset, {"risk": key})


class InternalFilter(SimpleListFilter):
    """Products without a partner (M-15)."""

    title = "interne"
    parameter_name = "internal"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer yes and no."""
        return list(YES_NO.items())

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        """Keep those without a partner, or those with one."""
        if self.value() not in YES_NO:
            return queryset if self.value() is None else queryset.none()
        return queryset.filter(partner__isnull=self.value() == "true")


class DatedFilter(SimpleListFilter):
    """A filter that the rows below the products answer, as they are now."""

    offered: ClassVar[dict[str, str]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the same values to everybody."""
        return list(self.offered.items())

    def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
        """Keep what answers the value, for the chosen company if there is one."""
        if self.value() not in self.offered:
            return queryset if self.value() is None else queryset.none()
        wanted: Any = self.value() if self.offered is not YES_NO else self.value() == "true"
        access = access_of(request.user)
        filters = {str(self.parameter_name): wanted}
        company = _key(request.GET.get(SellerFilter.parameter_name))
        if company in access.all_companies:
            filters["company"] = company
        return by_dates(access, queryset, Moment(now()), filters)


class IntegratedFilter(DatedFilter):
    """Linked to an external system (M-08)."""

    title, parameter_name, offered = "intégré", "integrated", YES_NO


class PublishedFilter(DatedFilter):
    """On sale at this moment, on any channel."""

    title, parameter_name, offered = "publié", "published", YES_NO


class ChannelFilter(DatedFilter):
    """On sale at this moment on a channel."""

    title, parameter_name, offered = "canal", "channel", dict(Channel.choices)


class PricingFilter(DatedFilter):
    """Has a price of a type of §2.2, now or later."""

    title, parameter_name, offered = "tarification", "pricing", dict(PricingModel.choices)


PRODUCT_FILTERS = (
    "lifecycle_status",
    SellerFilter,
    ("risk", RiskFilter),
    ("partner", RowFilter),
    InternalFilter,
    ChannelFilter,
    PublishedFilter,
    IntegratedFilter,
    PricingFilter,
    ("brand", RowFilter),
    "revenue_model",
)


def _key(text: Any) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
