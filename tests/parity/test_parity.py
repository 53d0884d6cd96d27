"""Each constraint of Annexe A by every door: form, API, file and SQL refuse alike (A.2, A.4).

`constraints.csv` has one line per bad value. `field` is the model's (empty: the row as a whole),
`code` what the form, the API and the import may call it, `sql` the constraint of PostgreSQL, or
its SQLSTATE for a length or an absent value; `-` where a JSON Schema or a rule between several
tables has no counterpart in the database. `import` is `change` where a file that names an
existing row changes it.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from catalog.models import Product, Risk
from partners.models import Partner
from tests.factories import (
    BrandFactory,
    CompanyFactory,
    MembershipFactory,
    PartnerFactory,
    ProductFactory,
    RiskFactory,
    UserFactory,
)
from tests.support.blank import blank_pages
from tests.support.demo import undone
from tests.support.forms import form_of
from tests.support.imports import LISTS, Importer
from tests.support.parity import Errors, form_errors, in_boxes, insert, read_cases, spelled
from winvest.core import scoping
from winvest.core.domain.roles import Role
from winvest.core.models import ApiToken
from winvest.core.resources import resource_of

MODELS = {"risk": Risk, "partner": Partner, "product": Product}
ROUTES = {"risk": "risks", "partner": "partners", "product": "products"}
RENAMED = {"badges": "forced_badges"}
# What the group's administrators alone write.
GROUP_ONLY = {"is_global", "bic"}
CASES = read_cases(Path(__file__).with_name("constraints.csv"))


class World:
    """A company beside another, one person of the company and one of the group, every door."""

    def __init__(self) -> None:
        self.company = CompanyFactory(code="AP", legal_name="Action Prévoyance")
        other = CompanyFactory(code="MTV", legal_name="Mondial TV")
        self.known = self._rows(other)
        self.browsers: dict[bool, Client] = {}
        self.clients: dict[bool, Client] = {}
        self.importers: dict[bool, Importer] = {}
        for of_group in (False, True):
            user = UserFactory()
            role = Role.GROUP_ADMIN if of_group else Role.COMPANY_ADMIN
            MembershipFactory(user=user, company=None if of_group else self.company, role=role)
            self.browsers[of_group] = browser = Client()
            browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            token, secret = ApiToken.draw(user=user, name="parité")
            token.save()
            self.clients[of_group] = Client(headers={"authorization": f"Bearer {secret}"})
            self.importers[of_group] = Importer(browser, user, self.company)
        self._forms: dict[tuple[str, bool], Any] = {}
        self._imported: dict[tuple[str, bool], dict[int, Errors]] = {}

    def _rows(self, other: Any) -> dict[str, Any]:
        own = {"company": self.company}
        sante = Risk.objects.get(code="SANTE")
        RiskFactory(**own, code="LOCAL")
        ProductFactory(**own, sku="AP-DEJA", risk=sante)
        field_schema = {"type": "object", "properties": {"plafond": {"type": "number"}}}
        return {
            "@sante": sante,
            "@oggo": PartnerFactory(**own, name="OggoData"),
            "@maison": RiskFactory(
                **own,
                code="MAISON",
                constraints={"partner": "forbidden"},
                field_schema=field_schema,
            ),
            "@foreign_risk": RiskFactory(company=other, code="CANARI"),
            "@foreign_partner": PartnerFactory(company=other, name="Canari"),
            "@foreign_brand": BrandFactory(company=other, name="Canari"),
        }

    def row(self, number: int) -> dict[str, Any]:
        """Return the values of a case: valid, with a key of its own, but for what it changes."""
        case = CASES[number]
        base = {
            "risk": {"code": f"NEUF{number}", "label": "Neuf", "scope": "personal"},
            "partner": {"type": "insurer", "name": f"Neuf {number}", "legal_name": "Neuf SA"},
            "product": {
                "sku": f"AP-NEUF-{number}",
                "name": "Neuf",
                "risk": self.known["@sante"],
                "revenue_model": "revenue",
            },
        }[case["model"]]
        change = json.loads(case["change"])
        return {"company": self.company, **base, **spelled(change, self.known)}

    def by_form(self, number: int) -> Errors:
        """Post the form of the back-office; None when it has no such box."""
        model, row = CASES[number]["model"], self.row(number)
        of_group = not GROUP_ONLY.isdisjoint(row)
        address = reverse(f"admin:{LISTS[model]}_add")
        if (model, of_group) not in self._forms:
            self._forms[model, of_group] = self.browsers[of_group].get(address)
        shown = self._forms[model, of_group]
        form = shown.context["adminform"].form
        if "attributes" in row:  # the boxes are those of the risk
            form.fields["attributes"].follow(row["risk"].fields())
        typed = in_boxes(form, row)
        if typed is None:
            return None
        with blank_pages():
            answer = self.browsers[of_group].post(address, form_of(shown) | typed)
        if answer.status_code == 302:
            return set()
        return form_errors(answer)

    def by_api(self, number: int) -> Errors:
        """Post the body."""
        model, row = CASES[number]["model"], self.row(number)
        columns = {field.name: field.attname for field in MODELS[model]._meta.concrete_fields}
        paths = {name: RENAMED.get(name, columns[name]) for name in row}
        body = {
            paths[name]: str(value.pk) if hasattr(value, "pk") else value
            for name, value in row.items()
        }
        client = self.clients[not GROUP_ONLY.isdisjoint(row)]
        answer = client.post(f"/api/catalog/{ROUTES[model]}", body, content_type="application/json")
        if answer.status_code == 201:
            return set()
        assert answer.status_code == 422, answer.content
        names = {path: name for name, path in paths.items()}
        return {
            (names.get(error["path"].split("/")[0].split(".")[0], error["path"]), error["code"])
            for error in answer.json()["errors"]
        }

    def by_import(self, number: int) -> Errors:
        """Bring one file of all the cases of the model, and read what is said of this line."""
        model = CASES[number]["model"]
        of_group = not GROUP_ONLY.isdisjoint(self.row(number))
        if (model, of_group) not in self._imported:
            self._imported[model, of_group] = self._bring(model, of_group)
        return self._imported[model, of_group][number]

    def _bring(self, model: str, of_group: bool) -> dict[int, Errors]:
        columns = {column.attribute: column for column in resource_of(model)().columns}
        rows = {
            number: self.row(number)
            for number, case in enumerate(CASES)
            if case["model"] == model and GROUP_ONLY.isdisjoint(self.row(number)) is not of_group
        }
        names = [name for name in columns if any(name in row for row in rows.values())]
        lines = [[columns[name].heading for name in names]]
        for row in rows.values():
            cells = [
                (
                    columns[name].widget,
                    row.get(name, MODELS[model]._meta.get_field(name).get_default()),
                )
                for name in names
            ]
            lines.append([c if isinstance(c, str) else widget.render(c) for widget, c in cells])
        text = "\r\n".join(
            ";".join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines
        )
        run = self.importers[of_group].check(model, text)
        headings = {column.heading: name for name, column in columns.items()}
        return {
            number: {
                (headings.get(found["column"], ""), found["code"])
                for found in run.problems
                if found["line"] == line
            }
            for line, number in enumerate(rows, start=2)
        }

    def by_sql(self, number: int) -> str:
        """Insert by SQL."""
        return insert(MODELS[CASES[number]["model"]], self.row(number))


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    """Make the rows once; every case is undone."""
    folder = tmp_path_factory.mktemp("parity")
    with django_db_blocker.unblock(), undone(), scoping.everything():
        with override_settings(MEDIA_ROOT=folder):
            made = World()
            for number in range(len(CASES)):
                with undone():
                    made.by_import(number)
        yield made


@pytest.fixture(autouse=True)
def in_the_module_s_transaction(world, django_db_blocker):
    """Undo what each door writes."""
    with django_db_blocker.unblock(), undone():
        yield


@pytest.mark.requirement("A.4-01", "A.2.1-risk-01", "A.2.1-partner-03", "A.2.2-product-04", "8-07")
@pytest.mark.parametrize(
    "number", range(len(CASES)), ids=[f"{c['model']} {c['field']} {c['case']}" for c in CASES]
)
def test_every_door_refuses_alike(world, number):
    case = CASES[number]
    codes = set(filter(None, case["code"].split("|")))
    doors = {"form": world.by_form, "api": world.by_api, "import": world.by_import}
    for door, ask in doors.items():
        with undone():
            found = ask(number)
        if found is None:
            continue
        expected = set() if (door, case["import"]) == ("import", "change") else codes
        if (door, case["field"], case["case"]) == ("form", "sku", "blank"):
            expected = set()  # the form then takes the next one of its series
        assert bool(found) is bool(expected), f"{door}: {found}"
        assert {code for _, code in found} <= expected, f"{door}: {found}"
        assert {name for name, _ in found} <= {case["field"], ""}, f"{door}: {found}"
    assert world.by_sql(number) == case["sql"]


def test_every_column_of_a_file_is_tried_or_free():
    """What a file may hold and no case tries has nothing to refuse by itself."""
    free = {"company", "is_insurance", "addresses", "lifecycle_status"}
    for model in MODELS:
        tried = {
            name for case in CASES if case["model"] == model for name in json.loads(case["change"])
        }
        columns = {column.attribute for column in resource_of(model)().columns}
        assert columns - tried <= free, model
