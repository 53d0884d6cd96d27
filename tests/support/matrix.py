"""The demo data with one object for each kind of path, and people of every role who ask for them."""

from datetime import timedelta
from io import BytesIO

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from accounting.choices import ExportFormat, ExportKind, ExportProfile
from accounting.models import AccountingMapping, CompanyAccount, Entry, Operation
from accounting.services.exports import request_export
from catalog.domain.lifecycle import LifecycleStatus
from catalog.models import IndexValue, Product, Publication
from catalog.services.approvals import decide
from catalog.services.lifecycle import move_product
from catalog.services.versions import release_version, submit_version
from documents.models import DocumentType
from documents.services.upload import upload_document
from partners.models import Partner, PartnerActivation, PartnerCredential
from partners.services.iban import propose_iban
from tests.factories import (
    BeneficiaryFactory,
    BillingFactory,
    BundleComponentFactory,
    CqRuleFactory,
    ExternalMappingFactory,
    LogisticsFactory,
    MappingFactory,
    NegotiatedPriceFactory,
    PlanFactory,
    PricingRuleFactory,
    PromotionFactory,
    RiskFactory,
    SaleAgreementFactory,
    SalesBanFactory,
    SavedViewFactory,
    TierFactory,
    VersionFactory,
    WebhookEventFactory,
    WizardDraftFactory,
)
from tests.support.blank import blank_pages
from tests.support.demo import undone
from tests.support.offers import make_released
from tests.support.routes import Expectation
from tests.support.world import make_import, make_notification
from winvest.core import scoping
from winvest.core.clock import now
from winvest.core.domain.roles import Role
from winvest.core.models import (
    ApiToken,
    AuditEntry,
    AuditTrail,
    Brand,
    Company,
    Membership,
    User,
    VatRate,
)


