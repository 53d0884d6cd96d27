"""« Mes tâches »: what a person is asked to do, oldest first (§3, design/screens.md 8)."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.db.models.lookups import LessThan
from django.urls import reverse

from accounting.choices import MappingState
from accounting.models import AccountingMapping
from accounting.services.publication import NATURES
from catalog.admin.review import review_address
from catalog.admin.told import refused_in_short
from catalog.choices import (
    ApprovalDomain,
    IntegrationStatus,
    LifecycleStatus,
    VersionState,
    WizardStep,
)
from catalog.models import (
    ExternalMapping,
    PlannedSale,
    ProductVersion,
    VersionApproval,
    VersionAuthor,
    WizardDraft,
)
from catalog.selectors.approvals import ACTIONS, sent_back
from catalog.selectors.planned_sales import sales_to_make
from winvest.backoffice.dashboard.lists import Listing, list_tile
from winvest.backoffice.dashboard.shapes import Line, Reader
from winvest.core.admin.formatting import day_text
from winvest.core.admin.zones import local_text
from winvest.core.domain.periods import local_date
from winvest.core.domain.roles import Action, Role
from winvest.core.models.access import Membership, MembershipRisk
from winvest.core.models.company import Company
from winvest.core.permissions import Access

# From a risk to its family, through the sub-families.
ABOVE = ("__parent", "__parent__parent")


def versions_to_approve(reader: Reader) -> QuerySet[ProductVersion]:
    """Return the versions in review that wait for an approval that the person may give.

    Not his own content, nor what he submitted (R-02); not what already has every approval of his.
    """
    access = reader.access
    waits: Any = Q(pk__in=[])
    for domain, action in ACTIONS.items():
        asked = within(access, action, "product__risk") & ~Exists(approved(domain))
        waits |= asked & ASKED[domain](access) if domain in ASKED else asked
    written = VersionAuthor._base_manager.filter(
        product_version=OuterRef("pk"), user=access.user_id, round__gte=OuterRef("submissions") - 1
    )
    rows = ProductVersion.objects.filter(
        waits, company_id__in=reader.companies, state=VersionState.IN_REVIEW
    )
    mine = rows.exclude(submitted_by=access.user_id).exclude(Exists(written))
    return mine.order_by(F("submitted_at").asc(nulls_first=True), "pk")


def approved(domain: str) -> Any:
    """Return the approvals of a version in a domain since it was submitted."""
    return VersionApproval._base_manager.filter(
        product_version=OuterRef("pk"),
        domain=domain,
        decision="approved",
        created_at__gte=OuterRef("submitted_at"),
    )


def by_api(_access: Access | None = None) -> Any:
    """Return the condition that a partner's API prices the product: IT answers for it (R-06)."""
    codes = ExternalMapping._base_manager.filter(
        product=OuterRef("product"), integration_status=IntegrationStatus.API
    )
    return Exists(codes)


def _of_compliance(access: Access) -> Any:
    """Return the condition that compliance is the person's: a jurist, or no jurist may (R-05)."""
    written = VersionAuthor._base_manager.filter(
        product_version=OuterRef(OuterRef("pk")),
        user=OuterRef("user"),
        round__gte=OuterRef(OuterRef("submissions")) - 1,
    )
    limits = MembershipRisk._base_manager.filter(membership=OuterRef("pk"))
    family: Any = [OuterRef(OuterRef(f"product__risk{above}")) for above in ("", *ABOVE)]
    jurists = Membership._base_manager.filter(
        ~Exists(limits) | Exists(limits.filter(risk_id__in=family)),
        company=OuterRef("company"),
        role=Role.LEGAL,
        user__is_active=True,
        user__is_service=False,
    )
    free = jurists.filter(~Exists(written))
    may = Exists(free.exclude(user=OuterRef("submitted_by"))) | Q(Exists(free), submitted_by=None)
    return Exists(jurists.filter(user=access.user_id)) | ~Q(may)


ASKED: dict[str, Callable[[Access], Any]] = {
    ApprovalDomain.INTEGRATION: by_api,
    ApprovalDomain.COMPLIANCE: _of_compliance,
}


