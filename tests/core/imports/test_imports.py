"""Imports through the back-office: checked first, then whole or not at all (§9, 1-23, 4-03)."""

import csv
import io

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.choices import LifecycleStatus
from catalog.models import IndexValue, Product, Risk
from partners.models import Partner
from tests.factories import (
    BrandFactory,
    ExternalMappingFactory,
    PartnerFactory,
    ProductFactory,
    RiskFactory,
)
from tests.support.imports import LISTS, SHARED, problems, table
from tests.support.offers import make_released
from winvest.core.choices import JobState
from winvest.core.domain.roles import Role
from winvest.core.jobs import JobProblem
from winvest.core.models import AuditEntry, Membership, MembershipRisk
from winvest.core.resources import resource_of
from winvest.core.services.jobs import run_job

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]

HEADINGS = "SKU;Nom;Risque;Partenaire;Monétisation;Libellé court"


@pytest.fixture
def oggo(company):
    return PartnerFactory(company=company, name="OggoData")


@pytest.fixture
def old(company, oggo):
    """Two products on sale that a file may name."""
    risk = Risk.objects.get(code="SANTE")
    return [
        ProductFactory(company=company, sku=f"AP-{n}", name=f"Offre {n}", risk=risk, partner=oggo)
        for n in (1, 2)
    ]


def audited(row):
    return AuditEntry.objects.filter(table=row._meta.db_table, record_id=row.pk)


@pytest.mark.requirement("4-03", "1-23", "9-01", "G.3-02")
def test_a_file_is_checked_then_imported_with_history_and_log(importer, company, old):
    person = importer()
    before = AuditEntry.objects.filter(table="product").count()
    run = person.check(
        "product",
        table(
            HEADINGS,
            "AP-1;Offre 1;SANTE;OggoData;CA interne;",
            "AP-2;Offre deux;SANTE;OggoData;CA interne;Deux",
            'AP-3;"Offre ; ""trois""";SANTE;;revenue;',
        ),
    )
    assert (run.state, run.job.state) == ("ready", JobState.DONE)
    assert [run.rows, run.to_create, run.to_change, run.unchanged, run.refused] == [3, 1, 1, 1, 0]
    page = person.page(run)
    for word in ("À créer", "À modifier", "Inchangées", "Importer", "le fichier peut être importé"):
        assert word in page
    assert person.report(run)[1:] == [
        ["2", "AP-1", "Inchangée", "", "", "", ""],
        ["3", "AP-2", "À modifier", "Nom, Libellé court", "", "", ""],
        ["4", "AP-3", "À créer", "", "", "", ""],
    ]
    assert AuditEntry.objects.filter(table="product").count() == before, "checking writes nothing"
    assert Product.objects.get(pk=old[1].pk).name == "Offre 2"

    run = person.start(run)
    assert (run.state, run.imported_by, run.error_count) == ("imported", person.user, 0)
    same, changed, made = (Product.objects.get(sku=sku) for sku in ("AP-1", "AP-2", "AP-3"))
    assert (changed.name, changed.short_name) == ("Offre deux", "Deux")
    assert changed.lifecycle_status == LifecycleStatus.ACTIVE
    assert (made.name, made.short_name, made.company) == ('Offre ; "trois"', None, company)
    assert (made.lifecycle_status, made.created_by) == (LifecycleStatus.DRAFT, person.user)
    assert made.sort_label, "what the database computes is there"
    assert audited(same).count() == 1, "what stays the same leaves no line"
    for row, action in ((changed, "update"), (made, "insert")):
        line = audited(row).latest("id")
        assert (line.action, line.actor_id, line.company_id) == (
            action,
            person.user.pk,
            company.pk,
        )
        state = row.history.latest()
        assert (state.history_type, state.history_user) == (
            "~" if action == "update" else "+",
            person.user,
        )
        assert state.history_change_reason == "Import fichier.csv"
        assert state.name == row.name
    assert "Importé" in person.page(run)
    assert [line[2] for line in person.report(run)[1:]] == ["Inchangée", "Modifiée", "Créée"]
    assert audited(run).filter(action="export").count() == 2, "who takes a report is journalised"
    answer = person.browser.get(reverse("admin:catalog_product_history", args=[made.pk]))
    assert answer.status_code == 200
    assert "Import fichier.csv" in answer.content.decode()


