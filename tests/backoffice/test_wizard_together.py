"""The wizard and its neighbours: two pages of a draft, a product on sale, files that are replaced."""

import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from catalog.choices import Channel, WizardStep
from catalog.models import ProductVersion, Risk, WizardDraft
from commissions.models import CommissionScheme
from documents.models import DocumentType, ProductDocument
from tests.factories import (
    CqRuleFactory,
    DocumentFactory,
    SchemeFactory,
    VersionFactory,
    WizardDraftFactory,
)
from tests.support.forms import form_of
from tests.support.offers import make_released
from winvest.core.domain.roles import Role
from winvest.core.pdf.render import render_pdf

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]

PLAN = {"code": "MOIS", "name": "Mensuelle", "recurrence": "monthly", "tax_code": "FR20"}
TIER = {"tiers-TOTAL_FORMS": "1", "tiers-0-min": "0", "tiers-0-value": "10"}
TYPED = {
    WizardStep.PRICING: (
        {f"plans-0-{name}": text for name, text in PLAN.items()} | {"plans-0-method": "fixed"},
        "plans-0-amount",
    ),
    WizardStep.COMMISSIONS: (TIER | {"share_company": "100"}, "tiers-0-value"),
}


@pytest.fixture
def manager(user_with, browser_as, company):
    return browser_as(user_with(Role.CATALOG_MANAGER, company))


@pytest.fixture
def draft(company):
    risk = Risk.objects.get(code="OTT", is_global=True)
    own = {"product__company": company, "product__risk": risk}
    version = VersionFactory(**own, product__lifecycle_status="draft")
    return WizardDraftFactory(product_version=version, step=WizardStep.PUBLICATION)


def at(draft, step):
    return reverse("wizard-step", args=[draft.pk, step.value])


@pytest.mark.requirement("E.2.3-06", "3.1-01")
@pytest.mark.parametrize("step", TYPED)
def test_the_second_of_two_pages_is_told_and_loses_nothing(
    step, draft, manager, user_with, browser_as, company
):
    colleague = user_with(Role.CATALOG_MANAGER, company)
    other, page = browser_as(colleague), at(draft, step)
    boxes, amount = TYPED[step]
    begun = form_of(manager.get(page)) | boxes | {amount: "11", "_stay": ""}
    assert manager.post(page, begun).status_code == 302
    typed = form_of(manager.get(page)) | {amount: "12"}
    faster = form_of(other.get(page)) | {amount: "13"}
    assert other.post(page, faster | {"_stay": ""}).status_code == 302
    told = manager.post(page, typed | {"_stay": ""})
    assert told.status_code == 409
    assert f"{colleague} a changé ce brouillon" in told.text
    assert form_of(told)[amount] == "12"
    assert form_of(other.get(page))[amount] == "13"
    # Sent once more, knowing of it, the page is written.
    assert manager.post(page, form_of(told) | {amount: "12", "_stay": ""}).status_code == 302
    assert form_of(other.get(page))[amount] == "12"


@pytest.mark.requirement("3.1-02", "3.1-11")
def test_a_new_version_changes_nothing_of_what_is_on_sale(manager, company):
    released = make_released(company=company, sku="VENDU", plans={"MOIS": "9.90"})
    manager.post(reverse("wizard-version", args=[released.pk]))
    draft = WizardDraft.objects.get()
    page = manager.get(at(draft, WizardStep.GENERAL))
    assert reverse("admin:catalog_product_change", args=[released.product_id]) in page.text
    typed = form_of(page)
    assert "name" not in typed
    first = at(draft, WizardStep.GENERAL)
    assert manager.post(first, typed | {"name": "Autre"}).status_code == 403
    assert manager.post(first, typed | {"channels": ["web"], "_next": ""}).status_code == 302
    name = released.product.name
    released.product.refresh_from_db()
    assert released.product.name == name
    draft.product_version.refresh_from_db()
    assert draft.product_version.channels == ["web"]


