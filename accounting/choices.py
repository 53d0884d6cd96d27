"""Closed lists of accounting, with their French labels (Annexe A.2.2, C.6, F)."""

from django.db import models


class Nature(models.TextChoices):
    """What a mapping's account is for (§2.2)."""

    REVENUE = "revenue", "CA"
    COMMISSION = "commission", "Commission"
    FEE = "fee", "Frais"
    TAX = "tax", "TVA"


class MappingState(models.TextChoices):
    """State of a mapping (C.6; « Exporté » is a state of export runs, X-14)."""

    TO_VALIDATE = "to_validate", "À valider"
    VALIDATED = "validated", "Validé"
    REPLACED = "replaced", "Remplacé"
    ERROR = "error", "Erreur"


class AccountPurpose(models.TextChoices):
    """What a company's default account is for (reading X-09)."""

    REVENUE = "revenue", "Ventes et prestations"
    COMMISSION = "commission", "Commissions reçues"
    FEE = "fee", "Frais bancaires et PSP"
    CLIENT = "client", "Clients"
    PARTNER = "partner", "Partenaires débiteurs"
    SUPPLIER = "supplier", "Fournisseurs"
    BANK = "bank", "Banque"
    VAT_COLLECTED = "vat_collected", "TVA collectée"
    VAT_DEDUCTIBLE = "vat_deductible", "TVA déductible"
    VAT_PENDING = "vat_pending", "TVA en attente d'encaissement"


class OperationKind(models.TextChoices):
    """Facts that give entries (`design/domain.md` §6)."""

    SALE = "sale", "Vente"
    BILLING = "billing", "Échéance"
    COLLECTION = "collection", "Encaissement"
    RENEWAL = "renewal", "Renouvellement"
    CANCELLATION = "cancellation", "Annulation"
    REFUND = "refund", "Avoir"
    FEE = "fee", "Frais"
    COMMISSION_REPORT = "commission_report", "Bordereau de commission"
    BONUS = "bonus", "Prime"
    MALUS = "malus", "Malus"


class OperationState(models.TextChoices):
    """Booked, or parked until what it lacks is mended."""

    BOOKED = "booked", "Comptabilisée"
    PARKED = "parked", "En attente"


class EntryType(models.TextChoices):
    """Column « Type écriture » of the exports (F.3)."""

    REVENUE = "CA", "CA"
    COMMISSION = "Commission", "Commission"
    FEE = "Frais", "Frais"
    VAT = "TVA", "TVA"
    PAYMENT = "Règlement", "Règlement"


class LineRole(models.TextChoices):
    """Role of a line in its entry: single-line profiles keep the main ones only."""

    MAIN = "main", "Principale"
    VAT = "vat", "TVA"
    THIRD_PARTY = "third_party", "Tiers"
    PAYMENT = "payment", "Règlement"


class ExportKind(models.TextChoices):
    """What a file holds."""

    ACCOUNTING = "accounting", "Écritures du mois"
    VAT = "vat", "TVA du mois"
    PRICE_GRID = "price_grid", "Grille de prix"


class ExportProfile(models.TextChoices):
    """Columns of the accounting file (reading X-02)."""

    STANDARD = "standard", "Standard (14 colonnes, F.3)"
    F4 = "F4", "Extrait F.4 (9 colonnes)"
    F7 = "F7", "Excel F.7 (10 colonnes)"


class ExportFormat(models.TextChoices):
    """Format of the file (F.2)."""

    CSV = "csv", "CSV"
    XLSX = "xlsx", "Excel"