@pytest.mark.requirement("4-03", "A.2.2-product-04")
def test_errors_name_line_and_column_and_nothing_is_half_imported(importer, old):
    person = importer()
    run = person.check(
        "product",
        table(
            HEADINGS,
            "AP-9;Bonne ligne;SANTE;;CA interne;",
            "AP 10;Espace;SANTE;;CA interne;",
            f"AP-11;{'x' * 161};INCONNU;;Gratuit;",
            "ap-1;Jumelle de casse;SANTE;;CA interne;",
            "AP-12;;SANTE;;Commission;",
            "AP-9;Deux fois;SANTE;;CA interne;",
            "AP-13;Trop;SANTE",
        ),
    )
    assert run.state == "refused"
    assert problems(run) == {
        (3, "SKU", "sku"),
        (4, "Nom", "max_length"),
        (4, "Risque", "unknown"),
        (4, "Monétisation", "invalid_choice"),
        (5, "SKU", "constraint.product_sku_any_case"),
        (6, "Nom", "blank"),
        (7, "SKU", "import.twice"),
        (8, "", "import.row_width"),
    }
    page = person.page(run)
    assert "Ce code produit existe déjà." in page
    assert "déposez-le à nouveau" in page
    assert Product.objects.filter(sku="AP-9").count() == 0
    refused = person.start(run)
    assert (refused.state, refused.import_job) == ("refused", None)
    assert Product.objects.filter(sku="AP-9").count() == 0
    answer = person.browser.get(
        reverse("admin:core_importrun_change", args=[run.pk]), follow=True
    ).content.decode()
    assert "ne peut pas être importé" in answer


@pytest.mark.requirement("3.7-08", "9-01")
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_is_exported_comes_back_unchanged(importer, company, old, oggo, kind):
    person = importer(Role.GROUP_ADMIN)
    family = RiskFactory(
        company=company,
        code="MAISON",
        icon="home",
        constraints={"age_min": 18},
        field_schema={
            "type": "object",
            "properties": {"plafond": {"title": "Plafond", "type": "number"}},
        },
    )
    RiskFactory(company=company, code="SOUS", parent=family)
    Partner.objects.filter(pk=oggo.pk).update(
        addresses=[{"city": "Saint-Étienne"}], sla_availability="99.50", bic="BNPAFRPPXXX"
    )
    product = old[0]
    product.risk, product.attributes = family, {"plafond": 1500}
    product.brand = BrandFactory(company=company, name="Été; « bleu »")
    product.badges, product.name = {"promo": True}, '=HYPERLINK("http://x";"a")'
    product.save()
    lines = AuditEntry.objects.exclude(action="export").count
    IndexValue.objects.create(index="cpi", valid_on="2026-01-31", value="119.123456", source="é;è")
    ExternalMappingFactory(product=product, system="L'été & Cie", external_code="=1+1")
    for target in LISTS:
        query = "" if target in SHARED else f"?company={company.pk}"
        content = person.export(target, ["csv", "xlsx"].index(kind), query)
        if kind == "csv" and target == "product":
            rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
            assert [r[2] for r in rows if r[0] == "AP-1"] == ['\'=HYPERLINK("http://x";"a")']
        before = lines()
        run = person.check(target, content, f"{target}.{kind}")
        assert run.problems == []
        assert (run.state, run.to_create, run.to_change) == ("ready", 0, 0), person.report(run)
        assert run.unchanged > 0
        person.start(run)
        assert {
            entry.table for entry in AuditEntry.objects.order_by("-id")[: lines() - before]
        } <= {
            *("import_run", "job"),
        }
    assert AuditEntry.objects.filter(table="product", action="export").exists()