@pytest.mark.requirement("3.1-05", "B.4-01")
def test_a_file_takes_the_place_of_another(draft, browser_as, user_with, company):
    browser, page = (
        browser_as(user_with(Role.COMPANY_ADMIN, company)),
        at(draft, WizardStep.DOCUMENTS),
    )
    kind = browser.get(page).context["needs"][0]["type_pk"]

    def bring(words, **more):
        file = SimpleUploadedFile("conditions.pdf", render_pdf(f"<h1>{words}</h1>"))
        return browser.post(page, {"type": kind, "file": file, **more})

    assert bring("Fausses").status_code == 302
    wrong = ProductDocument.objects.get()
    assert f'name="replaces" value="{wrong.pk}"' in " ".join(browser.get(page).text.split())
    assert bring("Bonnes", replaces=wrong.pk).status_code == 302
    (shown,) = browser.get(page).context["needs"][0]["documents"]
    right = ProductDocument.objects.exclude(pk=wrong.pk).get()
    assert (shown["pk"], right.replaces, right.version) == (right.pk, wrong, 2)
    foreign = bring("Autres", replaces=VersionFactory().pk)
    assert foreign.status_code == 422


@pytest.mark.requirement("3.1-06", "3.8-02")
def test_the_rules_of_quality_lead_where_the_person_may_go(
    draft, manager, browser_as, user_with, company
):
    page, add = at(draft, WizardStep.PUBLICATION), reverse("admin:catalog_cqrule_add")

    def link(browser):
        return browser.get(page).context["mappings"][1]["link"]

    assert link(manager) == ""
    CqRuleFactory(product_version=draft.product_version)
    assert manager.get(link(manager)).status_code == 200
    admin = browser_as(user_with(Role.COMPANY_ADMIN, company))
    assert link(admin).startswith(add)
    assert admin.get(link(admin)).status_code == 200


def kept_at(draft, step):
    return reverse("wizard-keep", args=[draft.pk, step.value])


@pytest.mark.requirement("3.1-01", "3.1-03", "3.1-04", "E.2.3-06")
def test_each_form_of_a_step_keeps_its_own_texts(draft, manager):
    """One goes from a scheme to another, begins a third, and finds all of it again."""
    step, page = WizardStep.COMMISSIONS, at(draft, WizardStep.COMMISSIONS)
    one = SchemeFactory(product_version=draft.product_version, name="Réseau", channel="web")
    forms = {
        f"?bareme={one.pk}": "Réseau repris",
        f"?complet=1&bareme={one.pk}": "Réseau en entier",
        "?nouveau=1": "Apporteurs",
        "?complet=1&nouveau=1": "Apporteurs en entier",
    }
    for address, name in forms.items():
        typed = form_of(manager.get(page + address)) | {"name": name}
        assert manager.post(kept_at(draft, step), typed).status_code == 200
    for address, name in forms.items():
        shown = manager.get(page + address)
        assert form_of(shown)["name"] == name
        assert "Ce que vous aviez tapé est revenu" in shown.text
    assert manager.get(page).text.count("Saisies à enregistrer") >= 2
    # What is written is one form's; the others stay as they were left.
    sent = form_of(manager.get(f"{page}?nouveau=1")) | TIER | {"share_company": "100", "_stay": ""}
    made = manager.post(page, sent | {"channel": "field"})
    assert made.status_code == 302
    new = CommissionScheme.objects.get(name="Apporteurs")
    assert made.url == f"{page}?bareme={new.pk}#ecrit"
    assert form_of(manager.get(f"{page}?nouveau=1"))["name"] == ""
    assert form_of(manager.get(f"{page}?complet=1&nouveau=1"))["name"] == "Apporteurs en entier"
    assert form_of(manager.get(f"{page}?bareme={one.pk}"))["name"] == "Réseau repris"
    # Given up, a form shows what is written again.
    given_up = form_of(manager.get(f"{page}?bareme={one.pk}")) | {"_forget": ""}
    assert manager.post(page, given_up).url == f"{page}?bareme={one.pk}#ecrit"
    assert form_of(manager.get(f"{page}?bareme={one.pk}"))["name"] == "Réseau"
    # Texts of a scheme that somebody has deleted keep nobody.
    CommissionScheme.objects.filter(pk=one.pk).delete()
    assert form_of(manager.get(page))["name"] == "Apporteurs en entier"


