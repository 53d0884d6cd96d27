"""The other tables of Annexe A: form, API and SQL refuse the same values (A.2, A.4).

They have no files. `parts.csv` is read as `constraints.csv`; a page that types a value in several
fields is not asked (its own tests do).
"""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounting.models import AccountingMapping
from catalog.models import (
    CqRule,
    ExternalMapping,
    PricingRule,
    ProductPlan,
    ProductVersion,
    Publication,
)
from commissions.models import CommissionScheme
from tests.factories import (
    CompanyFactory,
    ExternalMappingFactory,
    MappingFactory,
    MembershipFactory,
    PlanFactory,
    ProductFactory,
    UserFactory,
    VersionFactory,
)
from tests.support.demo import undone
from tests.support.forms import form_of
from tests.support.parity import Errors, form_errors, insert, read_cases, spelled
from winvest.core import scoping
from winvest.core.domain.roles import Role
from winvest.core.models import ApiToken, Company

CASES = read_cases(Path(__file__).with_name("parts.csv"))
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
}
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
}
# The rows above, which the path of the API names and a form or SQL must.
ABOVE = {
    "company": (),
    "version": ("product",),
    "code": ("product",),
    **dict.fromkeys(("plan", "price", "publication", "scheme", "cq"), ("product_version",)),
    "account": ("product_version",),
}


class World:
    """A draft of Action Prévoyance with a row of each kind, and a person of the group."""

    def __init__(self) -> None:
        self.company = CompanyFactory(code="AP", legal_name="Action Prévoyance", siren="111111111")
        version = VersionFactory(product=ProductFactory(company=self.company))
        plan = PlanFactory(product_version=version, code="DEJA")
        ExternalMappingFactory(product=version.product, system="OggoData", external_code="O-1")
        MappingFactory(product_version=version, nature="revenue")
        other = VersionFactory(product=ProductFactory(company=self.company))
        self.above = {"product": version.product, "product_version": version}
        self.known = {
            "@company": self.company,
            "@plan": plan,
            "@other_plan": PlanFactory(product_version=other),
        }
        user = UserFactory()
        MembershipFactory(user=user, company=None, role=Role.GROUP_ADMIN)
        self.browser = Client()
        self.browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        token, secret = ApiToken.draw(user=user, name="parité")
        token.save()
        self.api = Client(headers={"authorization": f"Bearer {secret}"})

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
            },
            "scheme": {"settlement": "upfront", "split": {"company": 1}},
            "account": {"company": "@company", "nature": "fee", "gl_account": "627100"},
            "cq": {"required_fields": ["CNI"]},
        }[case["model"]]
        return spelled({**base, **json.loads(case["change"])}, self.known)

    def by_form(self, case: dict[str, str]) -> Errors:
        """Post the page that adds such a row; None where it has no such page or fields."""
        model = MODELS[case["model"]]._meta
        try:
            address = reverse(f"admin:{model.app_label}_{model.model_name}_add")
        except NoReverseMatch:
            return None
        shown = self.browser.get(address)
        if shown.status_code != 200:
            return None
        row = self.row(case) | {name: self.above[name] for name in ABOVE[case["model"]]}
        typed = {name: getattr(value, "pk", value) for name, value in row.items()}
        in_parts = [name for name, value in typed.items() if isinstance(value, list | dict)]
        in_parts += {"effective_from", "start_at"} & set(typed)
        if in_parts or not set(typed) <= set(shown.context["adminform"].form.fields):
            return None
        data = form_of(shown)
        answer = self.browser.post(address, data | typed)
        return set() if answer.status_code == 302 else form_errors(answer)

    def by_api(self, case: dict[str, str]) -> Errors:
        """Post the body."""
        columns = {f.name: f.attname for f in MODELS[case["model"]]._meta.concrete_fields}
        body = {
            columns[name]: str(value.pk) if hasattr(value, "pk") else value
            for name, value in self.row(case).items()
        }
        keys = {"product": self.above["product"].pk, "version": self.above["product_version"].pk}
        address = f"/api/catalog/{ROUTES[case['model']].format(**keys)}"
        answer = self.api.post(address, body, content_type="application/json")
        if answer.status_code == 201:
            return set()
        assert answer.status_code == 422, answer.content
        names = {attname: name for name, attname in columns.items()}
        paths = ((error["path"].split("/")[0], error["code"]) for error in answer.json()["errors"])
        return {(names.get(path, path), code) for path, code in paths}

    def by_sql(self, case: dict[str, str]) -> str:
        """Insert by SQL."""
        row = self.row(case) | {name: self.above[name] for name in ABOVE[case["model"]]}
        fields = {field.name for field in MODELS[case["model"]]._meta.concrete_fields}
        if "version" in fields and "product" in fields:
            row = {"version": 2} | row
        if "company" in fields:
            row = {"company": self.company} | row
        return insert(MODELS[case["model"]], row)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """Make the rows once; every case is undone."""
    with django_db_blocker.unblock(), undone(), scoping.everything():
        yield World()


@pytest.fixture(autouse=True)
def in_the_module_s_transaction(world, django_db_blocker):
    """Undo what each door writes."""
    with django_db_blocker.unblock(), undone():
        yield


@pytest.mark.requirement("A.4-01", "A.2.2-product_version-02", "A.2.2-product_plan-03", "8-07")
@pytest.mark.parametrize(
    "case", CASES, ids=[f"{c['model']} {c['field']} {c['case']}" for c in CASES]
)
def test_every_door_refuses_alike(world, case):
    codes = set(filter(None, case["code"].split("|")))
    for door, ask in {"form": world.by_form, "api": world.by_api}.items():
        with undone():
            found = ask(case)
        if found is None:
            continue
        assert bool(found) is bool(codes), f"{door}: {found}"
        assert {code for _, code in found} <= codes, f"{door}: {found}"
        assert {name.split(".")[0] for name, _ in found} <= {case["field"], ""}, door
    assert world.by_sql(case) == case["sql"]