class TestRights:
    FILE = table(HEADINGS, "AP-77;Offre;SANTE;;CA interne;")

    @pytest.mark.requirement("1-20", "3.8-01", "3.8-06", "3.8-13")
    def test_who_may_import_where(self, importer, company, other_company, old):
        stranger = importer(Role.CATALOG_MANAGER, other_company)
        answer = stranger.deposit("product", self.FILE)  # names AP, where he has no role
        assert answer.status_code == 200
        assert "company" in answer.context["form"].errors
        assert company.legal_name not in answer.content.decode()
        both = importer(Role.CATALOG_MANAGER, company, other_company)
        both.company = other_company
        run = both.check(
            "product",
            table(
                "SKU;Société;Nom;Risque;Monétisation",
                "AP-78;AP;Offre;SANTE;CA interne",
                "AP-1;AP;Offre;SANTE;CA interne",
            ),
        )
        assert {(line, code) for line, _, code in problems(run)} >= {(2, "unknown")}
        assert run.state == "refused"
        auditor = importer(Role.AUDITOR)
        assert auditor.deposit("product", self.FILE).status_code == 403
        page = reverse("admin:core_importrun_change", args=[run.pk])
        assert auditor.browser.get(page).status_code == 403
        assert stranger.browser.get(page).status_code == 200  # his company's
        mine = importer().check("product", self.FILE)
        hidden = reverse("admin:core_importrun_report", args=[mine.pk])
        assert stranger.browser.get(hidden).status_code == 404

    @pytest.mark.requirement("3.8-13", "G.2-03", "H.2.5-03", "A.2.2-product-04")
    def test_another_company_s_rows_are_not_told_from_none(self, importer, other_company):
        foreign = RiskFactory(company=other_company, code="CANARI", label="Canari")
        PartnerFactory(company=other_company, name="Partenaire canari")
        ProductFactory(company=other_company, sku="MTV-CANARI", name="Canari", risk=foreign)
        person = importer()
        run = person.check(
            "product",
            table(
                HEADINGS,
                "AP-1;Offre;CANARI;;CA interne;",
                "AP-2;Offre;JAMAIS;;CA interne;",
                "AP-3;Offre;SANTE;Partenaire canari;CA interne;",
                "AP-4;Offre;SANTE;Jamais;CA interne;",
                "MTV-CANARI;Offre;SANTE;;CA interne;",
            ),
        )
        found = {line["line"]: line for line in run.problems}
        for hidden, absent in ((2, 3), (4, 5)):
            assert (found[hidden]["code"], found[hidden]["message"]) == (
                found[absent]["code"],
                found[absent]["message"],
            )
        # The SKU is unique in the whole group (M-12): taken, and nothing more is said.
        assert found[6]["message"] == "Ce code produit existe déjà."
        assert other_company.code not in person.page(run).replace("MTV-CANARI", "")

    @pytest.mark.requirement("1-20", "3.8-12")
    def test_a_column_asks_for_its_own_right(self, importer, oggo):
        lines = ("Nom;Raison sociale;Type;BIC", "OggoData;OggoData;Assureur;BNPAFRPPXXX")
        run = importer().check("partner", table(*lines))
        assert problems(run) == {(2, "BIC", "access.forbidden")}
        person = importer(Role.GROUP_ADMIN)
        assert person.start(person.check("partner", table(*lines))).state == "imported"
        oggo.refresh_from_db()
        assert oggo.bic == "BNPAFRPPXXX"
        # Unchanged, it asks for nothing; secrets have no column.
        assert importer().check("partner", table(*lines)).state == "ready"
        run = importer().check("partner", table("Nom;IBAN", "OggoData;DE89370400440532013000"))
        assert problems(run) == {(1, "IBAN", "import.heading_unknown")}

    @pytest.mark.requirement("N-02", "3.8-12")
    def test_a_role_limited_to_families_imports_in_them_only(self, importer, company):
        person = importer()
        member = Membership.objects.get(user=person.user)
        MembershipRisk.objects.create(
            membership=member, company=company, risk_id=Risk.objects.get(code="SANTE").pk
        )
        rows = ("AP-1;Offre;SANTE;;CA interne;", "AP-2;Offre;ASSISTANCE;;CA interne;")
        run = person.check("product", table(HEADINGS, *rows))
        assert problems(run) == {(3, "", "access.forbidden")}
        assert person.start(person.check("product", table(HEADINGS, rows[0]))).state == "imported"

    @pytest.mark.requirement("3.8-04", "3.8-07")
    def test_a_right_lost_since_then_stops_the_job(self, importer):
        person = importer()
        run = person.check("product", self.FILE)
        answer = person.browser.post(reverse("admin:core_importrun_start", args=[run.pk]))
        assert answer.status_code == 302
        Membership.objects.filter(user=person.user).delete()
        run_job(job_id=person.read(run.pk).import_job_id)
        run = person.read(run.pk)
        assert (run.job.state, run.state) == (JobState.FAILED, "ready")
        assert not Product.objects.filter(sku="AP-77").exists()

    @pytest.mark.requirement("3.8-04", "3.8-07")
    def test_a_right_lost_while_it_writes_leaves_no_row(self, importer):
        person = importer()
        run = person.check("product", self.FILE)
        with connection.cursor() as cursor:  # as an administrator would, in the middle of it
            cursor.execute(
                "CREATE FUNCTION revoke_all() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN DELETE FROM membership; RETURN NULL; END $$; "
                "CREATE TRIGGER revoke_all AFTER INSERT ON product "
                "FOR EACH STATEMENT EXECUTE FUNCTION revoke_all()"
            )
        run = person.start(run)
        assert (run.job.state, run.state) == (JobState.FAILED, "ready")
        assert run.job.error == JobProblem.RIGHT_LOST.message
        assert not Product.objects.filter(sku="AP-77").exists()

    def test_the_group_s_risks_are_its_administrators(self, importer):
        lines = ("Code;Libellé;Commun au groupe", "COMMUN;Commun;oui")
        assert problems(importer().check("risk", table(*lines))) == {(2, "", "access.forbidden")}
        person = importer(Role.GROUP_ADMIN)
        assert person.start(person.check("risk", table(*lines))).state == "imported"
        assert Risk.objects.get(code="COMMUN").company is None


