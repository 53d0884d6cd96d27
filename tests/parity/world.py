"""One row of each other table of Annexe A, and the doors by which a case is tried on it."""

import json
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounting.models import AccountingMapping
from catalog.admin.pricing import PARTS
from catalog.models import (
    CqRule,
    ExternalMapping,
    PricingRule,
    ProductPlan,
    ProductVersion,
    Publication,
    SaleAgreement,
    SalesBan,
    VersionBilling,
    VersionLogistics,
)
from commissions.models import Beneficiary, CommissionScheme, CommissionTier
from documents.models import DocumentType, ProductDocument
from integrations.models import WebhookEndpoint
from partners.models import PartnerCredential
from tests.factories import (
    BeneficiaryFactory,
    CompanyFactory,
    ExternalMappingFactory,
    MappingFactory,
    MembershipFactory,
    PartnerFactory,
    PlanFactory,
    ProductFactory,
    SaleAgreementFactory,
    SchemeFactory,
    UserFactory,
    VersionFactory,
)
from tests.support.blank import blank_pages
from tests.support.forms import form_of
from tests.support.parity import Errors, form_errors, in_boxes, insert, spelled
from tests.support.publishable import make_publishable
from winvest.core.domain.roles import Role
from winvest.core.models import ApiToken, Company

MODELS: dict[str, Any] = {
    "company": Company,
    "version": ProductVersion,
    "plan": ProductPlan,
    "price": PricingRule,
    "code": ExternalMapping,
    "publication": Publication,
    "scheme": CommissionScheme,
    "account": AccountingMapping,
    "cq": CqRule,
    "credential": PartnerCredential,
    "document": ProductDocument,
    "endpoint": WebhookEndpoint,
    "tier": CommissionTier,
    "billing": VersionBilling,
    "logistics": VersionLogistics,
    "beneficiary": Beneficiary,
    "agreement": SaleAgreement,
    "ban": SalesBan,
}
# The rows that the page of their version holds.
BELOW = {
    "plan": "plans",
    "price": "pricing_rules",
    "billing": "billings",
    "logistics": "logistics",
}
SEALED = {"key": "00000000-0000-0000-0000-000000000000", "data": "A" * 40}
ROUTES = {
    "company": "companies",
    "version": "products/{product}/versions",
    "plan": "versions/{version}/plans",
    "price": "versions/{version}/pricing-rules",
    "code": "products/{product}/external-mappings",
    "publication": "versions/{version}/publications",
    "scheme": "versions/{version}/commission-schemes",
    "account": "versions/{version}/accounting-mappings",
    "cq": "versions/{version}/cq-rules",
    "credential": "partners/{partner}/credentials",
    "document": "versions/{version}/documents",
    "tier": "versions/{version}/commission-schemes",
    "billing": "versions/{version}/billing",
    "logistics": "versions/{version}/logistics",
    "beneficiary": "beneficiaries",
    "agreement": "sale-agreements",
    "ban": "sales-bans",
}
# The rows above, which the path of the API names and a form or SQL must.
ABOVE = {
    "company": (),
    "version": ("product",),
    "code": ("product",),
    **dict.fromkeys(("plan", "price", "publication", "scheme", "cq"), ("product_version",)),
    "account": ("product_version",),
    **dict.fromkeys(("credential", "endpoint"), ("partner",)),
    "document": ("product_version",),
    "tier": ("product_version",),
    **dict.fromkeys(("billing", "logistics"), ("product_version",)),
    **dict.fromkeys(("beneficiary", "agreement", "ban"), ()),
}
# What SQL must fill in where the doors do.
FILLED: dict[str, dict[str, Any]] = {
    "credential": {"credentials": SEALED},
    "endpoint": {"secret": SEALED, "secret_set_at": "2026-01-01T00:00:00Z"},
    "document": {"file_url": "documents/AP/x.txt", "file_hash": "sha256:" + "0" * 64},
}


