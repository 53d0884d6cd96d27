"""Closed lists of documents, with their French labels (C.5; reading D-04)."""

from django.db import models


class DocumentState(models.TextChoices):
    """Life of a document (D-04)."""

    DRAFT = "draft", "Brouillon"
    PUBLISHED = "published", "Publié"
    EXPIRED = "expired", "Expiré"
    ARCHIVED = "archived", "Archivé"


class Stage(models.TextChoices):
    """When a required document is checked (D-02): CP belong to the contract."""

    PUBLICATION = "publication", "À la publication"
    ISSUE = "issue", "À l'émission du contrat"