class World:
    """The demo data with one object of AP for each kind of path, and people to ask for them."""

    def __init__(self) -> None:
        # One for all: each new client builds the middleware anew.
        self.client = Client(raise_request_exception=False)
        self.kept = cache.version
        with scoping.everything():
            self.company = Company.objects.get(code="AP")
            self.people = self._people("AP") | self._people(None)
            self.strangers = self._people("MTV")
            self.sessions = {user.pk: _session(user) for user in self.everybody}
            self.tokens = {user.pk: _token(user) for user in self.everybody}
            self.objects = self._objects()

    @property
    def everybody(self) -> list[User]:
        return [*self.people.values(), *self.strangers.values()]

    def _people(self, code: str | None) -> dict[Role, User]:
        rows = Membership.objects.filter(company__code=code).select_related("user").order_by("pk")
        return {Role(row.role): row.user for row in reversed(rows)}

    def _objects(self) -> dict[str, object]:
        own = {"company": self.company}
        canary = make_released(
            company=self.company,
            sku="AP-CANARI-001",
            name="Produit Canari",
            plans={"BASE": "12.00"},
            risk=RiskFactory(company=self.company, code="CANARI", label="Risque Canari"),
        )
        draft, reviewed, planned = (
            VersionFactory(
                product=canary.product,
                company=self.company,
                version=number,
                effective_from=now() + timedelta(days=number),
            )
            for number in (2, 3, 4)
        )
        manager = self.people[Role.CATALOG_MANAGER]
        for version in (reviewed, planned):
            submit_version(actor=manager, version=version)
        decide(  # both have the same content
            actor=self.people[Role.COMPANY_ADMIN], version=reviewed, decision="approved"
        )
        release_version(actor=manager, version=planned)
        event = WebhookEventFactory(
            endpoint__partner=Partner.objects.get(**own), external_event_id="Canari"
        )
        accountant = self.people[Role.ACCOUNTING]
        export = request_export(
            actor=accountant,
            company_id=self.company.pk,
            kind=ExportKind.ACCOUNTING,
            period="2025-09",
            profile=ExportProfile.F4,
            format=ExportFormat.CSV,
        )
        grid = request_export(
            actor=manager,
            company_id=self.company.pk,
            kind=ExportKind.PRICE_GRID,
            period="2025-09-01",
            profile=ExportProfile.STANDARD,
            format=ExportFormat.CSV,
        )
        partner = Partner.objects.get(**own)
        change = propose_iban(
            actor=User.objects.get(email="admin.groupe.2@winvest.example"),
            partner=partner,
            iban="DE89370400440532013000",
        )
        return {
            "company": self.company,
            "brand": Brand.objects.get(**own),
            "rate": VatRate.objects.first(),
            "index": IndexValue.objects.create(index="cpi", valid_on="2026-01-01", value=100),
            "user": self.people[Role.SALES],
            "token": ApiToken.objects.filter(user=self.people[Role.SALES]).first(),
            "audit": AuditEntry.objects.filter(company_id=self.company.pk).first(),
            "trail": self._trail(),
            "job": export.job,
            "notification": make_notification(self.company, manager),
            "communication": make_notification(
                self.company,
                self.people[Role.MARKETING],
                kind="communication",
                action="notification.publish",
            ),
            "import": make_import(self.company, file_name="AP-CANARI.csv"),
            "partner": partner,
            "activation": PartnerActivation.objects.get(partner=partner, company=self.company),
            "iban": change,
            "credential": PartnerCredential.objects.get(**own),
            "risk": canary.product.risk,
            "product": canary.product,
            "unpublished": Product.objects.get(sku="AP-SANTE-001"),
            "version": canary,
            "draft": draft,
            "reviewed": reviewed,
            "planned": planned,
            "plan": (plan := PlanFactory(product_version=draft)),
            "price": PricingRuleFactory(plan=plan),
            "cq": CqRuleFactory(product_version=draft),
            "billing": BillingFactory(product_version=draft),
            "logistics": LogisticsFactory(product_version=draft),
            "code": ExternalMappingFactory(product=canary.product),
            "component": BundleComponentFactory(
                plan=PlanFactory(product_version=draft, bundle_kind="fixed", bundle_value=1)
            ),
            "negotiated": NegotiatedPriceFactory(
                product=canary.product, plan_code="BASE", start_at=now() + timedelta(days=1)
            ),
            "ban": SalesBanFactory(
                product=canary.product, channel="partner", reason="Interdiction Canari"
            ),
            "agreement": SaleAgreementFactory(
                product=canary.product, terms="Accord Canari", start_at=now() + timedelta(days=1)
            ),
            "promotion": PromotionFactory(
                company=self.company,
                product=canary.product,
                name="Promotion Canari",
                start_at=now() + timedelta(days=1),
            ),
            "running": canary.publications.get(),
            "wizard": WizardDraftFactory(user=manager, product_version=draft),
            "view": SavedViewFactory(user=manager, company=self.company, name="Vue Canari"),
            "transition": move_product(
                actor=manager,
                product=canary.product,
                to=LifecycleStatus.FROZEN,
                at=now() + timedelta(days=9),
                reason="Canari",
            ),
            "publication": Publication.objects.get(**own),
            "mapping": AccountingMapping.objects.filter(**own).first(),
            "unvalidated": MappingFactory(
                product_version=draft, state="to_validate", validated_at=None
            ),
            "event": event,
            "endpoint": event.endpoint,
            "document": self._document(draft),
            "type": DocumentType.objects.get(code="CG"),
            "scheme": TierFactory(scheme__product_version=draft, scheme__name="Canari").scheme,
            "beneficiary": BeneficiaryFactory(company=self.company, name="Canari"),
            "account": CompanyAccount.objects.filter(**own).first(),
            "operation": Operation.objects.filter(**own).first(),
            "entry": Entry.objects.filter(**own).first(),
            "export": export,
            "grid": grid,
        }

    def _trail(self) -> AuditTrail:
        """Return a trail whose file is gone: the matrix asks for the right, not for the file."""
        return AuditTrail.objects.create(
            company=self.company, month="2025-09", file="absent.csv", rows=0, sha256="0" * 64
        )

    def _document(self, version):
        return upload_document(
            actor=self.people[Role.LEGAL],
            version=version,
            type=DocumentType.objects.get(code="FAQ"),
            title="Document Canari",
            content=BytesIO(b"Texte Canari"),
            file_name="canari.txt",
        )

    def body(self, line: Expectation) -> dict:
        """Return a body that would be accepted, for the routes whose answer depends on it."""
        company = str(self.company.pk)
        if line.route.endswith("/delete/"):
            return {"post": "yes"}
        return {
            "catalogue/selection/": {"do": "export"},
            "api/catalog/versions/<uuid:id>/withdraw": {"reason": "Trop tôt."},
            "api/catalog/pricing/quote": {
                "sku": "AP-CANARI-001",
                "plan": "BASE",
                "company_id": company,
                "channel": "web",
                "quantity": 1,
            },
            "api/catalog/operations": {
                "source": "matrix",
                "external_id": "1",
                "kind": "commission_report",
                "company_id": company,
                "sku": "AP-SANTE-001",
                "occurred_at": "2025-10-01T10:00:00+02:00",
                "amount": "12.00",
            },
            "api/catalog/exports": {
                "kind": "accounting",
                "company_id": company,
                "period": "2025-10",
                "profile": "F7",
                "format": "csv",
            },
        }.get(line.route, {})

    def status(self, line: Expectation, user: User | None) -> int:
        """Ask as `user` for an answer whose page is left unwritten."""
        with blank_pages():
            return self.ask(line, user)[0]

    def ask(self, line: Expectation, user: User | None, key: object = None) -> tuple[int, str]:
        """Ask as `user`, and undo what the request wrote."""
        if not line.route.startswith("api/"):
            # The number of tasks in the menu is kept a minute, as for a person who goes about.
            cache.version = self.kept
        target = self.objects.get(line.target)
        address = line.address(key or (target.pk if target else ""))
        client = self.client
        client.cookies.clear()
        options = {}
        if line.route.startswith("api/"):
            if user:
                options["headers"] = {"authorization": f"Bearer {self.tokens[user.pk]}"}
            options["content_type"] = "application/json"
        data = self.body(line) if line.method in {"POST", "PATCH"} else None
        if str(line).startswith("POST api/") and line.route.endswith("/documents"):
            options.pop("content_type")  # a form that brings a file
            data = {"type": "FAQ", "title": "Canari", "file": ContentFile(b"Texte", "canari.txt")}
        if str(line).startswith("POST api/") and line.route.endswith("/imports"):
            options.pop("content_type")
            data = {"target": "product", "company_id": str(self.company.pk)}
            data |= {"file": ContentFile(b"SKU", "canari.csv")}
        if user and ("headers" not in options or line.route == "api/docs/"):
            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[user.pk]
        if line.target == "document" and not default_storage.exists(target.file_url):
            default_storage.save(
                target.file_url, ContentFile(b"Texte Canari")
            )  # of this test's folder
        with undone():
            response = getattr(client, line.method.lower())(address, data, **options)
            body = b"".join(response) if response.streaming else response.content
            return response.status_code, body.decode("utf-8", "replace")


def _session(user: User) -> str:
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return store.session_key


def _token(user: User) -> str:
    token, secret = ApiToken.draw(user=user, name=user.email)
    token.save()
    return secret
