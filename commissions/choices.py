"""Closed lists of commissions, with their French labels (Annexe A.2.2; readings K-01 to K-10)."""

from django.db import models

from commissions.domain.scheme import SPLIT_LABELS
from commissions.domain.scheme import SplitKey as Key


class Direction(models.TextChoices):
    """Whether the company receives the commission or pays it (K-01)."""

    INBOUND = "inbound", "Reçue du partenaire"
    OUTBOUND = "outbound", "Versée au réseau"


class AppliesTo(models.TextChoices):
    """First twelve months of a contract, the later ones, or both."""

    NEW = "new", "Première année"
    RENEWAL = "renewal", "Renouvellement"
    BOTH = "both", "Les deux"


class Settlement(models.TextChoices):
    """How many times the commission is due."""

    UPFRONT = "upfront", "En une fois"
    RECURRING = "recurring", "À chaque période"
    ON_COLLECTION = "on_collection", "À l'encaissement"


class Trigger(models.TextChoices):
    """Which event makes it due (K-08)."""

    SALE = "sale", "Vente"
    COLLECTION = "collection", "Encaissement"
    RENEWAL = "renewal", "Renouvellement"


class Mode(models.TextChoices):
    """When it is earned (C.4, K-02)."""

    PRECOMPTEE = "precomptee", "Précomptée"
    POSTCOMPTEE = "postcomptee", "Post-comptée"


class Flow(models.TextChoices):
    """How the money goes (K-02): the partner keeps it and hands over the rest, or it is paid."""

    RETAINED = "retained", "Retenue par le partenaire"
    PAID = "paid", "Payée"


class CountingScope(models.TextChoices):
    """Whose volume counts (K-05)."""

    COMPANY = "company", "De la société"
    BENEFICIARY = "beneficiary", "Du bénéficiaire"


class CountingPeriod(models.TextChoices):
    """Over what the volume counts, in the company's time zone (K-05)."""

    MONTH = "month", "Mois civil"
    YEAR = "year", "Année civile"
    TOTAL = "total", "Depuis le début"


class EarnedBasis(models.TextChoices):
    """What counts as earned when a contract ends early (`domain.md` §5)."""

    COVERED = "covered", "Mois couverts"
    COLLECTED = "collected", "Mois encaissés"


class Recognition(models.TextChoices):
    """When an advance is booked as earned (`domain.md` §5)."""

    IMMEDIATE = "immediate", "Immédiate"
    AMORTISED = "amortised", "Étalée sur les primes"


class Base(models.TextChoices):
    """What a percentage bears on; a percentage of margin always bears on the margin (K-03)."""

    REVENUE_EXCL_TAX = "revenue_excl_tax", "CA hors taxes"
    REVENUE_INCL_TAX = "revenue_incl_tax", "CA toutes taxes"
    PREMIUM_EXCL_TAX = "premium_excl_tax", "Prime hors taxes"
    MARGIN = "margin", "Marge"
    PARTNER_COMMISSION = "partner_commission", "Commission due par le partenaire"


class Basis(models.TextChoices):
    """What the bounds of a tier measure."""

    VOLUME = "volume", "Volume"
    REVENUE = "revenue", "CA"
    MARGIN = "margin", "Marge"
    MONTHS = "months", "Mois"


class ValueType(models.TextChoices):
    """A percentage, or an amount per sale."""

    PERCENT = "percent", "%"
    AMOUNT = "amount", "Montant par vente"


class SplitKey(models.TextChoices):
    """Who shares a commission (K-07)."""

    COMPANY = "company", SPLIT_LABELS[Key.COMPANY]
    COMMERCIAL = "commercial", SPLIT_LABELS[Key.COMMERCIAL]
    MANAGER = "manager", SPLIT_LABELS[Key.MANAGER]
    PARTNER = "partner", SPLIT_LABELS[Key.PARTNER]
    PLATFORM = "platform", SPLIT_LABELS[Key.PLATFORM]


class Employment(models.TextChoices):
    """Whether a beneficiary is paid by wages or by invoice (`domain.md` §6)."""

    EMPLOYEE = "employee", "Salarié"
    INDEPENDENT = "independent", "Indépendant"
