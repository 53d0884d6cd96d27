"""Closed lists of the catalogue, with their French labels (Annexe A.2.2, C.1, C.3)."""

from django.db import models


class RiskScope(models.TextChoices):
    """To whom a risk is sold (reading M-17)."""

    PERSONAL = "personal", "Particuliers"
    PROFESSIONAL = "professional", "Professionnels"
    BOTH = "both", "Particuliers et professionnels"


class RevenueModel(models.TextChoices):
    """How a product earns money (§2.1, A.5)."""

    REVENUE = "revenue", "CA interne"
    COMMISSION = "commission", "Commission"
    MIXED = "mixed", "Mixte"


class LifecycleStatus(models.TextChoices):
    """Life of a product (C.1)."""

    DRAFT = "draft", "Brouillon"
    TEST = "test", "En test"
    ACTIVE = "active", "Actif"
    FROZEN = "frozen", "Gelé"
    RETIRED = "retired", "Retiré"


class VersionState(models.TextChoices):
    """Life of a version (reading M-04)."""

    DRAFT = "draft", "Brouillon"
    IN_REVIEW = "in_review", "En validation"
    RELEASED = "released", "En vigueur ou planifiée"
    WITHDRAWN = "withdrawn", "Retirée avant effet"


class InforcePolicy(models.TextChoices):
    """What a release does to contracts already running (`domain.md` §1)."""

    NONE = "none", "Affaires nouvelles seulement"
    NEXT_BILLING = "next_billing", "À la prochaine échéance"
    RENEWAL = "renewal", "Au renouvellement"
    IMMEDIATE = "immediate", "Immédiatement"


class Recurrence(models.TextChoices):
    """How often a plan is due (A.5)."""

    ONE_SHOT = "one_shot", "Une fois"
    MONTHLY = "monthly", "Mensuelle"
    YEARLY = "yearly", "Annuelle"
    CUSTOM = "custom", "Personnalisée"


class PricingType(models.TextChoices):
    """Form of a price (A.2.2); the other forms come with the price models."""

    FIXED = "fixed", "Fixe"


class Channel(models.TextChoices):
    """Where a product is sold (§2.1, reading E-01)."""

    FIELD = "field", "Terrain"
    TELESALES = "telesales", "Télévente"
    WEB = "web", "Web"
    PARTNER = "partner", "Partenaires"


class Visibility(models.TextChoices):
    """Who sees a publication (C.3)."""

    HIDDEN = "hidden", "Caché"
    INTERNAL = "internal", "Interne"
    PUBLIC = "public", "Public"
