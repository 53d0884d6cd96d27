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


class CredentialEnv(models.TextChoices):
    """Which of the partner's systems a credential opens (reading R-11)."""

    SANDBOX = "sandbox", "Bac à sable"
    PRODUCTION = "production", "Production"


class AuthType(models.TextChoices):
    """How a partner's API knows us; each has its JSON Schema in `schemas/credentials/`."""

    API_KEY = "api_key", "Clé d'API"
    OAUTH2 = "oauth2", "OAuth 2"
    BASIC = "basic", "Identifiant et mot de passe"


class IbanChangeState(models.TextChoices):
    """Where a change of IBAN stands (`design/domain.md` §11: two people)."""

    PENDING = "pending", "À confirmer"
    APPLIED = "applied", "Confirmé"
    REFUSED = "refused", "Abandonné"
