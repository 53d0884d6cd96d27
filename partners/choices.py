"""Closed lists of partners, with their French labels (Annexe A.2.1)."""

from django.db import models


class PartnerType(models.TextChoices):
    """What a partner provides."""

    INSURER = "insurer", "Assureur"
    ENERGY = "energy", "Énergie"
    TELECOM = "telecom", "Télécom"
    OTT = "ott", "OTT / Média"
    MARKETPLACE = "marketplace", "Place de marché"
    OTHER = "other", "Autre"


class PartnerStatus(models.TextChoices):
    """Whether we work with a partner."""

    ACTIVE = "active", "Actif"
    INACTIVE = "inactive", "Inactif"
    TEST = "test", "En test"
