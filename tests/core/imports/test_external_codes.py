"""External codes brought as a file: the import sets « Intégré Import » (C.2-04), API codes stay."""

from io import BytesIO

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import ExternalMapping, Risk
from tests.core.imports.test_bad_files import FILES
from tests.factories import ExternalMappingFactory, PlanFactory, ProductFactory, RiskFactory
from tests.support.calls import API, send
from tests.support.imports import problems, table
from tests.support.pages import page_of
from winvest.core.clock import now
from winvest.core.domain.roles import Role
from winvest.core.models import AuditEntry, Membership, MembershipRisk
from winvest.core.services.jobs import run_job

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("everything"),
    pytest.mark.requirement("C.2-04"),
]
HEADINGS = "SKU;Formule;Système;Code externe"
STATUSES = ("none", "requested", "import", "api", "inactive")


@pytest.fixture
def products(company):
    risk = Risk.objects.get(code="SANTE")
    return [ProductFactory(company=company, sku=f"AP-{n}", risk=risk) for n in range(7)]


@pytest.fixture
def codes(products):
    """One code of each status, on the first products."""
    return {
        status: ExternalMappingFactory(
            product=product,
            system="OggoData",
            external_code=f"OG-{status}",
            integration_status=status,
        )
        for status, product in zip(STATUSES, products, strict=False)
    }


def statuses():
    rows = ExternalMapping.objects.filter(system="OggoData", plan=None)
    return dict(rows.values_list("product__sku", "integration_status"))


@pytest.mark.requirement("1-23", "4-03")
def test_the_import_sets_the_status_and_leaves_what_an_api_serves(
    importer, products, codes, company
):
    plan = PlanFactory(product_version__product=products[5], code="BASE")
    ExternalMapping.objects.filter(pk=codes["requested"].pk).update(
        sandbox_passed_at=now(), sandbox_passed_by=importer().user
    )
    person = importer()
    run = person.check(
        "mapping",
        table(
            HEADINGS,
            "AP-0;;OggoData;OG-none",
            "AP-1;;oggodata;OG-NEUF",
            "AP-2;;OggoData;OG-import",
            "AP-3;;OggoData;OG-api",
            "AP-4;;OggoData;OG-inactive",
            "AP-5;;OggoData;OG-5",
            f"AP-5;BASE (v{plan.product_version.version});OggoData;OG-5-B",
        ),
    )
    assert run.problems == []
    assert (run.state, run.to_create, run.to_change, run.unchanged) == ("ready", 2, 2, 3)
    assert statuses()["AP-0"] == "none", "checking writes nothing"
    lines = [line[2:4] for line in person.report(run)[1:]]
    assert lines[:3] == [
        ["À modifier", "Intégration"],
        [
            "À modifier",
            "Code externe, Intégration, essai en sandbox réussi le, essai fait par",
        ],
        ["Inchangée", ""],
    ]
    assert person.start(run).state == "imported"
    assert statuses() == {
        "AP-0": "import",
        "AP-1": "import",
        "AP-2": "import",
        "AP-3": "api",
        "AP-4": "inactive",
        "AP-5": "import",
    }
    of_plan = ExternalMapping.objects.get(plan=plan)
    assert (of_plan.product, of_plan.external_code) == (products[5], "OG-5-B")
    assert (of_plan.integration_status, of_plan.company) == ("import", company)
    moved = ExternalMapping.objects.get(pk=codes["requested"].pk)
    assert (moved.system, moved.external_code) == ("OggoData", "OG-NEUF")
    assert moved.sandbox_passed_at is None
    state = moved.history.latest()
    assert (state.history_change_reason, state.sandbox_passed_at) == ("Import fichier.csv", None)
    line = AuditEntry.objects.filter(table="external_mapping", record_id=moved.pk).latest("id")
    assert (line.actor_id, line.company_id) == (person.user.pk, company.pk)
    assert line.after["integration_status"] == "import"
    assert "Intégré Import" in person.browser.get(page_of(moved)).text


