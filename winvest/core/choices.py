"""Closed lists of the core, with their French labels."""

from django.db import models

from winvest.core.domain.roles import Role

ROLE_LABELS: dict[Role, str] = {
    Role.GROUP_ADMIN: "Admin Groupe",
    Role.COMPANY_ADMIN: "Admin Société",
    Role.CATALOG_MANAGER: "Catalogue Manager (Produit)",
    Role.ACCOUNTING: "Compta",
    Role.ADV: "ADV",
    Role.LEGAL: "Juriste",
    Role.IT: "IT",
    Role.MARKETING: "Marketing",
    Role.SALES: "Vente",
    Role.AUDITOR: "Audit",
}
ROLE_CHOICES = [(role.value, label) for role, label in ROLE_LABELS.items()]


class Currency(models.TextChoices):
    """Currencies that a company may keep its books in (`winvest.core.domain.money`)."""

    CHF = "CHF", "Franc suisse (CHF)"
    EUR = "EUR", "Euro (EUR)"
    GBP = "GBP", "Livre sterling (GBP)"
    USD = "USD", "Dollar américain (USD)"
    XPF = "XPF", "Franc Pacifique (XPF)"


class VatRegime(models.TextChoices):
    """When the VAT of a sale falls due (CGI art. 269)."""

    DEBITS = "debits", "Sur les débits"
    COLLECTIONS = "collections", "Sur les encaissements"


class JobState(models.TextChoices):
    """State of a background job."""

    QUEUED = "queued", "En attente"
    RUNNING = "running", "En cours"
    DONE = "done", "Terminé"
    FAILED = "failed", "Échec"
    CANCELLED = "cancelled", "Annulé"


class NotificationKind(models.TextChoices):
    """What a person is told of (B.4, D.3, E.3, § 4)."""

    APPROVAL_ASKED = "approval_asked", "Approbation demandée"
    OPINION_ASKED = "opinion_asked", "Avis demandé"
    VERSION_SUBMITTED = "version_submitted", "Version soumise"
    APPROVAL_GIVEN = "approval_given", "Approbation donnée"
    APPROVAL_REFUSED = "approval_refused", "Approbation refusée"
    VERSION_RELEASED = "version_released", "Version mise en production"
    PUBLICATION_PLANNED = "publication_planned", "Publication planifiée"
    PUBLICATION_BEGUN = "publication_begun", "Produit publié"
    PUBLICATION_ENDED = "publication_ended", "Fin de publication"
    PUBLICATION_LATE = "publication_late", "Publication en retard"
    SALE_AGREEMENT = "sale_agreement", "Accord de vente"
    COMMUNICATION = "communication", "Communication à faire"
    LIFECYCLE_PLANNED = "lifecycle_planned", "Changement de statut planifié"
    PRODUCT_FROZEN = "product_frozen", "Vente gelée"
    PRODUCT_RETIRED = "product_retired", "Produit retiré"
    DOCUMENT_MISSING = "document_missing", "Document manquant"
    DOCUMENT_EXPIRING = "document_expiring", "Document expirant"
    DOCUMENT_ALTERED = "document_altered", "Document altéré"
    DOCUMENT_DEPOSITED = "document_deposited", "Document déposé"
    DOCUMENT_PUBLISHED = "document_published", "Document publié"
    DOCUMENTS_ARCHIVED = "documents_archived", "Documents archivés"
    DOCUMENTS_KEPT = "documents_kept", "Documents à archiver"
    INTEGRATION_FAILED = "integration_failed", "Erreur d'intégration"


class MailState(models.TextChoices):
    """Whether a notification was sent by e-mail."""

    QUEUED = "queued", "À envoyer"
    SENT = "sent", "Envoyé"
    WITHHELD = "withheld", "Non envoyé : droit retiré, compte inactif ou adresse refusée"


class AuditAction(models.TextChoices):
    """What happened to a row (Annexe A.2.3, reading M-21)."""

    INSERT = "insert", "Création"
    UPDATE = "update", "Modification"
    DELETE = "delete", "Suppression"
    EXPORT = "export", "Export"
    LOGIN = "login", "Connexion"
    PUBLISH = "publish", "Publication"
    PURGE = "purge", "Purge"


class ImportTarget(models.TextChoices):
    """What a file of rows is about."""

    RISK = "risk", "Risques"
    PARTNER = "partner", "Partenaires"
    PRODUCT = "product", "Produits"
    INDEX = "index", "Valeurs d'indices"
    PRICE_GRID = "price_grid", "Grille de prix"
    MAPPING = "mapping", "Codes externes"


class ImportState(models.TextChoices):
    """How far an import is; what runs or failed is told by its job."""

    CHECKING = "checking", "Vérification"
    REFUSED = "refused", "À corriger"
    READY = "ready", "Prêt à importer"
    IMPORTED = "imported", "Importé"
