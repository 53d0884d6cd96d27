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


class TransitionState(models.TextChoices):
    """What became of a product's change of status (M-06)."""

    PLANNED = "planned", "Prévue"
    APPLIED = "applied", "Faite"
    CANCELLED = "cancelled", "Annulée"
    FAILED = "failed", "En échec"


class VersionState(models.TextChoices):
    """Life of a version (reading M-04)."""

    DRAFT = "draft", "Brouillon"
    IN_REVIEW = "in_review", "En validation"
    RELEASED = "released", "En vigueur ou planifiée"
    WITHDRAWN = "withdrawn", "Retirée avant effet"


class ApprovalDomain(models.TextChoices):
    """What an approval is about (R-06): a release asks for the product's, a publication for all."""

    PRODUCT = "product", "Produit"
    ACCOUNTING = "accounting", "Compta"
    COMPLIANCE = "compliance", "Conformité"
    INTEGRATION = "integration", "Intégration"


class Decision(models.TextChoices):
    """What the reviewer says."""

    APPROVED = "approved", "Approuvée"
    REFUSED = "refused", "Refusée"


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
    """Form of a price (A.2.2, A.5)."""

    FIXED = "fixed", "Fixe"
    TIERED = "tiered", "Palier"
    INDEXED = "indexed", "Indexé"
    USAGE = "usage", "Usage"


class PricingModel(models.TextChoices):
    """The pricing of §2.2 in its words: the form of a price, that it comes again, or a bundle (P-01).

    Two axes: a price by use that is due each month is both.
    """

    FIXED = "fixed", "Fixe"
    RECURRING = "recurring", "Récurrent"
    USAGE = "usage", "Usage"
    INDEXED = "indexed", "Indexé"
    TIERED = "tiered", "Palier"
    BUNDLE = "bundle", "Bundle"


class TierMode(models.TextChoices):
    """How tiers count (`domain.md` §3): always chosen, always shown."""

    SLAB = "slab", "Le palier atteint vaut pour tout"
    PROGRESSIVE = "progressive", "Chaque tranche à son palier"


class TierBase(models.TextChoices):
    """What the amount of a tier is (reading P-04)."""

    UNIT = "", "Prix par unité"
    AMOUNT = "amount", "Forfait du palier"
    PERCENT = "percent", "Pourcentage d'une assiette"


class DiscountKind(models.TextChoices):
    """What a promotion takes off (`domain.md` §3)."""

    AMOUNT = "amount", "Montant"
    PERCENT = "percent", "Pourcentage"


class BundleKind(models.TextChoices):
    """How a bundle is priced from its components (`domain.md` §3)."""

    FIXED = "fixed", "Prix fixe du bundle"
    PERCENT = "percent", "Remise en % sur la somme"
    AMOUNT = "amount", "Remise en montant sur la somme"


class PriceIndex(models.TextChoices):
    """Indices of an indexed price (A.3.3)."""

    SPOT = "spot", "Prix spot"
    CPI = "cpi", "Prix à la consommation"
    ENERGY = "energy", "Énergie"


class Unit(models.TextChoices):
    """What one of a product is (§1, M-09, M-20)."""

    UNIT = "unit", "Unité"
    CONTRACT = "contract", "Contrat"
    PERSON = "person", "Personne"
    VISIT = "visit", "Intervention"
    MONTH = "month", "Mois"
    HOUR = "hour", "Heure"
    MINUTE = "minute", "Minute"
    KWH = "kwh", "kWh"
    GIGABYTE = "gb", "Go"


# What is counted whole.
COUNTED = frozenset({Unit.UNIT, Unit.CONTRACT, Unit.PERSON, Unit.VISIT})


class IntegrationStatus(models.TextChoices):
    """How a product is linked to an external system, in the words of C.2 (reading M-08)."""

    NONE = "none", "Non intégré"
    REQUESTED = "requested", "Demande en cours"
    API = "api", "Intégré API"
    IMPORT = "import", "Intégré Import"
    INACTIVE = "inactive", "Inactif"


class Availability(models.TextChoices):
    """Whether what is published can be had (§2.1, M-09)."""

    AVAILABLE = "available", "Disponible"
    LIMITED = "limited", "Disponibilité limitée"
    UNAVAILABLE = "unavailable", "Indisponible"


class PaymentMethod(models.TextChoices):
    """How a client pays (§3.6, 3.6-12)."""

    SEPA = "sepa", "Prélèvement SEPA"
    CARD = "card", "Carte bancaire"
    INVOICE = "invoice", "Sur facture"