@pytest.mark.requirement("3.7-08", "5-05")
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_is_exported_comes_back_by_the_api(importer, api, products, codes, kind):
    version = PlanFactory(product_version__product=products[6], code="B.1").product_version
    ExternalMappingFactory(
        product=products[6], plan=version.plans.get(), system="Axa", external_code="=1+1"
    )
    person = importer()
    content = person.export("mapping", ["csv", "xlsx"].index(kind))
    if kind == "csv":
        text = content.decode("utf-8-sig")
        assert f"AP-6;B.1 (v{version.version});Axa;'=1+1;Non intégré" in text.splitlines()
    client = api(person.user)
    body = {"target": "mapping", "company_id": str(person.company.pk)}
    file = SimpleUploadedFile(f"codes.{kind}", content)
    made = client.post(f"{API}/imports", body | {"file": file}).json()
    run_job(job_id=person.read(made["id"]).check_job_id)
    status, run = send(client, "get", f"{API}/imports/{made['id']}")
    assert (status, run["state"], run["problems"]) == (200, "ready", [])
    assert (run["to_create"], run["to_change"], run["unchanged"]) == (0, 0, 6)
    # A corrected code of the same file becomes the import's, whatever its line still says.
    if kind == "csv":
        corrected = text.replace("OG-requested;Demande en cours", "OG-R;Demande en cours")
        person.start(person.check("mapping", corrected))
        assert statuses()["AP-1"] == "import"
        assert statuses()["AP-0"] == "none"


@pytest.mark.requirement("8-07", "3.8-13", "G.2-03")
def test_every_wrong_line_is_told_and_nothing_is_written(
    importer, products, codes, company, other_company
):
    foreign = ProductFactory(company=other_company, sku="MTV-CANARI")
    ExternalMappingFactory(product=foreign, system="OggoData", external_code="CANARI")
    PlanFactory(product_version__product=products[6], code="BASE")
    by_api = {"system": "Generali", "external_code": "G-1", "integration_status": "api"}
    ExternalMappingFactory(product=products[6], **by_api)
    kept, fixed = "integration.kept", "integration.not_by_import"
    lines = {
        "AP-5;;OggoData;BON;": None,
        "MTV-CANARI;;OggoData;A1;": ("SKU", "unknown"),
        "JAMAIS;;OggoData;A2;": ("SKU", "unknown"),
        ";;OggoData;A3;": ("SKU", "null"),
        "AP-5;BASE (v1);OggoData;A4;": ("Formule", "unknown"),
        "AP-6;BASE;OggoData;A5;": ("Formule", "unknown"),
        "AP-6;;OggoData;canari;": ("Système, Code externe", "constraint.external_mapping_code"),
        "AP-5;;OGGODATA;A6;": ("SKU", "import.twice"),
        "AP-6;;Generali;AUTRE;": ("Code externe", kept),
        "AP-3;;OggoData;OG-api;Intégré Import": ("Intégration", kept),
        "AP-4;;OggoData;AUTRE;Inactif": ("Code externe", kept),
        "AP-0;;OggoData;OG-none;Inactif": ("Intégration", fixed),
        "AP-6;;Axa;A7;Demande en cours": ("Intégration", fixed),
        "AP-6;;Axa 2;A8;Branché": ("Intégration", "invalid_choice"),
        "AP-6;;;A9;": ("Système", "blank"),
        "AP-6;;Ogg\u043eData;A10;": ("Système", "system"),
        "AP-6;;Axa 3;;": ("Code externe", "blank"),
        "AP-6;;Axa 4;\u202eA11;": ("Code externe", "invalid"),
        "AP-6;;Axa 5;A\u200b12;": ("Code externe", "invalid"),
        "AP-6;;Axa 6;=1+1;": ("Code externe", "import.formula"),
        "AP-6;;Axa 7;A\x0013;": ("Code externe", "import.nul"),
        f"AP-6;;Axa 8;{'x' * 121};": ("Code externe", "max_length"),
        "\u0410P-6;;Axa 9;A14;": ("SKU", "unknown"),
        "AP-\uff16;;Axa 9;A15;": ("SKU", "unknown"),
        "ap-6;;Axa 9;A16;": ("SKU", "unknown"),
        "AP-6;;Axa\u200b;A17;": ("Système", "system"),
        "AP-6;;\u202eaxA;A18;": ("Système", "system"),
        f"AP-6;;{'x' * 61};A19;": ("Système", "max_length"),
        "AP-6;base (v1);Axa 9;A20;": ("Formule", "unknown"),
        "AP-6;BASE (v\uff11);Axa 9;A21;": ("Formule", "unknown"),
        "AP-5;;Axa;twin;": None,
        "AP-2;;AXA;TWIN;": ("Système, Code externe", "constraint.external_mapping_code"),
        "AP-6;;Axa 9;@SUM(A1);": ("Code externe", "import.formula"),
        '"AP-6";;"Axa 10";"A\n22";': ("Code externe", "invalid"),
    }
    before = set(ExternalMapping.objects.values_list("pk", "external_code", "integration_status"))
    person = importer()
    run = person.check("mapping", table(f"{HEADINGS};Intégration", *lines))
    expected = {(n, *found) for n, found in enumerate(lines.values(), start=2) if found}
    assert problems(run) == expected
    messages = {found["line"]: found["message"] for found in run.problems}
    assert messages[3] == messages[4] == "Ce produit n'existe pas."
    assert other_company.code not in person.page(run).replace("MTV-CANARI", "")
    assert person.start(run).import_job is None
    after = set(ExternalMapping.objects.values_list("pk", "external_code", "integration_status"))
    assert after == before


