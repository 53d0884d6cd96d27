"""Tab « Commissions » of a product's sheet: schemes, tiers, split (E.2.2-04).

Sellers have no such tab: the right that opens the schemes opens it.
"""

from collections.abc import Iterator
from decimal import Decimal

from django.db.models import QuerySet
from django.urls import reverse

from catalog.admin.sheet_blocks import Block, Cell, Drawing, Facts, Link, Note, Table, cells, fact
from catalog.admin.sheet_description import NO_VERSION
from catalog.admin.sheet_tabs import Asked
from catalog.choices import Channel, TierMode
from catalog.selectors.wording import money, money_or_percent
from commissions.admin.scheme import DIRECTIONS
from commissions.choices import AppliesTo, Direction, SplitKey, ValueType
from commissions.models import CommissionScheme, CommissionTier
from commissions.selectors.schemes import schemes_on
from commissions.selectors.wording import split_told
from winvest.core.admin.formatting import EMPTY, day_text, rate_text
from winvest.core.domain.periods import local_date
from winvest.core.domain.roles import Action
from winvest.core.selectors.readers import opened_by
from winvest.core.selectors.wording import in_words

EMPTY_TAB = "Aucun barème de commission : cette version ne rémunère ni le réseau ni la société."
HUNDRED = Decimal(100)
PERIODS = {
    AppliesTo.NEW: "Première année",
    AppliesTo.RENEWAL: "Renouvellements",
    AppliesTo.BOTH: "Première année et renouvellements",
}


def is_open(asked: Asked) -> bool:
    """Whether the person reads commissions somewhere; the rows say which."""
    return asked.access.anywhere(Action.COMMISSION_VIEW)


def commissioned(asked: Asked) -> Iterator[Block]:
    """Give each scheme of the version that the person reads, with its tiers and its split."""
    if asked.version is None:
        yield Note("", NO_VERSION)
        return
    schemes = list(_schemes(asked))
    opened = opened_by(
        asked.access, Action.COMMISSION_VIEW, CommissionScheme, [row.pk for row in schemes]
    )
    shown = [row for row in schemes if row.pk in opened]
    if not shown:
        yield Note("", EMPTY_TAB, _creation(asked))
    for scheme in shown:
        yield _facts(asked, scheme)
        yield _drawing(asked, scheme)
        yield _tiers(asked, scheme)


def _schemes(asked: Asked) -> QuerySet[CommissionScheme]:
    rows = CommissionScheme.objects.filter(product_version=(asked.version or {})["id"])
    if asked.moment is not None:
        rows = schemes_on(rows, local_date(asked.at, asked.zone))
    found: QuerySet[CommissionScheme] = rows.select_related("plan", "seller", "partner")
    return found.prefetch_related("tiers").order_by("direction", "applies_to", "pk")


def _facts(asked: Asked, scheme: CommissionScheme) -> Facts:
    direction = Direction(scheme.direction)
    page = reverse("admin:commissions_commissionscheme_change", args=[scheme.pk])
    return Facts(
        scheme.name or f"Barème : {direction.label.lower()}",
        [
            fact("Sens", Cell(str(direction.label), color=DIRECTIONS[direction])),
            fact("Contrats", PERIODS[AppliesTo(scheme.applies_to)]),
            fact("Ventes", _scope(scheme)),
            fact("Période", _period(scheme)),
            fact("Assiette", scheme.get_base_display()),
            fact("Compte", _counting(scheme)),
            fact("Règlement", _settlement(scheme)),
            fact("Limites", _limits(scheme, asked.currency)),
            fact("Avance", _advance(scheme)),
            fact("Reprise", _clawback(scheme)),
            fact("Répartition", split_in_words(scheme)),
        ],
        [Link("Ouvrir le barème", page)],
    )


def _scope(scheme: CommissionScheme) -> str:
    axes = [
        f"formule {scheme.plan.code}" if scheme.plan else "",
        f"canal {Channel(scheme.channel).label}" if scheme.channel else "",
        f"vendues par {scheme.seller.brand_name}" if scheme.seller else "",
        f"partenaire {scheme.partner.name}" if scheme.partner else "",
    ]
    return ", ".join(filter(None, axes)).capitalize() or "Toutes"


def _period(scheme: CommissionScheme) -> str:
    told = [f"du {day_text(scheme.valid_from)}"] if scheme.valid_from else []
    told += [f"jusqu'au {day_text(scheme.valid_to)} (exclu)"] if scheme.valid_to else []
    return " ".join(told).capitalize() or "Tant que la version s'applique"


