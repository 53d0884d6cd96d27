"""Tabs « Description » and « Paramètres » of the sheet: the product, and how it is sold (E.2.2-02)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.urls import reverse

from catalog.admin.badges import VISIBILITY
from catalog.admin.boxes import ELIGIBILITY, GEOGRAPHY, told
from catalog.admin.sheet_blocks import Block, Cell, Facts, Link, Note, Table, cells, fact
from catalog.admin.sheet_tabs import Asked
from catalog.choices import (
    Channel,
    CollectionCycle,
    Delivery,
    InforcePolicy,
    PaymentMethod,
    RequiredField,
    RuleSet,
    VersionState,
    Visibility,
)
from catalog.models import PlannedSale, Product
from catalog.selectors.planned_sales import sale_planned
from catalog.selectors.versions import billing_rows, cq_rows, logistics_rows
from catalog.selectors.wording import money
from winvest.core.admin.formatting import EMPTY
from winvest.core.admin.schema_fields import object_in_words
from winvest.core.admin.zones import local_text
from winvest.core.domain.roles import Action
from winvest.core.models import Company

NO_VERSION = "Ce produit n'a pas encore de version : créez la première pour dire ce qu'il vend."


def described(asked: Asked) -> Iterator[Block]:
    """Give what the product is, and where and to whom the version is sold."""
    yield _identity(asked)
    yield _family(asked.product)
    if asked.version is None:
        yield Note("Version", NO_VERSION, _creation(asked))
        return
    yield _reach(asked)
    yield _sales(asked)
    if asked.sees_all and asked.version["notes"]:
        yield Note("Notes de la version", asked.version["notes"])


def _identity(asked: Asked) -> Facts:
    product = asked.product
    partner = Cell("Interne")
    if product.partner:
        link = reverse("admin:partners_partner_change", args=[product.partner_id])
        partner = Cell(product.partner.name, link=link if asked.sees_all else "")
    return Facts(
        "Informations générales",
        [
            fact("Nom", product.name),
            fact("Libellé court", product.short_name),
            fact("Code produit (SKU)", product.sku),
            fact("Société", product.company.brand_name),
            fact("Marque", product.brand.name if product.brand else ""),
            fact("Partenaire", partner),
            fact("Assureur porteur", product.carrier),
            fact("Monétisation", product.get_revenue_model_display()),
            fact("Unité", product.get_unit_display()),
            fact("Champs de la famille", _attributes(product)),
        ],
        _edition(asked, "admin:catalog_product_change", product.pk),
    )


def _attributes(product: Product) -> str:
    return object_in_words(product.risk.fields(), product.attributes)


def _family(product: Product) -> Facts:
    lineage = [risk.label for risk in product.risk.lineage()]
    return Facts(
        "Risque",
        [
            fact("Famille", " › ".join(reversed(lineage))),
            fact("Clientèle", product.risk.get_scope_display()),
        ],
    )


def _reach(asked: Asked) -> Facts:
    version = asked.version or {}
    return Facts(
        "Canaux, zones et éligibilité",
        [
            fact("Canaux", channels_in_words(version["channels"])),
            fact("Zone géographique", _or_everywhere(told(GEOGRAPHY, version["geography"]))),
            fact("Éligibilité", _or_all(told(ELIGIBILITY, version["eligibility"]))),
        ],
        _version_edition(asked),
    )


def _or_everywhere(text: str) -> str:
    return "Sans restriction" if text == EMPTY else text


def _or_all(text: str) -> str:
    return "Sans condition" if text == EMPTY else text


def channels_in_words(channels: list[str]) -> str:
    """Return channels in words; none stands for all of them."""
    if not channels or len(channels) == len(Channel):
        return "Tous les canaux"
    return ", ".join(str(one.label) for one in Channel if one in channels)


def _sales(asked: Asked) -> Table:
    """Return where the version is on sale, and until when."""
    rows = asked.parts["publications"]
    names = dict(
        Company.objects.filter(pk__in={row["company_id"] for row in rows}).values_list(
            "pk", "brand_name"
        )
    )
    # A seller is told of the sales that he meets.
    shown = [row for row in rows if asked.sees_all or row["visibility"] != Visibility.HIDDEN]
    return Table(
        "Publications",
        ("Société", "Canaux", "Visibilité", "Début", "Fin (exclue)", "État", "Conditions"),
        [*(_sale(asked, row, names) for row in shown), *_planned(asked, set(names))],
        "Cette version n'est publiée nulle part.",
    )


def _planned(asked: Asked, published: set[Any]) -> Iterator[list[Cell]]:
    """Give the sales that the wizard planned of the version and that nobody has published yet."""
    if not asked.sees_all or asked.moment is not None or asked.version is None:
        return
    if asked.version["state"] == VersionState.WITHDRAWN:
        return
    rows = PlannedSale.objects.filter(product_version=asked.version["id"])
    for row in rows.exclude(seller__in=published).select_related("seller", "product_version"):
        sale = sale_planned(row)
        yield cells(
            Cell(row.seller.brand_name),
            channels_in_words(row.channels),
            "",
            local_text(sale.start, asked.zone),
            local_text(sale.end, asked.zone),
            Cell("Prévue", color="neutral"),
            "",
        )


def _sale(asked: Asked, row: dict[str, Any], names: dict[Any, str]) -> list[Cell]:
    link = reverse("admin:catalog_publication_change", args=[row["id"]])
    return cells(
        Cell(names.get(row["company_id"], EMPTY), link=link if asked.sees_all else ""),
        channels_in_words(row["channels"]),
        Cell(
            str(Visibility(row["visibility"]).label),
            color=VISIBILITY[Visibility(row["visibility"])],
        ),
        local_text(row["start_at"], asked.zone),
        sale_end_in_words(asked, row, asked.parts),
        _state(asked, row),
        row["conditions"],
    )


def sale_end(row: dict[str, Any], version: dict[str, Any]) -> datetime | None:
    """Return when a publication ends, None without an end: at its own, or with its version (M-03)."""
    ends = (row["end_at"], version["effective_to"])
    return min((one for one in ends if one is not None), default=None)


def sale_end_in_words(asked: Asked, row: dict[str, Any], version: dict[str, Any]) -> str:
    """Return when a publication ends, and that its version ends it."""
    end = sale_end(row, version)
    told = local_text(end, asked.zone)
    return told if end == row["end_at"] else f"Avec la version, le {told}"


def _state(asked: Asked, row: dict[str, Any]) -> Cell:
    if asked.at < row["start_at"]:
        return Cell("À venir", color="info")
    end = sale_end(row, asked.parts)
    if end is not None and end <= asked.at:
        return Cell("Terminée", color="neutral")
    return Cell("Pilote" if row["is_pilot"] else "En cours", color="success")


def settings(asked: Asked) -> Iterator[Block]:
    """Give how the version is invoiced, delivered and checked (§3.6)."""
    if asked.version is None:
        yield Note("", NO_VERSION, _creation(asked))
        return
    key = asked.version["id"]
    yield Facts(
        "Version",
        [
            fact("Contrats en cours", InforcePolicy(asked.version["applies_to_inforce"]).label),
            fact("Version majeure", "Oui" if asked.version["breaking_changes"] else "Non"),
        ],
        _version_edition(asked),
    )
    yield from _quality(asked)
    for row in logistics_rows([key]):
        yield _logistics(row)
    yield Table(
        "Facturation et prélèvement",
        ("Formule", "Paiement", "Prélèvement", "Jour", "Frais initiaux", "Gabarits"),
        [_billing(asked, row) for row in billing_rows([key])],
        "Cette version n'a pas de réglage de facturation.",
        _version_edition(asked),
    )


def _billing(asked: Asked, row: dict[str, Any]) -> list[Cell]:
    fee = ""
    if row["fee_amount"] is not None:
        taxes = "TTC" if row["fee_tax_included"] else "HT"
        fee = f"{money(row['fee_amount'], asked.currency)} {taxes}"
    return cells(
        row["plan_code"] or "Toute la version",
        PaymentMethod(row["payment_method"]).label,
        CollectionCycle(row["collection_cycle"]).label,
        f"Le {row['collection_day']}" if row["collection_day"] else "Date anniversaire",
        Cell(fee, detail=row["fee_label"] if fee else ""),
        ", ".join(filter(None, (row["invoice_template"], row["mandate_template"]))),
    )


def _logistics(row: dict[str, Any]) -> Facts:
    days = row["delivery_days"]
    return Facts(
        "Logistique",
        [
            fact("Livraison", Delivery(row["delivery"]).label if row["delivery"] else "Aucune"),
            fact("Délai", f"{days} jour{'s' if days > 1 else ''}" if days else ""),
            fact("Stock suivi", row["stock_reference"] or "Oui" if row["stock_managed"] else "Non"),
            fact("Ticket à la vente", row["ticket_title"]),
        ],
    )


def _quality(asked: Asked) -> Iterator[Block]:
    rows = list(cq_rows([asked.version["id"]])) if asked.version else []
    for row in rows:
        yield Facts(
            "Règles ADV et qualité",
            [
                fact("Champs et pièces exigés", _labels(RequiredField, row["required_fields"])),
                fact("Jeux de règles", _labels(RuleSet, row["rule_sets"])),
                fact("Script d'appel", "Fourni" if row["call_script_id"] else "Aucun"),
                fact("Notes", row["notes"]),
            ],
            _edition(asked, "admin:catalog_cqrule_change", row["id"], Action.CQ_EDIT),
        )
    if not rows:
        yield Note("Règles ADV et qualité", "Aucune règle : la vente n'exige aucune pièce.")


def _labels(choices: Any, codes: list[str]) -> str:
    return ", ".join(str(choices(code).label) for code in codes)


def _edition(
    asked: Asked, name: str, key: object, action: Action = Action.CATALOG_EDIT
) -> list[Link]:
    return [Link("Modifier", reverse(name, args=[key]))] if asked.allows(action) else []


def _version_edition(asked: Asked) -> list[Link]:
    """Return the link to the form of a version that may still change."""
    version = asked.version
    if version is None or version["released_at"] is not None:
        return []
    return _edition(asked, "admin:catalog_productversion_change", version["id"])


def _creation(asked: Asked) -> list[Link]:
    if not asked.allows(Action.CATALOG_EDIT):
        return []
    base = reverse("admin:catalog_productversion_add")
    return [Link("Créer une version", f"{base}?product={asked.product.pk}")]