def within(access: Access, action: Action, path: str, *, company_path: str = "company") -> Q:
    """Return the condition that an action is allowed: the companies, and their families (N-02)."""
    condition = Q(pk__in=[])
    for company in access.companies(action):
        families = access.families(action, company)
        narrowed = Q(**{company_path: company})
        condition |= (
            narrowed if families is None else narrowed & Q(**{f"{path}__in": sorted(families)})
        )
    return condition


def approvals(reader: Reader) -> list[Listing]:
    """Show the versions to approve or refuse."""
    rows = versions_to_approve(reader).select_related("product", "company", "submitted_by")
    return [Listing(rows, lambda found: map(_approval, found))]


def _approval(row: ProductVersion) -> Line:
    at = row.submitted_at
    return Line(
        label=f"{row.product.name} v{row.version}",
        detail=f"{row.company.brand_name}, soumise par {row.submitted_by or 'un collègue'}",
        value=day_text(local_date(at, row.company.timezone)) if at else "",
        link=review_address(row.pk, from_tasks=True),
        tone="info",
    )


def accounts_to_validate(reader: Reader) -> QuerySet[AccountingMapping]:
    """Return the accounts that the person may validate, and that are not valid yet."""
    return AccountingMapping.objects.filter(
        within(reader.access, Action.MAPPING_VALIDATE, "product__risk"),
        company_id__in=reader.companies,
        state__in=(MappingState.TO_VALIDATE, MappingState.ERROR),
    )


def accounts_to_enter(reader: Reader) -> QuerySet[ProductVersion]:
    """Return the versions in review, or waiting to be sold, without an account of what they book (R-03).

    Not those that are over, on sale, or that only other companies are to sell.
    Counted version by version, by key: looked for with EXISTS, every account would be read.
    """
    missing: Any = Q(pk__in=[])
    for model, natures in NATURES.items():
        known = AccountingMapping._base_manager.filter(
            product_version=OuterRef("pk"), company=OuterRef("company"), nature__in=natures
        ).exclude(state=MappingState.REPLACED)
        counted = (
            known.order_by()
            .values("product_version")
            .annotate(number=Count("nature", distinct=True))
        )
        number: Any = Coalesce(Subquery(counted.values("number")), 0)
        missing |= Q(product__revenue_model=model) & Q(LessThan(number, len(natures)))
    rows = ProductVersion.objects.filter(
        within(reader.access, Action.MAPPING_EDIT, "product__risk") & missing,
        pk__in=_to_be_sold(reader),
        company_id__in=reader.companies,
    )
    return rows.exclude(product__lifecycle_status=LifecycleStatus.RETIRED)


def _to_be_sold(reader: Reader) -> QuerySet[Any, Any]:
    """Return the keys of the versions in review, and of those in production whose owner is still to
    publish the sale that it planned.
    """
    # Of companies in scope: asked once more, the scope would cost its time in each.
    versions = ProductVersion._base_manager.filter(company_id__in=reader.companies)
    in_review = versions.filter(state=VersionState.IN_REVIEW).order_by().values("pk")
    planned = sales_to_make(versions).filter(seller=F("company")).order_by()
    # Found each by its own index: an OR would read every version.
    return in_review.union(planned.values("product_version"))


def accounts_of_sellers(reader: Reader) -> QuerySet[PlannedSale]:
    """Return the planned sales of another company's product that lack an account of the seller (R-10)."""
    missing: Any = Q(pk__in=[])
    for model, natures in NATURES.items():
        for nature in natures:
            known = AccountingMapping._base_manager.filter(
                product_version=OuterRef("product_version"),
                company=OuterRef("seller"),
                nature=nature,
            )
            missing |= Q(product_version__product__revenue_model=model) & ~Exists(known)
    mine = within(
        reader.access,
        Action.MAPPING_EDIT,
        "product_version__product__risk",
        company_path="seller",
    )
    rows = sales_to_make(ProductVersion.objects.all()).filter(mine & missing)
    return rows.filter(~Q(seller=F("company")), seller_id__in=reader.companies)


