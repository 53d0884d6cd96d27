"""The creation wizard, step by step (§3.1, E.2.3; readings R-03, E-05)."""

from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from catalog.choices import VersionState, WizardStep
from catalog.models import Product, Risk, WizardDraft
from tests.factories import VersionFactory
from tests.support.forms import form_of
from tests.support.offers import make_released
from winvest.core.choices import NotificationKind
from winvest.core.domain.roles import Role
from winvest.core.models import Notification
from winvest.core.pdf.render import render_pdf

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]


@pytest.fixture
def manager(user_with, browser_as, company):
    return browser_as(user_with(Role.CATALOG_MANAGER, company))


def errors_of(answer):
    """Return what the page refuses, in its boxes and in its rows."""
    if not answer.context:
        return {}
    rows = [one.formset for one in answer.context["inline_admin_formsets"]]
    return {
        **answer.context["adminform"].form.errors,
        **{one.prefix: [*one.errors, one.non_form_errors()] for one in rows if not one.is_valid()},
    }


def begin(client):
    answer = client.post(reverse("wizard"))
    assert answer.status_code == 302
    return answer.url


def written(address):
    """Return where a form that is written leads: the tab then forgets its copy."""
    return f"{address}#ecrit"


def at(draft, step):
    return reverse("wizard-step", args=[draft.pk, step.value])


GENERAL = {
    "name": "Bouquet famille",
    "revenue_model": "revenue",
    "unit": "unit",
    "effective_from_0": "2027-01-01",
    "effective_from_1": "00:00:00",
    "channels": ["telesales", "field"],
}


def general(page, risk, **typed):
    return {**form_of(page), **GENERAL, "risk": str(risk.pk), **typed}


@pytest.mark.requirement("3.7-06")
def test_a_product_begins_with_what_the_catalogue_has_chosen(manager, company):
    risk = Risk.objects.get(code="OTT", is_global=True)
    address = f"{reverse('wizard')}?company={company.pk}&risk={risk.pk}&nimporte=1"
    assert company.brand_name in manager.get(address).text
    first = manager.post(address).url
    assert first.endswith(f"?risk={risk.pk}")
    shown = manager.get(first)
    assert form_of(shown)["risk"] == str(risk.pk)
    assert f"le prochain code de la famille, {company.code}-OTT-001." in shown.text


@pytest.mark.requirement("3.1-01", "3.1-02", "E.2.3-01", "E.2.3-06")
def test_the_first_step_makes_one_product_whatever_the_clicks(manager, company):
    risk = Risk.objects.get(code="OTT", is_global=True)
    first = begin(manager)
    refused = manager.post(first, general(manager.get(first), risk, name=""))
    assert "name" in errors_of(refused)
    assert Product.objects.count() == 0
    typed = general(manager.get(first), risk)
    for _ in range(2):
        answer = manager.post(first, typed | {"_next": ""})
        assert answer.status_code == 302, errors_of(answer)
    draft = WizardDraft.objects.get()
    assert answer.url == written(at(draft, WizardStep.PRICING))
    product = Product.objects.get()
    assert (product.name, product.lifecycle_status) == ("Bouquet famille", "draft")
    assert product.sku.startswith(f"{company.code}-OTT-")
    version = product.versions.get()
    assert draft.product_version == version
    assert (version.channels, version.state) == (["telesales", "field"], VersionState.DRAFT)
    assert version.effective_from.isoformat() == "2026-12-31T23:00:00+00:00"
    # A step is opened by the one before it, whatever the address.
    later = manager.get(at(draft, WizardStep.COMMISSIONS))
    assert later.url == at(draft, WizardStep.PRICING)


def add(client, page, prefix, **row):
    """Return the page's boxes with one more row below it."""
    data = form_of(client.get(page))
    number = int(data[f"{prefix}-TOTAL_FORMS"])
    data[f"{prefix}-TOTAL_FORMS"] = number + 1
    return data | {f"{prefix}-{number}-{name}": value for name, value in row.items()}


def told(answer):
    return [str(one) for one in answer.context["messages"]]


@pytest.fixture
def draft(manager):
    """Begin a product whose first step is accepted."""
    risk = Risk.objects.get(code="OTT", is_global=True)
    first = begin(manager)
    manager.post(first, general(manager.get(first), risk) | {"_next": ""})
    return WizardDraft.objects.get()


