"""Accounts of a version on the product's sheet, tab « Paramètres » (§3.6): what is validated, what waits."""

from collections.abc import Iterator

from django.urls import reverse

from accounting.admin.mapping import STATES
from accounting.choices import MappingState
from accounting.models import AccountingMapping
from accounting.selectors.mappings import mappings_at
from catalog.admin.sheet_blocks import Block, Cell, Link, Table, cells
from catalog.admin.sheet_tabs import Asked
from winvest.core.admin.zones import local_text
from winvest.core.domain.roles import Action
from winvest.core.selectors.readers import opened_by


def is_open(asked: Asked) -> bool:
    """Whether the person reads the accounts somewhere; the rows say which."""
    return asked.version is not None and asked.access.anywhere(Action.ACCOUNTING_VIEW)


def accounted(asked: Asked) -> Iterator[Block]:
    """Give the accounts of the version in force or waiting, by company and nature."""
    version = (asked.version or {})["id"]
    mappings = AccountingMapping.objects.filter(product_version=version)
    if asked.moment is not None:
        mappings = mappings_at(mappings, asked.moment)
    else:
        mappings = mappings.exclude(state=MappingState.REPLACED)
    kept = mappings.select_related("company", "validated_by")
    rows = list(kept.order_by("company__brand_name", "nature", "pk"))
    opened = opened_by(
        asked.access, Action.ACCOUNTING_VIEW, AccountingMapping, [row.pk for row in rows]
    )
    links = []
    if asked.allows(Action.MAPPING_EDIT):
        base = reverse("admin:accounting_accountingmapping_add")
        links = [Link("Ajouter un mapping", f"{base}?product_version={version}")]
    yield Table(
        "Mapping comptable",
        ("Société", "Nature", "Compte", "Journal", "TVA", "Centre de coûts", "État"),
        [_mapping(asked, row) for row in rows if row.pk in opened],
        "Aucun compte : la Compta les ajoute et les valide avant la publication.",
        links,
    )


def _mapping(asked: Asked, row: AccountingMapping) -> list[Cell]:
    by = row.validated_by
    detail = ""
    if row.validated_at:
        detail = f"le {local_text(row.validated_at, asked.zone)}" + (
            f" par {by.name}" if by else ""
        )
    return cells(
        Cell(
            row.company.brand_name,
            link=reverse("admin:accounting_accountingmapping_change", args=[row.pk]),
        ),
        row.get_nature_display(),
        row.gl_account,
        row.journal,
        row.tax_code,
        row.cost_center,
        Cell(row.get_state_display(), color=STATES[MappingState(row.state)], detail=detail),
    )
