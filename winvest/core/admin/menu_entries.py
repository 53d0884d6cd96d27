"""The entries of the menu, in its order (1-22, R-01)."""

from dataclasses import dataclass

from winvest.core.domain.roles import Action

TASKS = "my-work"
NOTIFICATIONS = "admin:core_notification_changelist"
CATALOGUE = "catalogue"


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One entry: `icon` is a Material Symbols name, `url_name` a URL of the admin site."""

    title: str
    icon: str
    url_name: str
    action: Action
    description: str
    # Another right that opens it, of those who do not hold the first.
    also: Action | None = None

    @property
    def actions(self) -> set[Action]:
        """Return the rights that open it, any of them."""
        return {self.action} if self.also is None else {self.action, self.also}


@dataclass(frozen=True, slots=True)
class MenuGroup:
    """Entries under one heading."""

    title: str
    items: tuple[MenuItem, ...]


MENU: tuple[MenuGroup, ...] = (
    MenuGroup(
        "Suivi",
        (
            MenuItem(
                "Mes tâches",
                "task_alt",
                TASKS,
                Action.CATALOG_VIEW_ALL,
                "À approuver, à valider, à publier, à communiquer",
                Action.NOTIFICATION_PUBLISH,
            ),
            MenuItem(
                "Tableau de bord",
                "monitoring",
                "dashboard",
                Action.CATALOG_VIEW,
                "Ce qui attend, ce qui manque et ce qui change",
            ),
            MenuItem(
                "Notifications",
                "notifications",
                NOTIFICATIONS,
                Action.CATALOG_VIEW,
                "Ce qui vous est demandé ou annoncé",
            ),
        ),
    ),
    MenuGroup(
        "Catalogue",
        (
            MenuItem(
                "Catalogue",
                "view_column",
                CATALOGUE,
                Action.CATALOG_VIEW,
                "Risques, partenaires et produits côte à côte",
            ),
            MenuItem(
                "Assistant",
                "edit_note",
                "wizard",
                Action.CATALOG_EDIT,
                "Créer un produit pas à pas, reprendre un brouillon",
            ),
            MenuItem(
                "Produits",
                "inventory_2",
                "admin:catalog_product_changelist",
                Action.CATALOG_VIEW,
                "Offres, versions, plans et prix",
            ),
            MenuItem(
                "Versions",
                "history_edu",
                "admin:catalog_productversion_changelist",
                Action.CATALOG_VIEW_ALL,
                "Brouillons, versions publiées et à venir",
            ),
            MenuItem(
                "Publications",
                "campaign",
                "admin:catalog_publication_changelist",
                Action.CATALOG_VIEW_ALL,
                "Sociétés, canaux et dates de diffusion",
            ),
            MenuItem(
                "Accords de vente",
                "handshake",
                "admin:catalog_saleagreement_changelist",
                Action.CATALOG_VIEW_ALL,
                "Produits qu'une autre société peut vendre",
            ),
            MenuItem(
                "Liste noire",
                "block",
                "admin:catalog_salesban_changelist",
                Action.CATALOG_VIEW_ALL,
                "Produits et canaux interdits à la vente",
            ),
            MenuItem(
                "Promotions",
                "redeem",
                "admin:catalog_promotion_changelist",
                Action.CATALOG_VIEW_ALL,
                "Remises planifiées, codes et cumuls",
            ),
            MenuItem(
                "Prix négociés",
                "request_quote",
                "admin:catalog_negotiatedprice_changelist",
                Action.CATALOG_VIEW_ALL,
                "Tarifs d'un client ou d'un contrat",
            ),
            MenuItem(
                "Grilles de prix",
                "price_change",
                "admin:accounting_pricegridexport_changelist",
                Action.CATALOG_VIEW_ALL,
                "Prix publiés, par société, date et canal",
            ),
            MenuItem(
                "Règles ADV / qualité",
                "fact_check",
                "admin:catalog_cqrule_changelist",
                Action.CATALOG_VIEW_ALL,
                "Pièces exigées et contrôles par version",
            ),
            MenuItem(
                "Codes externes",
                "link",
                "admin:catalog_externalmapping_changelist",
                Action.CATALOG_VIEW_ALL,
                "Noms des produits chez les partenaires",
            ),
        ),
    ),
    MenuGroup(
        "Documents",
        (
            MenuItem(
                "Documents",
                "description",
                "admin:documents_productdocument_changelist",
                Action.CATALOG_VIEW_ALL,
                "CG, DIPA, notices et fiches des produits",
            ),
            MenuItem(
                "Types et exigences",
                "rule",
                "admin:documents_documenttype_changelist",
                Action.CATALOG_VIEW_ALL,
                "Documents exigés par famille et canal",
            ),
        ),
    ),
    MenuGroup(
        "Commissions",
        (
            MenuItem(
                "Barèmes",
                "percent",
                "admin:commissions_commissionscheme_changelist",
                Action.COMMISSION_VIEW,
                "Paliers, répartition et règlement par version",
            ),
            MenuItem(
                "Bénéficiaires",
                "groups",
                "admin:commissions_beneficiary_changelist",
                Action.COMMISSION_VIEW,
                "Commerciaux, managers et apporteurs payés",
            ),
        ),
    ),
    MenuGroup(
        "Partenaires",
        (
            MenuItem(
                "Partenaires",
                "handshake",
                "admin:partners_partner_changelist",
                Action.CATALOG_VIEW,
                "Assureurs, fournisseurs et leurs activations",
            ),
            MenuItem(
                "Accès API",
                "vpn_key",
                "admin:partners_partnercredential_changelist",
                Action.PARTNER_CREDENTIALS,
                "Clés des partenaires, par environnement",
            ),
            MenuItem(
                "Webhooks",
                "webhook",
                "admin:integrations_webhookendpoint_changelist",
                Action.INTEGRATION_CONSOLE,
                "Adresses et secrets donnés aux partenaires",
            ),
            MenuItem(
                "Événements reçus",
                "inbox",
                "admin:integrations_webhookevent_changelist",
                Action.INTEGRATION_CONSOLE,
                "Ce que les partenaires ont envoyé",
            ),
        ),
    ),
    MenuGroup(
        "Comptabilité",
        (
            MenuItem(
                "Opérations",
                "receipt_long",
                "admin:accounting_operation_changelist",
                Action.ACCOUNTING_VIEW,
                "Ventes, commissions, frais et remboursements",
            ),
            MenuItem(
                "Écritures",
                "menu_book",
                "admin:accounting_entry_changelist",
                Action.ACCOUNTING_VIEW,
                "Journal équilibré, jamais modifié",
            ),
            MenuItem(
                "Exports",
                "download",
                "admin:accounting_exportrun_changelist",
                Action.ACCOUNTING_VIEW,
                "Fichiers mensuels CSV et XLSX",
            ),
            MenuItem(
                "Mappings comptables",
                "account_tree",
                "admin:accounting_accountingmapping_changelist",
                Action.ACCOUNTING_VIEW,
                "Comptes et codes TVA par produit",
            ),
            MenuItem(
                "Comptes de la société",
                "account_balance",
                "admin:accounting_companyaccount_changelist",
                Action.ACCOUNTING_VIEW,
                "Tiers, banque, TVA et journaux",
            ),
        ),
    ),
    MenuGroup(
        "Référentiels",
        (
            MenuItem(
                "Sociétés",
                "domain",
                "admin:core_company_changelist",
                Action.CATALOG_VIEW,
                "Identité, devise, fuseau et couleurs",
            ),
            MenuItem(
                "Marques",
                "sell",
                "admin:core_brand_changelist",
                Action.CATALOG_VIEW_ALL,
                "Noms commerciaux de chaque société",
            ),
            MenuItem(
                "Risques",
                "category",
                "admin:catalog_risk_changelist",
                Action.CATALOG_VIEW,
                "Familles et sous-familles de produits",
            ),
            MenuItem(
                "Taux de TVA",
                "percent",
                "admin:core_vatrate_changelist",
                Action.CATALOG_VIEW,
                "Taux par pays et par date",
            ),
            MenuItem(
                "Valeurs d'indices",
                "show_chart",
                "admin:catalog_indexvalue_changelist",
                Action.CATALOG_VIEW,
                "Énergie, prix à la consommation, spot, par date",
            ),
            MenuItem(
                "Imports",
                "upload_file",
                "admin:core_importrun_changelist",
                Action.CATALOG_EDIT,
                "Fichiers vérifiés puis importés, et leurs rapports",
            ),
        ),
    ),
    MenuGroup(
        "Accès",
        (
            MenuItem(
                "Utilisateurs",
                "group",
                "admin:core_user_changelist",
                Action.ACCESS_MANAGE,
                "Comptes et rôles par société",
            ),
            MenuItem(
                "Jetons d'API",
                "key",
                "admin:core_apitoken_changelist",
                Action.ACCESS_MANAGE,
                "Clients de l'API et leurs droits",
            ),
        ),
    ),
    MenuGroup(
        "Journal",
        (
            MenuItem(
                "Journal d'audit",
                "policy",
                "admin:core_auditentry_changelist",
                Action.AUDIT_VIEW,
                "Qui a changé quoi, avant et après",
            ),
            MenuItem(
                "Pistes d'audit",
                "inventory",
                "admin:core_audittrail_changelist",
                Action.AUDIT_VIEW,
                "Un fichier par société et par mois",
            ),
            MenuItem(
                "Travaux",
                "pending_actions",
                "admin:core_job_changelist",
                Action.AUDIT_VIEW,
                "Exports et autres travaux de fond, et leur état",
            ),
        ),
    ),
)