def with_file(row: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a form that brings a document."""
    code = getattr(row["type"], "code", row["type"])
    return {**row, "type": code, "file": SimpleUploadedFile("neuf.txt", b"Texte")}


class World:
    """A draft of Action Prévoyance with a row of each kind, and a person of the group."""

    def __init__(self) -> None:
        self.company = CompanyFactory(code="AP", legal_name="Action Prévoyance", siren="111111111")
        version = VersionFactory(product=ProductFactory(company=self.company))
        plan = PlanFactory(product_version=version, code="DEJA")
        ExternalMappingFactory(product=version.product, system="OggoData", external_code="O-1")
        MappingFactory(
            product_version=version, nature="revenue", state="to_validate", validated_at=None
        )
        other = VersionFactory(product=ProductFactory(company=self.company))
        partner = PartnerFactory(company=self.company)
        self.above = {
            "product": version.product,
            "product_version": version,
            "partner": partner,
        }
        self.scheme = SchemeFactory(product_version=other)
        self.sold = make_publishable(VersionFactory(product=ProductFactory(company=self.company)))
        self.known = {
            "@company": self.company,
            "@plan": plan,
            "@other_plan": PlanFactory(product_version=other),
            "@faq": DocumentType.objects.get(code="FAQ"),
            "@product": version.product,
            "@partner": partner,
            "@seller": CompanyFactory(code="FT"),
        }
        agreed = SaleAgreementFactory(product=other.product, seller=self.known["@seller"])
        self.known["@agreed"] = agreed.product
        BeneficiaryFactory(company=self.company, auxiliary_account="467001")
        user = UserFactory()
        MembershipFactory(user=user, company=None, role=Role.GROUP_ADMIN)
        self.pages: dict[str, Any] = {}
        self.browser = Client()
        self.browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        token, secret = ApiToken.draw(user=user, name="parité")
        token.save()
        self.api = Client(headers={"authorization": f"Bearer {secret}"})

    def over(self, case: dict[str, str]) -> dict[str, Any]:
        """Return what the row of a case stands below: a publication, a version that may be sold."""
        sold = {"product_version": self.sold} if case["model"] == "publication" else {}
        return self.above | sold

    def row(self, case: dict[str, str]) -> dict[str, Any]:
        """Return the values of a case: valid but for what it changes."""
        base = {
            "company": {
                "code": "NEUF",
                "legal_name": "Neuf SA",
                "brand_name": "Neuf",
                "siren": "222222222",
            },
            "version": {"effective_from": "2027-01-01T00:00:00+01:00"},
            "plan": {"code": "NEUF", "name": "Neuf", "recurrence": "monthly"},
            "price": {"plan": "@plan", "type": "fixed", "payload": {"amount": 12}},
            "code": {"system": "AssureurX", "external_code": "X-1"},
            "publication": {
                "company": "@company",
                "channels": ["web"],
                "start_at": "2027-01-01T00:00:00+01:00",
                "reason": "L'ADV est absente.",
            },
            "scheme": {"settlement": "upfront", "split": {"company": 1}},
            "account": {"company": "@company", "nature": "fee", "gl_account": "627100"},
            "cq": {"required_fields": ["CNI"]},
            "credential": {
                "env": "sandbox",
                "auth_type": "api_key",
                "credentials": {"api_key": "cle-de-parite"},
            },
            "document": {"type": "@faq", "title": "Neuf", "channels": ["web"]},
            "endpoint": {"event": "quote", "target_url": "https://winvest.example/1"},
            "tier": {"basis": "volume", "min": 0, "value_type": "percent", "value": 10},
            "billing": {"payment_method": "sepa", "collection_cycle": "monthly"},
            "logistics": {"delivery": "home", "delivery_days": 3},
            "beneficiary": {
                "company": "@company",
                "split_key": "commercial",
                "name": "Neuf",
                "employment": "independent",
                "auxiliary_account": "467002",
            },
            "agreement": {
                "product": "@product",
                "seller": "@seller",
                "start_at": "2027-01-01T00:00:00+01:00",
            },
            "ban": {
                "company": "@company",
                "channel": "web",
                "reason": "Neuf",
                "start_at": "2027-01-01T00:00:00+01:00",
            },
        }[case["model"]]
        return spelled({**base, **json.loads(case["change"])}, self.known)

    def by_form(self, case: dict[str, str]) -> Errors:
        """Post the page that adds such a row; None where it has no such page or fields."""
        model = MODELS[case["model"]]._meta
        try:
            address = reverse(f"admin:{model.app_label}_{model.model_name}_add")
        except NoReverseMatch:
            return self.below_the_version(case)
        shown = self.page(address)
        if shown.status_code != 200:
            return None
        form = shown.context["adminform"].form
        over = self.over(case)
        row = self.row(case) | {name: over[name] for name in ABOVE[case["model"]]}
        if case["model"] == "agreement":
            row["seller_code"] = row.pop("seller").code  # typed: a list would name the group
        typed = {name: getattr(value, "pk", value) for name, value in row.items()}
        if case["model"] == "document":
            with blank_pages():
                answer = self.browser.post(address, with_file(typed | {"type": row["type"]}))
            return set() if answer.status_code == 302 else form_errors(answer)
        boxes = in_boxes(form, row)
        if boxes is None:
            return None
        with blank_pages():
            answer = self.browser.post(address, form_of(shown) | boxes)
        # A secret is shown once, on a page without a form.
        done = answer.status_code == 302 or "adminform" not in answer.context_data
        return set() if done else form_errors(answer)

    def page(self, address: str) -> Any:
        """Return a page, asked for once."""
        if address not in self.pages:
            self.pages[address] = self.browser.get(address)
        return self.pages[address]

    def below_the_version(self, case: dict[str, str]) -> Errors:
        """Post the page of the version with one more row; None where it has no such row or box."""
        prefix = BELOW.get(case["model"])
        if prefix is None:
            return None
        address = reverse(
            "admin:catalog_productversion_change", args=[self.above["product_version"].pk]
        )
        shown = self.page(address)
        row = self.row(case)
        if case["model"] == "price":
            row = _price_in_boxes(row)
        form = _rows(shown, prefix).empty_form
        typed = None if row is None else in_boxes(form, row)
        if typed is None:
            return None
        first = {name: form.get_initial_for_field(form.fields[name], name) for name in form.fields}
        typed = {name: value for name, value in first.items() if value not in (None, "")} | typed
        data = form_of(shown)
        number = int(data[f"{prefix}-TOTAL_FORMS"])
        data[f"{prefix}-TOTAL_FORMS"] = number + 1
        data |= {f"{prefix}-{number}-{name}": value for name, value in typed.items()}
        with blank_pages():
            answer = self.browser.post(address, data)
        if answer.status_code == 302:
            return set()
        errors = _rows(answer, prefix).forms[-1].errors.get_json_data()
        return {
            (_column(name), error["code"] or "invalid")
            for name, found in errors.items()
            for error in found
        }

    def by_api(self, case: dict[str, str]) -> Errors:
        """Post the body; None where the API writes no such row."""
        if case["model"] not in ROUTES:
            return None
        columns = {f.name: f.attname for f in MODELS[case["model"]]._meta.concrete_fields}
        body = {
            columns[name]: str(value.pk) if hasattr(value, "pk") else value
            for name, value in self.row(case).items()
        }
        if case["model"] == "tier":
            body = {"settlement": "upfront", "split": {"company": 1}, "tiers": [body]}
        keys = {name.removeprefix("product_"): row.pk for name, row in self.over(case).items()}
        address = f"/api/catalog/{ROUTES[case['model']].format(**keys)}"
        if case["model"] == "document":
            if not self.row(case)["channels"]:
                return None  # a form cannot say « none »: it says nothing
            answer = self.api.post(address, with_file(self.row(case)))
        else:
            answer = self.api.post(address, body, content_type="application/json")
        if answer.status_code == 201:
            return set()
        assert answer.status_code == 422, answer.content
        names = {attname: name for name, attname in columns.items()}
        paths = (
            (error["path"].removeprefix("tiers.0.").split("/")[0], error["code"])
            for error in answer.json()["errors"]
        )
        return {(names.get(path, path), code) for path, code in paths}

    def by_sql(self, case: dict[str, str]) -> str:
        """Insert by SQL."""
        row = self.row(case) | FILLED.get(case["model"], {})
        row |= {name: self.over(case)[name] for name in ABOVE[case["model"]]}
        if case["model"] == "document":
            row["type"] = getattr(row["type"], "code", row["type"])
        if case["model"] == "tier":  # a scheme of its own, which those of the API do not meet
            row |= {"scheme": self.scheme, "product_version": self.scheme.product_version}
        fields = {field.name for field in MODELS[case["model"]]._meta.concrete_fields}
        if case["model"] == "version":
            row = {"version": 2} | row
        if "company" in fields:
            row = {"company": self.company} | row
        return insert(MODELS[case["model"]], row)


def _rows(page: Any, prefix: str) -> Any:
    formsets = [one.formset for one in page.context_data["inline_admin_formsets"]]
    (found,) = [formset for formset in formsets if formset.prefix == prefix]
    return found


def _price_in_boxes(row: dict[str, Any]) -> dict[str, Any] | None:
    """Return a price with its payload in the boxes of its type; None where it has none."""
    payload = row.pop("payload")
    if row["type"] == "tiered":
        return row | {"tiers": payload}
    boxes = {part: box for box, part in PARTS.get(row["type"], {}).items()}
    if not isinstance(payload, dict):
        return row
    return (
        row | {boxes[part]: value for part, value in payload.items()}
        if set(payload) <= boxes.keys()
        else None
    )


def _column(name: str) -> str:
    own = {box for boxes in PARTS.values() for box in boxes} - {"tier_mode"}
    return "payload" if name in own else "" if name == "__all__" else name