@pytest.mark.requirement("3.8-06", "3.8-13", "1-20")
def test_what_one_only_sells_does_not_leave_as_a_file(importer, company, other_company, old):
    """The manager of AP sells for another company too: he reads its products, page by page."""
    person = importer()
    Membership.objects.create(user=person.user, company=other_company, role=Role.SALES)
    make_released(company=other_company, sku="MTV-1", plans={"A": "1"})
    assert "MTV-1" in person.browser.get(reverse("admin:catalog_product_changelist")).text
    text = person.export("product").decode()
    assert "AP-1;" in text
    assert "MTV-1" not in text
    lines = AuditEntry.objects.filter(table="product", action="export")
    assert {line.company_id for line in lines} == {company.pk}
    Membership.objects.filter(user=person.user, company=company).delete()
    assert person.browser.get(reverse("admin:catalog_product_export")).status_code == 403


def test_what_changed_since_the_check_refuses_the_import(importer, company, old):
    person = importer()
    rows = ("AP-1;Autre nom;SANTE;OggoData;CA interne;", "AP-5;Offre;SANTE;;CA interne;")
    run = person.check("product", table(HEADINGS, *rows))
    assert run.state == "ready"
    ProductFactory(company=company, sku="AP-5", risk=Risk.objects.get(code="SANTE"))
    run = person.start(run)  # AP-5 is now a change, which the check did not announce
    assert (run.state, run.to_create, run.to_change) == ("imported", 0, 2)


def test_a_status_never_changes_by_a_file(importer, old):
    run = importer().check(
        "product",
        table(
            f"{HEADINGS};Statut",
            "AP-1;Offre 1;SANTE;OggoData;CA interne;;Retiré",
            "AP-8;Offre;SANTE;;CA interne;;Actif",
        ),
    )
    assert {(line, column) for line, column, _ in problems(run)} == {(2, "Statut"), (3, "Statut")}


@pytest.mark.requirement("2.1-risk-03")
def test_the_fields_of_the_family_are_checked_by_its_schema(importer, company):
    RiskFactory(
        company=company,
        code="MAISON",
        field_schema={
            "type": "object",
            "properties": {"plafond": {"title": "Plafond", "type": "number", "maximum": 100}},
        },
    )
    heads = "SKU;Nom;Risque;Monétisation;Champs de la famille"
    cells = ['"{""plafond"": 12.50}"', '"{""plafond"": 500}"', "{plafond", '"{""x"": ""\\u0000""}"']
    person = importer()
    run = person.check(
        "product",
        table(heads, *(f"AP-{n};Offre;MAISON;CA interne;{cell}" for n, cell in enumerate(cells))),
    )
    column = "Champs de la famille"
    assert problems(run) == {
        (3, column, "schema.maximum"),
        (4, column, "json"),
        (5, column, "json"),
    }
    person.start(person.check("product", table(heads, f"AP-0;Offre;MAISON;CA interne;{cells[0]}")))
    assert str(Product.objects.get(sku="AP-0").attributes["plafond"]) == "12.50"


def test_the_document_tells_every_column():
    text = (settings.BASE_DIR / "docs" / "import.md").read_text(encoding="utf-8")
    told = {line.split("|")[1] for line in text.splitlines() if line.startswith("| ")}
    words = {name.strip(" *") for cell in told for name in cell.split(",")}
    for target in LISTS:
        assert {column.heading for column in resource_of(target)().columns} <= words


@pytest.mark.requirement("8-07")
def test_a_longer_file_asks_as_much(importer, company, oggo):
    """Nothing is asked row by row: 50,000 changes are checked in half a minute."""
    person, risk = importer(), Risk.objects.get(code="SANTE")
    for n in range(12):
        ProductFactory(
            company=company,
            sku=f"AP-L{n}",
            name=f"Longue {n}",
            risk=risk,
            partner=oggo,
            lifecycle_status=LifecycleStatus.ACTIVE,
        )
    asked = []
    for length in (3, 12):
        lines = (f"AP-L{n};Renommée {n};SANTE;OggoData;CA interne;" for n in range(length))
        with CaptureQueriesContext(connection) as captured:
            run = person.check("product", table(HEADINGS, *lines))
        assert (run.state, run.to_change) == ("ready", length)
        asked.append(len(captured))
    assert asked[0] == asked[1]


@pytest.mark.requirement("4-03")
def test_a_word_out_of_a_closed_list_is_told_with_the_list(importer, company, oggo):
    run = importer().check("product", table(HEADINGS, "AP-9;Offre 9;SANTE;OggoData;CA;"))
    (found,) = run.problems
    assert (found["line"], found["column"], found["code"]) == (2, "Monétisation", "invalid_choice")
    assert found["message"] == "« CA » n'est pas dans la liste : CA interne, Commission, Mixte."
