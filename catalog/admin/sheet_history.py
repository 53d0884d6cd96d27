"""Tabs « Intégrations » and « Historique » of the sheet: external codes, versions, who changed what."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst

from catalog.admin.badges import VERSION
from catalog.admin.lifecycle import STATES
from catalog.admin.mapping import STATUSES
from catalog.admin.sheet_blocks import Block, Cell, Link, Note, Table, cells
from catalog.admin.sheet_tabs import Asked, sheet_address, standing_of
from catalog.admin.stories import WORDS, parts_below
from catalog.choices import IntegrationStatus
from catalog.domain.lifecycle import (
    STANDING_LABELS,
    STATUS_LABELS,
    LifecycleStatus,
    VersionStanding,
)
from catalog.models import ExternalMapping, Product, ProductVersion
from catalog.selectors.sheet import codes_of, moves_of
from winvest.core.admin.formatting import instant_text
from winvest.core.admin.history import changes, values_of
from winvest.core.admin.zones import local_text
from winvest.core.domain.roles import Action
from winvest.core.scoping import OneOf
from winvest.core.selectors.audit import roles_at
from winvest.core.selectors.states import CREATED, DELETED, MergedHistory, states_of

RECENT, FAR_BACK = 8, 200
SEVERAL = 4
# A fingerprint tells people nothing: it comes last.
HASH = str(capfirst(ProductVersion._meta.get_field("content_hash").verbose_name))
KINDS = {"+": ("Création", "success"), "~": ("Changement", "info"), "-": ("Suppression", "danger")}


def integrated(asked: Asked) -> Iterator[Block]:
    """Give how external systems name the product, with the last trial in a sandbox."""
    links, empty = [], "Aucun système externe ne connaît ce produit."
    if asked.allows(Action.CATALOG_EDIT):
        form = reverse("admin:catalog_product_change", args=[asked.product.pk])
        links = [Link("Modifier", form)]
        empty = f"{empty[:-1]} : ajoutez son code dans le formulaire du produit."
    yield Table(
        "Codes externes",
        ("Système", "Code", "Porte sur", "Intégration", "Dernier essai en sandbox"),
        [_code(asked, row) for row in codes_of(asked.product.pk)],
        empty,
        links,
    )
    if asked.sees_all:
        yield Note(
            "Journal des appels",
            "Les appels au partenaire et leurs réponses s'afficheront ici dès que la console "
            "d'intégration les conservera.",
            is_on_paper=False,
        )


def _code(asked: Asked, row: ExternalMapping) -> list[Cell]:
    status = IntegrationStatus(row.integration_status)
    link = reverse("admin:catalog_externalmapping_change", args=[row.pk])
    plan = row.plan
    trial = Cell("Aucun", color="neutral")
    if row.sandbox_passed_at:
        by = row.sandbox_passed_by
        at = local_text(row.sandbox_passed_at, asked.zone)
        trial = Cell(f"Réussi le {at}", detail=f"par {by.name}" if by and asked.sees_all else "")
    return cells(
        Cell(row.system, link=link if asked.sees_all else ""),
        row.external_code,
        f"{plan.code} (v{plan.product_version.version})" if plan else "Tout le produit",
        Cell(str(status.label), color=STATUSES[status]),
        trial,
    )


def past(asked: Asked) -> Iterator[Block]:
    """Give the versions, the changes of status and the last changes, in words."""
    yield Table(
        "Versions",
        (
            *("Version", "État", "Effet", "Fin (exclue)", "Mise en production", "Notes"),
            *("Comparer", "Reprendre"),
        ),
        [_version(asked, row) for row in asked.versions],
        "Ce produit n'a pas encore de version.",
        [Link("Comparer deux versions", reverse("product-diff", args=[asked.product.pk]))],
    )
    moves = list(moves_of(asked.product.pk))
    if moves:
        yield Table(
            "Vie du produit",
            ("Passage", "État", "Date", "Motif", "Décidé par"),
            [_move(asked, row) for row in moves],
        )
    yield _changes(asked)


def _version(asked: Asked, row: dict[str, Any]) -> list[Cell]:
    standing = standing_of(row, at=asked.now)
    link = reverse("admin:catalog_productversion_change", args=[row["id"]])
    return cells(
        Cell(f"Version {row['version']}", link=link, is_number=True),
        Cell(STANDING_LABELS[standing], color=VERSION[standing]),
        local_text(row["effective_from"], asked.zone),
        local_text(row["effective_to"], asked.zone),
        local_text(row["released_at"], asked.zone),
        row["notes"],
        _compared(asked, row),
        _taken_up(asked, row),
    )


def _compared(asked: Asked, row: dict[str, Any]) -> Cell:
    """Return the comparison of a version with the one shown."""
    shown = asked.version
    if shown is None or shown["id"] == row["id"]:
        return Cell("Montrée")
    before, after = sorted((row["version"], shown["version"]))
    base = reverse("product-diff", args=[asked.product.pk])
    return Cell(f"Avec la version {shown['version']}", link=f"{base}?de={before}&a={after}")


def _taken_up(asked: Asked, row: dict[str, Any]) -> Cell:
    """Return how a version that is over becomes a new one, of the same content (3.1-10)."""
    over = standing_of(row, at=asked.now) is VersionStanding.OVER
    if not (over and asked.allows(Action.CATALOG_EDIT)):
        return Cell("")
    link = reverse("admin:catalog_productversion_roll_back", args=[row["id"]])
    return Cell("Revenir à cette version", link=link)


def _move(asked: Asked, row: Any) -> list[Cell]:
    after = STATUS_LABELS[LifecycleStatus(row.to_status)]
    before = STATUS_LABELS[LifecycleStatus(row.from_status)] if row.from_status else ""
    return cells(
        f"{before} → {after}" if before else f"Vers {after}",
        Cell(row.get_state_display(), color=STATES[row.state]),
        local_text(row.due_at, asked.zone),
        row.reason,
        row.decided_by.name if row.decided_by else "",
    )


def _changes(asked: Asked) -> Table:
    """Return the last changes of the product and of what it holds: who, under which role, what."""
    product = asked.product
    links = []
    if not asked.far_back:
        shown = (asked.version or {}).get("version")
        whole = sheet_address(product.pk, onglet="historique", version=shown, tout=1)
        links.append(Link("Tout l'historique", whole))
    if asked.allows(Action.AUDIT_VIEW):
        journal = reverse("admin:core_auditentry_changelist")
        links.append(Link("Journal d'audit", f"{journal}?q={product.pk}"))
    most = FAR_BACK if asked.far_back else RECENT
    found = [(one, _told(one, whole=asked.far_back)) for one in _history(asked)[: most + RECENT]]
    # What was saved without a change that people read is left out.
    told = [(one, said) for one, said in found if said or one.before is None][:most]
    roles = roles_at([one for one, _ in told])
    numbers = {row["id"]: row["version"] for row in asked.versions}
    return Table(
        "Derniers changements",
        ("Date", "Objet", "Changement", "Par"),
        [
            _change(one, said, roles.get((one.id, one.history_date), ""), numbers)
            for one, said in told
        ],
        "Rien n'a encore changé.",
        links,
    )


def _history(asked: Asked) -> MergedHistory:
    versions = [row["id"] for row in asked.versions]
    sources = [states_of(Product).filter(id=asked.product.pk)]
    for part in parts_below().values():
        if part.action is not None and not asked.allows(part.action):
            continue
        keys = versions if part.parent == "product_version" else [asked.product.pk]
        sources.append(states_of(part.model).filter(OneOf(part.parent, keys)))
    above = {part.model: part.parent for part in parts_below().values()}
    return MergedHistory(sources, above, known=(asked.product, asked.product.company, asked.user))


def _change(record: Any, said: str, roles: str, numbers: dict[Any, int]) -> list[Cell]:
    kind = str(capfirst(record.instance_type._meta.verbose_name))
    part = parts_below().get(record.instance_type)
    name = part.name(record) if part else ""
    if version := numbers.get(getattr(record, "product_version_id", None)):
        name += f" (v{version})"
    label, color = KINDS[record.history_type]
    return cells(
        Cell(instant_text(timezone.localtime(record.history_date)), is_number=True),
        Cell(label, color=color, detail=f"{kind} {name}".rstrip()),
        said,
        Cell(record.history_user.name if record.history_user else "Système", detail=roles),
    )


def _told(record: Any, *, whole: bool) -> str:
    """Return what changed, « avant → après »; the first few where there are many, or the whole."""
    if record.history_type in (CREATED, DELETED):
        part = parts_below().get(record.instance_type)
        left_out = {part.parent, "company"} if part else {"company"}
        side = "new" if record.history_type == CREATED else "old"
        told = [f"{one['field']} : {one[side]}" for one in values_of(record, WORDS, left_out)]
    elif record.before is not None:
        told = [f"{one['field']} : {one['old']} → {one['new']}" for one in changes(record, WORDS)]
    else:
        told = []
    told.sort(key=lambda one: one.startswith(HASH))
    more = 0 if whole else len(told) - SEVERAL
    return " ; ".join(told[:SEVERAL] if more > 0 else told) + (
        f" ; et {more} de plus" if more > 0 else ""
    )