@pytest.mark.requirement("3.1-03", "3.1-04", "3.1-05", "3.1-06", "E.2.3-02", "E.2.3-03")
@pytest.mark.requirement("E.2.3-04", "E.2.3-05", "E.2.3-06", "B.4-06")
def test_the_steps_lead_to_validation(manager, draft, browser_as, user_with, company):
    pricing = at(draft, WizardStep.PRICING)
    line = {"recurrence": "monthly", "tax_code": "FR20", "tax_included": "on"}
    # A line that is refused says why beside its box, and nothing of the table is written.
    lines = {"plans-0-" + name: value for name, value in line.items()}
    lines |= {"plans-0-code": "BASIC", "plans-0-name": "Basique", "plans-0-amount": "9,90"}
    lines |= {"plans-1-" + name: value for name, value in line.items()}
    lines |= {"plans-1-code": "BASIC", "plans-1-name": "Premium", "plans-1-amount": "19,90"}
    twice = manager.post(pricing, form_of(manager.get(pricing)) | lines | {"_next": ""})
    assert twice.context["rows"].forms[1].errors
    assert "a déjà une formule de ce code" in twice.text
    assert not draft.product_version.plans.exists()
    assert 'value="19,90"' in twice.text
    lines |= {"plans-1-code": "PREMIUM"}
    goes = manager.post(pricing, form_of(manager.get(pricing)) | lines | {"_next": ""})
    prices = draft.product_version.pricing_rules.order_by("plan__position")
    assert [(one.plan.code, str(one.payload["amount"])) for one in prices] == [
        *(("BASIC", "9.90"), ("PREMIUM", "19.90"))
    ]
    # The table comes back as it was written; a line that is taken out goes.
    again = form_of(manager.get(pricing)) | {"plans-1-DELETE": "on", "plans-0-amount": "8"}
    manager.post(pricing, again | {"_stay": ""})
    assert [str(one.payload["amount"]) for one in prices.all()] == ["8"]
    tiers = manager.get(f"{pricing}?complet=1")
    assert "pricing_rules-TOTAL_FORMS" in tiers.text
    commissions = at(draft, WizardStep.COMMISSIONS)
    assert goes.url == written(commissions)

    assert manager.post(commissions, form_of(manager.get(commissions)) | {"_stay": ""}).status_code
    scheme = {"direction": "outbound"}
    scheme |= {"share_company": "60", "share_commercial": "40", "settlement": "upfront"}
    row = {"basis": "volume", "min": "0", "value_type": "percent", "value": "10"}
    filled = add(manager, commissions, "tiers", **row) | scheme
    answer = manager.post(commissions, filled | {"_next": ""})
    assert answer.status_code == 302, errors_of(answer)
    documents = at(draft, WizardStep.DOCUMENTS)
    assert answer.url == written(documents)
    # What is lacking is told beside what is asked, and so is a file that is refused.
    left = manager.post(documents, {"_next": ""})
    assert left.url == f"{documents}?manque=1#ecrit"
    shown = manager.get(left.url).context
    assert shown["problems"] == []
    assert {len(need["problems"]) for need in shown["needs"]} == {1}
    assert all(f"« {need['label']} »" in need["problems"][0] for need in shown["needs"])
    jurist = browser_as(user_with(Role.COMPANY_ADMIN, company))
    asked = [need["type_pk"] for need in manager.get(documents).context["needs"]]
    assert asked
    broken = {"type": asked[0], "file": SimpleUploadedFile("conditions.pdf", b"%PDF-1.7")}
    refused = jurist.post(documents, broken)
    assert refused.status_code == 422
    assert [bool(need["problems"]) for need in refused.context["needs"]] == [
        True,
        *(False for _ in asked[1:]),
    ]
    for kind in asked:
        file = SimpleUploadedFile("conditions.pdf", render_pdf("<h1>Conditions</h1>"))
        assert jurist.post(documents, {"type": kind, "file": file}).status_code == 302
    page = manager.get(documents)
    assert "%PDF" not in page.text
    assert page.text.count("Déposé, à publier") == len(asked)
    last = at(draft, WizardStep.PUBLICATION)
    assert manager.post(documents, {"_next": ""}).url == written(last)
    page = manager.get(last)
    assert [one["label"] for one in page.context["mappings"]] == [
        *("Comptabilité", "ADV et qualité", "Logistique", "Export et codes externes")
    ]
    assert page.context["mappings"][0]["link"] == ""  # Compta's
    # The checklist comes once the page stands, or whole to whoever has no script.
    assert "later" not in page.context
    sent = form_of(page)
    part = manager.post(page.context["preview"], sent)
    assert "<html" not in part.text
    checked = manager.get(page.context["checks"])
    assert part.text in checked.text
    # Nothing is left to mend in the wizard; the rest comes after it.
    assert checked.context["here"] == []
    assert "Prêt à envoyer" in part.text
    found = [one for part in checked.context["later"] for one in part["findings"]]
    links = {one["message"]: one["link"] for one in found}
    unlinked = [message for message, link in links.items() if not link]
    assert ["compte « CA »" in message for message in unlinked] == [True]  # Compta's
    assert {manager.get(link).status_code for link in links.values() if link} == {200}
    # What is deposited already is published on the sheet.
    deposited = [link for message, link in links.items() if "mais pas publié" in message]
    assert deposited
    assert all("onglet=documents" in link for link in deposited)
    accountant = user_with(Role.ACCOUNTING, company)
    # What is typed and not written is not lost by sending the rest.
    keep = kept_at(draft, WizardStep.PRICING)
    draft.refresh_from_db()
    typed = {"_row": "table", "plans-3-code": "FOOT", "_revision": draft.revision}
    assert manager.post(keep, typed).status_code == 200
    refused = manager.post(last, sent | {"_revision": ""}, follow=True)
    assert refused.redirect_chain == [(written(at(draft, WizardStep.PRICING)), 302)]
    assert (
        "L'étape Tarification garde des saisies : enregistrez-les ou abandonnez-les."
        in unescape(refused.text)
    )
    draft.refresh_from_db()
    gone = manager.post(at(draft, WizardStep.PRICING), {"_row": "table", "_forget": ""})
    assert gone.url == written(at(draft, WizardStep.PRICING))
    sent = manager.post(last, form_of(manager.get(last)))
    version = draft.product_version
    version.refresh_from_db()
    # The accountant, and nobody else, is told of the account and finds it among his tasks.
    asked = Notification.objects.get(user=accountant, kind=NotificationKind.APPROVAL_ASKED)
    assert "n'a pas de compte « CA » pour cette version" in asked.text
    others = Notification.objects.exclude(user=accountant)
    assert not others.filter(text__contains="n'a pas de compte").exists()
    compta = browser_as(accountant)
    form = f"{reverse('admin:accounting_accountingmapping_add')}?product_version={version.pk}"
    tile = reverse("dashboard-figures", args=["mappings"])
    assert f'href="{form}"' in compta.get(tile).text
    assert compta.get(form).status_code == 200
    assert sent.url == reverse("product-sheet", args=[version.product_id])
    assert version.state == VersionState.IN_REVIEW
    assert not WizardDraft.objects.exists()