@pytest.mark.requirement("3.1-01", "3.1-03", "E.2.3-06")
def test_the_small_table_and_the_full_form_keep_theirs(draft, manager):
    page, keep = at(draft, WizardStep.PRICING), kept_at(draft, WizardStep.PRICING)
    boxes, amount = TYPED[WizardStep.PRICING]
    table = form_of(manager.get(page)) | boxes | {amount: "11"}
    assert manager.post(keep, table).status_code == 200
    full = form_of(manager.get(f"{page}?complet=1")) | {"notes": "À relire"}
    assert manager.post(keep, full).status_code == 200
    assert form_of(manager.get(page))[amount] == "11"
    shown = manager.get(f"{page}?complet=1")
    assert form_of(shown)["notes"] == "À relire"
    assert "Saisies à enregistrer" in shown.text
    # The table is written: the full form keeps its texts, and one that is open is told.
    assert manager.post(page, form_of(manager.get(page)) | {"_stay": ""}).status_code == 302
    assert form_of(manager.get(f"{page}?complet=1"))["notes"] == "À relire"
    late = manager.post(f"{page}?complet=1", form_of(shown) | {"_stay": ""})
    assert late.status_code == 409
    assert "Vous avez changé ce brouillon" in late.text
    assert form_of(late)["notes"] == "À relire"
    assert manager.post(keep, form_of(shown)).status_code == 409


@pytest.mark.requirement("3.1-01", "E.2.3-06")
def test_two_people_on_two_forms_do_not_stop_each_other(
    draft, manager, user_with, browser_as, company
):
    colleague = user_with(Role.CATALOG_MANAGER, company)
    other, step = browser_as(colleague), WizardStep.COMMISSIONS
    prices, page = at(draft, WizardStep.PRICING), f"{at(draft, step)}?nouveau=1"
    boxes, amount = TYPED[WizardStep.PRICING]
    mine = form_of(manager.get(prices)) | boxes | {amount: "11"}
    theirs = form_of(other.get(page)) | {"name": "Réseau"}
    assert other.post(kept_at(draft, step), theirs).status_code == 200
    assert manager.post(kept_at(draft, WizardStep.PRICING), mine).status_code == 200
    shown = manager.get(page)
    assert f"Ce que {colleague} avait tapé est revenu" in shown.text
    assert form_of(shown)["name"] == "Réseau"


def publish(client, row):
    address = reverse("admin:documents_productdocument_publish", args=[row.pk])
    return client.post(address, {}, follow=True).text


@pytest.mark.requirement("3.1-05", "B.4-01", "B.7-01")
def test_a_legal_document_that_is_no_pdf_a_is_told_at_once(draft, browser_as, user_with, company):
    browser = browser_as(user_with(Role.COMPANY_ADMIN, company))
    page = at(draft, WizardStep.DOCUMENTS)
    kinds = DocumentType.objects.filter(pdfa_required=True)
    need = next(
        one
        for one in browser.get(page).context["needs"]
        if kinds.filter(pk=one["type_pk"]).exists()
    )
    text = SimpleUploadedFile("conditions.txt", b"Conditions")
    assert browser.post(page, {"type": need["type_pk"], "file": text}).status_code == 302
    row, shown = ProductDocument.objects.get(), browser.get(page).text
    assert "Ce fichier n&#x27;est pas un PDF. Remplacez-le par un PDF/A" in shown
    assert row.file_hash.removeprefix("sha256:") in shown
    assert "À remplacer par un PDF/A" in shown
    # The last step tells it, leads back to where it is replaced, and sends nothing until then.
    last = at(draft, WizardStep.PUBLICATION)
    checked = browser.get(browser.get(last).context["checks"])
    found = {
        one["message"].partition(" (")[0]: one["link"]
        for part in checked.context["here"]
        for one in part["findings"]
    }
    said = f"Le document « {need['label']} » est déposé, mais n'est pas un PDF/A"
    assert found[said] == page
    assert "Prêt à envoyer" not in checked.text
    assert f"« {need['label']} » est déposé, mais pas publié" not in unescape(checked.text)
    assert said in unescape(browser.get(f"{page}?manque=1").text)
    for other in browser.get(page).context["needs"]:
        if other["type"] != need["type"]:
            own = {"product_version": draft.product_version, "type_id": other["type"]}
            DocumentFactory(**own, pdfa="2B")
    assert browser.post(page, {"_next": ""}).url == f"{page}?manque=1#ecrit"
    # Nor does the jurist put it into force.
    jurist = browser_as(user_with(Role.LEGAL, company))
    assert "n'est pas un PDF/A" in unescape(publish(jurist, row))
    right = SimpleUploadedFile("conditions.pdf", render_pdf("<h1>Conditions</h1>"))
    sent = {"type": need["type_pk"], "file": right, "replaces": row.pk}
    assert browser.post(page, sent).status_code == 302
    assert "Remplacez-le par un PDF/A" not in browser.get(page).text
    row.refresh_from_db()
    assert row.state == "archived"
    assert browser.post(page, {"_next": ""}).url == f"{last}#ecrit"
    assert "Document publié." in publish(jurist, row.replaced_by)