class CollectionCycle(models.TextChoices):
    """How often what is due is collected, whatever the recurrence of the plan (§3.6, 3.6-12)."""

    AT_ONCE = "at_once", "À la vente"
    MONTHLY = "monthly", "Chaque mois"
    QUARTERLY = "quarterly", "Chaque trimestre"
    HALF_YEARLY = "half_yearly", "Chaque semestre"
    YEARLY = "yearly", "Chaque année"


class Delivery(models.TextChoices):
    """How what is sold reaches the client (§3.6, 3.6-09)."""

    HOME = "home", "À domicile"
    PICKUP = "pickup", "En point relais"
    TECHNICIAN = "technician", "Par un technicien"


class RequiredField(models.TextChoices):
    """Fields and supporting documents that ADV asks for (§3.6, A.2.2-cq_rule)."""

    CNI = "CNI", "Pièce d'identité (CNI, passeport)"
    RIB = "RIB", "RIB"
    ADDRESS = "JustifDomicile", "Justificatif de domicile"
    RESIDENCE = "TitreSejour", "Titre de séjour"
    KBIS = "KBIS", "Extrait Kbis"
    RIGHTS = "AttestationDroits", "Attestation de droits (Assurance maladie)"
    MANDATE = "MandatSEPA", "Mandat SEPA signé"
    CANCELLATION = "MandatResiliation", "Mandat de résiliation"
    BIRTH_DATE = "DateNaissance", "Date de naissance"
    SOCIAL_NUMBER = "NumeroSecu", "Numéro de sécurité sociale"
    EMAIL = "Email", "Adresse e-mail"
    PHONE = "Telephone", "Téléphone"
    RIO = "RIO", "RIO (portabilité du numéro)"
    PDL = "PDL", "PDL ou PCE (point de livraison)"


class RuleSet(models.TextChoices):
    """Ready sets of quality checks (§3.6, M-09)."""

    IDENTITY = "identity", "Identité vérifiée"
    DOUBLE_LISTENING = "double_listening", "Double écoute de l'appel"
    WELCOME_CALL = "welcome_call", "Appel de bienvenue"
    WITHDRAWAL = "withdrawal", "Droit de rétractation rappelé"
    NEEDS = "needs", "Recueil des besoins et devoir de conseil"
    BANK = "bank", "Contrôle du RIB"
    SENIOR = "senior", "Contrôle renforcé des seniors"


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


class RiskIcon(models.TextChoices):
    """Icons of the theme (Material Symbols) that a family may take (2.1-risk-02)."""

    HEALTH = "health_and_safety", "Santé"
    SHIELD = "shield_with_heart", "Prévoyance"
    FLOWER = "local_florist", "Fleur"
    SUPPORT = "support_agent", "Assistance"
    TELEVISION = "live_tv", "Télévision"
    ROUTER = "router", "Box, routeur"
    PHONE = "smartphone", "Mobile"
    BOLT = "bolt", "Énergie"
    GAS = "local_fire_department", "Gaz"
    REPAIR = "home_repair_service", "Dépannage"
    HOME = "home", "Habitation"
    CAR = "directions_car", "Automobile"
    TRAVEL = "flight", "Voyage"
    PET = "pets", "Animaux"
    FAMILY = "family_restroom", "Famille"
    ELDERLY = "elderly", "Seniors"
    BUSINESS = "business_center", "Entreprise"
    SAVINGS = "savings", "Épargne"
    CARD = "credit_card", "Paiement"
    LAW = "gavel", "Protection juridique"
    CLOUD = "cloud", "Services en ligne"
    CATEGORY = "category", "Autre"


class ViewColumn(models.TextChoices):
    """Columns that a person may choose in the catalogue, beside the product's name (§3.7)."""

    CODE = "code", "Code"
    COMPANY = "company", "Société"
    RISK = "risk", "Risque"
    PARTNER = "partner", "Partenaire"
    BRAND = "brand", "Marque"
    STATUS = "status", "Statut"
    REVENUE = "revenue", "Monétisation"
    PRICING = "pricing", "Tarification"
    CHANNELS = "channels", "Canaux de vente"
    PUBLISHED = "published", "Publié"
    INTEGRATED = "integrated", "Intégration"
    CHANGED = "changed", "Modifié le"


class ViewOrder(models.TextChoices):
    """Orders of the catalogue's products: each has its index."""

    NAME = "name", "Nom"
    CODE = "code", "Code"
    CHANGED = "changed", "Dernière modification"


class WizardStep(models.TextChoices):
    """Steps of the creation wizard, in their order (§3.1, E.2.3)."""

    GENERAL = "general", "Général"
    PRICING = "tarification", "Tarification"
    COMMISSIONS = "commissions", "Commissions"
    DOCUMENTS = "documents", "Documents"
    PUBLICATION = "publication", "Publication"