def accounts(reader: Reader) -> list[Listing]:
    """Show the accounts to enter, of one's products then of those of others, and those to validate."""
    asked = accounts_to_enter(reader).select_related("product", "company")
    lent = accounts_of_sellers(reader).select_related("product_version__product", "seller")
    rows = accounts_to_validate(reader).select_related("product", "company").order_by("pk")
    return [
        Listing(
            asked.order_by(F("submitted_at").asc(nulls_first=True), "pk"),
            lambda found: [_account_to_enter(row, row.company) for row in found],
        ),
        Listing(
            lent,
            lambda found: [_account_to_enter(row.product_version, row.seller) for row in found],
        ),
        Listing(rows, lambda found: map(_account_to_validate, found)),
    ]


def _account_to_enter(row: ProductVersion, company: Company) -> Line:
    add = reverse("admin:accounting_accountingmapping_add")
    asked = f"?product_version={row.pk}"
    if company.pk != row.company_id:
        asked += f"&company={company.pk}"
    return Line(
        label=f"{row.product.name} v{row.version}",
        detail=f"Compte manquant, {company.brand_name}",
        value="À saisir",
        link=f"{add}{asked}",
        tone="warning",
    )


def _account_to_validate(row: AccountingMapping) -> Line:
    return Line(
        label=f"{row.product.name} : {row.gl_account}",
        detail=f"{row.get_nature_display()}, {row.company.brand_name}",
        value=str(row.get_state_display()),
        link=reverse("admin:accounting_accountingmapping_change", args=[row.pk]),
        tone="danger" if row.state == MappingState.ERROR else "warning",
    )


def drafts_sent_back(reader: Reader) -> QuerySet[WizardDraft]:
    """Return one's own drafts whose version was refused: they are to be mended."""
    refusals = sent_back().filter(product_version=OuterRef("product_version"))
    return WizardDraft.objects.filter(
        Exists(refusals),
        company_id__in=reader.among(Action.CATALOG_EDIT),
        user=reader.access.user_id,
    )


def drafts(reader: Reader) -> list[Listing]:
    """Show one's drafts of the wizard, the latest first, then those of the team with their author."""
    mine = reader.access.user_id
    rows = WizardDraft.objects.filter(company_id__in=reader.companies)
    rows = rows.select_related("product_version__product", "company", "user").order_by(
        Case(When(user=mine, then=0), default=1), "-updated_at", "pk"
    )

    def show(found: Sequence[WizardDraft]) -> Iterator[Line]:
        refusals = refused_in_short(found)
        return (_draft(row, mine, refusals.get(row.pk, "")) for row in found)

    return [Listing(rows, show)]


def _draft(row: WizardDraft, mine: UUID, said: str) -> Line:
    """Show a draft: who keeps it and since when, or why its version was sent back."""
    zone = row.company.timezone
    kept = f"gardé le {local_text(row.updated_at, zone)}"
    whose = "" if row.user_id == mine else f", par {row.user}"
    return Line(
        label=row.product_version.product.name if row.product_version else "Nouveau produit",
        detail=f"{row.company.brand_name}, {kept}{whose}{f'. {said}' if said else ''}",
        value="Refusée" if said else str(WizardStep(row.step).label),
        link=reverse("wizard-step", args=[row.pk, row.step]),
        tone="danger" if said else "neutral",
    )


APPROVALS = list_tile(
    "approbations",
    "À approuver",
    Action.CATALOG_VIEW_ALL,
    approvals,
    empty="Aucune version n'attend votre approbation.",
)
ACCOUNTS = list_tile(
    "mappings",
    "Comptes à valider",
    Action.MAPPING_VALIDATE,
    accounts,
    empty="Aucun compte n'attend votre saisie ni votre validation.",
)
DRAFTS = list_tile(
    "brouillons",
    "Mes brouillons",
    Action.CATALOG_EDIT,
    drafts,
    empty="Aucun brouillon : l'assistant en commence un.",
)
