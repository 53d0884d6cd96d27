"""How the histories of the catalogue name what changed, and word its JSON columns."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from catalog.admin.boxes import CONSTRAINTS, ELIGIBILITY, GEOGRAPHY, told
from catalog.admin.family_fields import fields_in_words
from catalog.domain.lifecycle import STANDING_LABELS, VersionState, version_standing
from catalog.models import (
    BundleComponent,
    CqRule,
    ExternalMapping,
    PricingRule,
    ProductPlan,
    ProductVersion,
    Publication,
    VersionBilling,
    VersionLogistics,
)
from catalog.selectors.wording import extras_in_words, parameters_in_words, price_in_words
from winvest.core.admin.history import HistoryPart, Wording
from winvest.core.admin.schema_fields import object_in_words


def _price(state: Any, payload: Any) -> str:
    return price_in_words(state.type, state.tier_mode, payload, state.currency)


def _negotiated(state: Any, payload: Any) -> str:
    return price_in_words(state.type, state.tier_mode, payload, state.company.currency)


def _extras(state: Any, rows: Any) -> str:
    return extras_in_words(rows, state.company.currency)


def _standing(record: Any, state: Any) -> str:
    """Return what a version became, as the sheet calls it: planned or in force, once released."""
    start, end = record.effective_from, record.effective_to
    standing = version_standing(VersionState(state), start, end, at=record.history_date)
    return STANDING_LABELS[standing]


def _price_name(state: Any) -> str:
    return str(state.plan.code) if state.plan_id and state.plan else "de la version"


WORDS: dict[str, Wording] = {
    "pricingrule.payload": _price,
    "negotiatedprice.payload": _negotiated,
    "productplan.options": _extras,
    "productplan.surcharges": _extras,
    "productplan.discounts": _extras,
    "productplan.parameters": lambda _, value: parameters_in_words(value),
    "productversion.geography": lambda _, value: told(GEOGRAPHY, value),
    "productversion.eligibility": lambda _, value: told(ELIGIBILITY, value),
    "productversion.state": _standing,
    "risk.constraints": lambda _, value: told(CONSTRAINTS, value),
    "risk.field_schema": lambda _, value: fields_in_words(value),
    "product.attributes": lambda state, value: object_in_words(state.risk.fields(), value),
}
PARTS_OF_VERSION = (
    HistoryPart(ProductPlan, "product_version", lambda state: state.code),
    HistoryPart(PricingRule, "product_version", _price_name),
    HistoryPart(BundleComponent, "product_version", lambda state: state.product.sku),
    HistoryPart(VersionBilling, "product_version", _price_name),
    HistoryPart(VersionLogistics, "product_version", lambda _: ""),
    HistoryPart(CqRule, "product_version", lambda _: ""),
)
PARTS_OF_PRODUCT = (
    HistoryPart(ProductVersion, "product", lambda state: str(state.version)),
    HistoryPart(ExternalMapping, "product", lambda state: state.system),
    HistoryPart(Publication, "product", lambda state: str(state.company.brand_name)),
)
# Below the product, each part with the key that leads to it.
_BELOW = {part.model: part for part in (*PARTS_OF_PRODUCT, *PARTS_OF_VERSION)}


def register_past(part: HistoryPart, words: Mapping[str, Wording] | None = None) -> None:
    """Add the rows of another application to what a product holds, with the words of its columns.

    `action` of the part opens them.
    """
    _BELOW[part.model] = part
    WORDS.update(words or {})


def parts_below() -> Mapping[Any, HistoryPart]:
    """Return all that a product and its versions hold, by model."""
    return _BELOW


def parts_of_product() -> tuple[HistoryPart, ...]:
    """Return the same as the history of a product reads it, those of its versions through these."""
    return tuple(
        replace(part, through="product") if part.parent == "product_version" else part
        for part in _BELOW.values()
    )