def kept_at(draft, step):
    return reverse("wizard-keep", args=[draft.pk, step.value])


@pytest.mark.requirement("3.1-01", "E.2.3-06")
def test_what_is_typed_comes_back_and_nobody_overwrites_it(manager, browser_as, user_with, company):
    risk = Risk.objects.get(code="OTT", is_global=True)
    first = begin(manager)
    draft = WizardDraft.objects.get()
    keep = kept_at(draft, WizardStep.GENERAL)
    own = {"company": str(company.pk), "_row": ""}
    typed = own | {"name": "Bouquet à moitié", "effective_from_0": "le 1er"}
    answer = manager.post(keep, typed | {"_revision": "1"})
    assert answer.json() == {"revision": 2}
    # The same texts again change nothing.
    assert manager.post(keep, typed | {"_revision": "2"}).json() == {"revision": 2}
    shown = manager.get(first).text
    assert 'value="Bouquet à moitié"' in shown
    assert 'value="le 1er"' in shown
    assert "Ce que vous aviez tapé est revenu" in shown
    assert Product.objects.count() == 0

    colleague = user_with(Role.CATALOG_MANAGER, company)
    other = browser_as(colleague)
    assert other.post(keep, own | {"name": "Autre", "_revision": "2"}).json() == {"revision": 3}
    late = manager.post(keep, {"name": "Le mien", "_revision": "2"})
    assert late.status_code == 409
    assert str(colleague) in late.json()["message"]
    draft.refresh_from_db()
    assert draft.typed["general/"]["texts"]["name"] == ["Autre"]
    long = manager.post(keep, {"name": "x" * 200_001, "_revision": "3"})
    assert long.status_code == 409
    for nul in ({"name": "Bouquet\x00"}, {"na\x00me": "Bouquet"}):
        refused = manager.post(keep, nul | {"_revision": "3"})
        assert refused.status_code == 409
        assert "NUL" in refused.json()["message"]
    draft.refresh_from_db()
    assert draft.typed["general/"]["texts"]["name"] == ["Autre"]

    assert manager.post(first, general(manager.get(first), risk) | {"_next": ""}).status_code == 302
    draft.refresh_from_db()
    assert draft.typed["general/"]["texts"] == {}
    # A page of before the product was made, with other texts: they are shown, not written.
    stale = other.post(first, GENERAL | {"name": "Troisième", "risk": str(risk.pk)})
    assert 'value="Troisième"' in stale.text
    assert Product.objects.get().name == "Bouquet famille"