def _counting(scheme: CommissionScheme) -> str:
    scope, period = scheme.get_counting_scope_display(), scheme.get_counting_period_display()
    return f"Volume {scope.lower()}, {period.lower()}"


def _settlement(scheme: CommissionScheme) -> str:
    trigger = scheme.get_trigger_display().lower()
    told = f"{scheme.get_settlement_display()}, déclencheur : {trigger}"
    if scheme.offset_months:
        told += f", {scheme.offset_months} mois après"
    if scheme.offset_day:
        told += f", le {scheme.offset_day}"
    return f"{told} ({scheme.get_mode_display().lower()}, {scheme.get_flow_display().lower()})"


def _limits(scheme: CommissionScheme, currency: str) -> str:
    names = {"min_amount": "minimum", "max_amount": "maximum", "bonus": "prime", "malus": "malus"}
    told = [
        f"{word} {money(getattr(scheme, name), currency)}"
        for name, word in names.items()
        if getattr(scheme, name) is not None
    ]
    return ", ".join(told).capitalize()


def _advance(scheme: CommissionScheme) -> str:
    if not scheme.advance_months:
        return ""
    percent = rate_text(Decimal(scheme.advance_percent or HUNDRED))
    return f"{percent} de {scheme.advance_months} mois, constatée : {_recognition(scheme)}"


def _recognition(scheme: CommissionScheme) -> str:
    return scheme.get_recognition_display().lower()


def _clawback(scheme: CommissionScheme) -> str:
    if not scheme.clawback_months:
        return ""
    return f"Sur {scheme.clawback_months} mois, {scheme.get_earned_basis_display().lower()} acquis"


def split_in_words(scheme: CommissionScheme) -> str:
    """Return the shares of a scheme in percent: « Société 60 %, Commercial 30 % »."""
    return split_told(scheme.split)


def _drawing(asked: Asked, scheme: CommissionScheme) -> Drawing:
    """Draw the split as parts of a whole, and each tier beside the highest of its kind."""
    shares = [(key, Decimal(scheme.split.get(key, 0))) for key in SplitKey]
    tiers = list(scheme.tiers.all())
    highest = {
        kind: max((tier.value for tier in tiers if tier.value_type == kind), default=Decimal(0))
        for kind in ValueType
    }
    left, parts = Decimal(0), []
    for key, share in shares:
        if share:
            parts.append(
                {
                    "look": key.value,
                    "label": f"{key.label} {rate_text(share * HUNDRED)}",
                    "x": _share(left),
                    "width": _share(share),
                }
            )
        left += share
    bars = [
        {
            "label": _reach(tier),
            "value": _value(asked, tier),
            "width": _share(tier.value / (highest[ValueType(tier.value_type)] or 1)),
        }
        for tier in tiers
    ]
    context = {"parts": parts, "bars": bars}
    return Drawing("Répartition et paliers", "admin/commissions/sheet/_scheme.html", context)


def _share(value: Decimal) -> str:
    """Return a share of the width as SVG reads it, whatever the language of the page."""
    return f"{value * HUNDRED:.2f}%"


def _tiers(asked: Asked, scheme: CommissionScheme) -> Table:
    name = scheme.name or Direction(scheme.direction).label.lower()
    return Table(
        f"Paliers : {name} ({TierMode(scheme.tier_mode).label.lower()})",
        ("Palier", "Mesure", "Commission", "Mois du contrat"),
        [_tier(asked, tier) for tier in scheme.tiers.all()],
        "Ce barème n'a pas encore de palier : ajoutez-les dans son formulaire.",
    )


def _tier(asked: Asked, tier: CommissionTier) -> list[Cell]:
    months = f"M{tier.month_from} – M{tier.month_to or '…'}" if tier.month_from else "Tous"
    value = Cell(_value(asked, tier), is_number=True)
    return cells(_reach(tier), tier.get_basis_display(), value, months)


def _reach(tier: CommissionTier) -> str:
    first = in_words(None, tier.min)
    return f"À partir de {first}" if tier.max is None else f"De {first} à {_number(tier.max)}"


def _value(asked: Asked, tier: CommissionTier) -> str:
    value = money_or_percent(tier.value, tier.value_type, asked.currency)
    return f"{value} par vente" if tier.value_type == ValueType.AMOUNT else value


def _number(value: Decimal | None) -> str:
    return EMPTY if value is None else in_words(None, value)


def _creation(asked: Asked) -> list[Link]:
    version = asked.version or {}
    if version["released_at"] is not None or not asked.allows(Action.COMMISSION_EDIT):
        return []
    base = reverse("admin:commissions_commissionscheme_add")
    return [Link("Ajouter un barème", f"{base}?product_version={version['id']}")]