@pytest.mark.requirement("8-07", "9-01")
@pytest.mark.parametrize("name", ["latin-1", "utf-16", "xlsx formulas", "xlsx errors", "xlsx bomb"])
def test_a_bad_file_is_refused_with_its_reason(importer, products, name):
    make, code = FILES[name]
    run = importer().check("mapping", make(), f"f.{'xlsx' if 'xlsx' in name else 'csv'}")
    assert (run.job.state, run.state) == ("done", "refused")
    assert code in {found for _, _, found in problems(run)}


@pytest.mark.requirement("1-20", "N-02", "3.8-12")
def test_who_may_bring_codes(importer, products, company):
    RiskFactory(company=company, code="MAISON")
    for role in (Role.SALES, Role.AUDITOR, Role.ACCOUNTING):
        assert importer(role).deposit("mapping", table(HEADINGS)).status_code == 403
    person = importer()
    MembershipRisk.objects.create(
        membership=Membership.objects.get(user=person.user),
        company=company,
        risk_id=Risk.objects.get(code="MAISON").pk,
    )
    run = person.check("mapping", table(HEADINGS, "AP-0;;Axa;A1"))
    assert problems(run) == {(2, "", "access.forbidden")}
    page = importer().browser.get(reverse("admin:catalog_externalmapping_import")).text
    assert "ce que l&#x27;import écrit devient « Intégré Import »" in page


@pytest.mark.requirement("8-07")
def test_a_workbook_of_many_lines_asks_as_much(importer, products):
    person, asked = importer(), []
    for length in (2, 7):
        content = BytesIO()
        with xlsxwriter.Workbook(content) as book:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, HEADINGS.split(";"))
            for n in range(length):
                sheet.write_row(n + 1, 0, [f"AP-{n}", "", "Axa", f"A-{n}"])
        with CaptureQueriesContext(connection) as captured:
            run = person.check("mapping", content.getvalue(), "codes.xlsx")
        assert (run.state, run.to_create) == ("ready", length)
        asked.append(len(captured))
    assert asked[0] == asked[1]