@pytest.mark.requirement("3.1-09")
def test_a_date_of_effect_that_is_past_is_told(draft, manager):
    first, last = at(draft, WizardStep.GENERAL), at(draft, WizardStep.PUBLICATION)
    told = "prévue, le 1er janvier 2024, est passée"
    sent = form_of(manager.get(first)) | {"effective_from_0": "2024-01-01", "_stay": ""}
    stays = manager.post(first, sent, follow=True)
    assert stays.text.count(told) == 2  # once said, and beside the box
    assert told in manager.get(last).text
    sent = form_of(manager.get(first)) | {"effective_from_0": "2099-01-01", "_stay": ""}
    assert "est passée" not in manager.post(first, sent, follow=True).text
    assert "est passée" not in manager.get(last).text


@pytest.mark.requirement("3.1-06", "E.2.3-05")
def test_what_is_mended_elsewhere_leads_back_to_the_wizard(draft, browser_as, user_with, company):
    admin = browser_as(user_with(Role.COMPANY_ADMIN, company))
    page = at(draft, WizardStep.PUBLICATION)
    checked = admin.get(f"{page}?controle=1")
    told = [one for part in checked.context["parts"] for one in part["findings"]]
    assert told
    assert not any("dans une nouvelle version" in one["cure"] for one in told)
    links = {one["link"] for one in told if one["verb"] == "Ouvrir" and one["link"]}
    links |= {one["link"] for one in checked.context["mappings"] if one["link"]}
    assert links
    for link in links:
        shown = admin.get(link)
        assert shown.status_code == 200, link
        assert f'<a href="{page}">' in shown.text, link
    # What is saved there leads back; a page of another site never does.
    form = checked.context["mappings"][2]["link"]
    saved = admin.post(form, form_of(admin.get(form)) | {"notes": "À relire"})
    assert (saved.status_code, saved.url) == (302, page)
    alone = form.partition("?")[0]
    assert "Revenir à l'assistant" not in admin.get(f"{alone}?next=https://ailleurs.example/").text
    assert "Revenir à l'assistant" not in admin.get(f"{alone}?next=//ailleurs.example/").text


@pytest.mark.requirement("3.1-05", "E.2.3-04")
def test_a_document_is_missing_on_the_channels_of_the_version_alone(draft, manager):
    page = at(draft, WizardStep.DOCUMENTS)

    def state(*channels):
        ProductVersion.objects.filter(pk=draft.product_version_id).update(channels=list(channels))
        needs = manager.get(page).context["needs"]
        need = next(one for one in needs if one["type"] == "CGV")
        return f"{need['state']} {need['suits']}"

    assert "Manquant" in state("web", "field")
    for channel in ("web", "partner"):
        absent = state(channel)
        assert "Facultatif ici" in absent
        assert "Convient" not in absent
    # What suits is a document that is there.
    DocumentFactory(product_version=draft.product_version, type_id="CGV", pdfa="2B")
    assert "Convient pour le web" in state("web")
    assert "Convient" not in state("partner")


@pytest.mark.requirement("3.4-05", "E.2.3-05")
def test_a_document_that_waits_is_told_once_with_all_its_channels(draft, manager):
    own = {"product_version": draft.product_version, "channels": list(Channel.values)}
    DocumentFactory(**own, type_id="CGV", mandatory=True, pdfa="2B")
    page = at(draft, WizardStep.PUBLICATION)
    told = unescape(manager.get(page, {"controle": "1"}).text)
    waits = re.findall(r"<strong>(.*est déposé, mais pas publié.*)</strong>", told)
    assert waits == [
        "Le document « Conditions générales de vente » est déposé, mais pas publié (tous les canaux)."
    ]