@pytest.mark.requirement("3.1-01", "3.8-13")
def test_a_draft_is_for_who_writes_the_catalogue_of_its_company(
    manager, draft, browser_as, user_with, company, other_company
):
    addresses = [at(draft, step) for step in WizardStep]
    stranger = browser_as(user_with(Role.CATALOG_MANAGER, other_company))
    assert {stranger.get(one).status_code for one in addresses} == {404}
    assert stranger.post(kept_at(draft, WizardStep.GENERAL), {}).status_code == 404
    seller = browser_as(user_with(Role.SALES, company))
    assert seller.get(reverse("wizard")).status_code == 403
    assert seller.get(addresses[0]).status_code == 404
    assert "Bouquet famille" in manager.get(reverse("wizard")).text
    assert manager.get(f"{addresses[0]}x").status_code == 404
    away = reverse("wizard-close", args=[draft.pk])
    assert "Ce qui y est tapé et pas enregistré sera perdu." in manager.get(away).text
    closed = manager.post(away)
    assert closed.status_code == 302
    assert not WizardDraft.objects.exists()
    assert Product.objects.count() == 1


@pytest.mark.requirement("3.1-01", "3.7-06")
def test_a_draft_version_is_taken_up_in_the_wizard(manager, company):
    version = VersionFactory(
        product__company=company,
        product__name="Ancien",
        product__lifecycle_status="draft",
        version=2,
    )
    take_up = reverse("wizard-version", args=[version.pk])
    opened = manager.post(take_up)
    draft = WizardDraft.objects.get()
    assert opened.url == at(draft, WizardStep.GENERAL)
    assert manager.post(take_up).url == opened.url
    assert "Reprendre la version 2" in manager.get(take_up).text
    page = manager.get(opened.url)
    assert 'value="Ancien"' in page.text
    goes = manager.post(opened.url, form_of(page) | {"name": "Nouveau", "_next": ""})
    assert goes.url == written(at(draft, WizardStep.PRICING))
    version.product.refresh_from_db()
    assert version.product.name == "Nouveau"


@pytest.mark.requirement("3.1-01", "3.1-06", "E.2.2-08")
def test_a_version_begins_with_the_values_of_the_one_on_sale(
    manager, browser_as, user_with, company
):
    released = make_released(company=company, sku="VENDU", plans={"MOIS": "9.90"})
    address = reverse("wizard-version", args=[released.pk])
    sheet = manager.get(reverse("product-sheet", args=[released.product_id]))
    assert f'href="{address}"' in sheet.text
    assert "Brouillons de ce produit" not in manager.get(address).text
    for _ in range(2):  # a second click
        opened = manager.post(address)
        draft = WizardDraft.objects.get()
        assert opened.url == at(draft, WizardStep.GENERAL)
    made = draft.product_version
    assert (made.version, made.state) == (2, VersionState.DRAFT)
    page = manager.get(opened.url)
    assert f"Version 2 de {released.product}" in page.text
    # The product on sale stays as it was: its date would tell a seller of the draft.
    touched = released.product.history.count()
    assert manager.post(opened.url, form_of(page) | {"_stay": ""}).status_code == 302
    assert released.product.history.count() == touched
    # The steps that its values fill are open.
    pricing = form_of(manager.get(at(draft, WizardStep.PRICING)))
    assert (pricing["plans-0-code"], pricing["plans-0-amount"]) == ("MOIS", "9,90")
    assert WizardStep(draft.step) != WizardStep.GENERAL
    changed = pricing | {"plans-0-amount": "11"}
    manager.post(at(draft, WizardStep.PRICING), changed | {"_stay": ""})
    assert (
        released.pricing_rules.get().payload["amount"] != made.pricing_rules.get().payload["amount"]
    )
    # A draft that has changed is offered beside a new one.
    offered = manager.get(address).text
    assert "Reprendre la version 2" in offered
    assert "Créer la version 3" in offered
    manager.post(address)
    assert sorted(released.product.versions.values_list("version", flat=True)) == [1, 2, 3]
    auditor = browser_as(user_with(Role.AUDITOR, company))
    assert auditor.get(address).status_code == 403
    assert (
        "Nouvelle version"
        not in auditor.get(reverse("product-sheet", args=[released.product_id])).text
    )
