"""A refused version goes back to its author's work, with the reason and the way on (§1, 4-05)."""

from html import unescape

import pytest
from django.urls import reverse

from catalog.choices import WizardStep
from catalog.models import Product, WizardDraft
from catalog.services.approvals import decide
from catalog.services.copies import duplicate_version
from catalog.services.versions import submit_version
from catalog.services.wizard import keep_typed, open_draft
from tests.factories import VersionFactory, WizardDraftFactory
from tests.support.forms import form_of
from tests.support.offers import make_released, make_whole
from winvest.core.domain.roles import Role
from winvest.core.models import Notification
from winvest.core.services.notifications import address_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]
WHY = "Le prix du palier 2 est sous le coût."


@pytest.fixture
def author(user_with, company):
    return user_with(Role.CATALOG_MANAGER, company)


@pytest.fixture
def reviewer(user_with, company):
    return user_with(Role.COMPANY_ADMIN, company)


@pytest.fixture
def submitted(company, author):
    """A version that its author sent from the last step of the wizard."""
    made = duplicate_version(actor=author, version=make_whole(company, sku="REFUS-1"))
    open_draft(actor=author, version=made, reached=WizardStep.PUBLICATION)
    version = submit_version(actor=author, version=made)
    assert not WizardDraft.objects.exists()
    return version


def refuse(browser, version):
    page = reverse("admin:catalog_productversion_review", args=[version.pk])
    said = {"domain": "product", "decision": "refused", "comment": WHY}
    assert browser.post(page, said).status_code == 302


@pytest.mark.requirement("4-05", "3.1-01", "E.2.3-06")
def test_a_refusal_gives_the_draft_back_to_its_author(
    submitted, author, reviewer, browser_as, user_with, company
):
    refuse(browser_as(reviewer), submitted)
    draft = WizardDraft.objects.get()
    assert (draft.user, draft.product_version) == (author, submitted)
    browser = browser_as(author)
    said = f"Refusée par {reviewer} le "
    tasks = browser.get(reverse("dashboard-figures", args=["brouillons"])).text
    assert said in tasks
    assert WHY in tasks
    assert said in (drafts := browser.get(reverse("wizard")).text)
    assert WHY in drafts
    # The link of the e-mail leads to the wizard, whose head says why at each step.
    told = Notification.objects.get(user=author, kind="approval_refused")
    assert "de nouveau en brouillon" in told.text
    opened = browser.get(address_of(told.pk), follow=True)
    step = reverse("wizard-step", args=[draft.pk, WizardStep.PUBLICATION.value])
    assert opened.redirect_chain[-1][0] == step
    general = browser.get(reverse("wizard-step", args=[draft.pk, WizardStep.GENERAL.value]))
    for page in (opened.text, general.text):
        assert said in page
        assert WHY in page
    # The sheet says it to who reads drafts, with the way on for who writes.
    sheet = reverse("product-sheet", args=[submitted.product_id])
    shown = browser.get(sheet).text
    assert f"Version {submitted.version} refusée par {reviewer}" in shown
    assert WHY in shown
    assert f'href="{step}"' in shown
    jurist = browser_as(user_with(Role.LEGAL, company)).get(sheet).text
    assert WHY in jurist
    assert step not in jurist


@pytest.mark.requirement("4-05")
def test_a_version_sent_again_is_refused_no_more(submitted, author, reviewer, browser_as):
    refuse(browser_as(reviewer), submitted)
    submitted.refresh_from_db()
    submit_version(actor=author, version=submitted)
    sheet = reverse("product-sheet", args=[submitted.product_id])
    assert WHY not in browser_as(author).get(sheet).text
    assert not WizardDraft.objects.exists()
    told = Notification.objects.get(user=author, kind="approval_refused")
    opened = browser_as(author).get(address_of(told.pk))
    assert opened.url == reverse("admin:catalog_productversion_change", args=[submitted.pk])


@pytest.mark.requirement("E.2.3-06")
def test_what_is_typed_and_not_written_outlives_a_submission_and_a_refusal(
    company, author, reviewer
):
    made = duplicate_version(actor=author, version=make_whole(company, sku="REFUS-3"))
    draft = open_draft(actor=author, version=made, reached=WizardStep.PUBLICATION)
    step, typed = WizardStep.GENERAL, {"channels": ["web"]}
    keep_typed(actor=author, draft=draft, step=step, row="", typed=typed, revision=draft.revision)
    version = submit_version(actor=author, version=made)
    decide(actor=reviewer, version=version, decision="refused", comment=WHY)
    assert WizardDraft.objects.get().pk == draft.pk


@pytest.mark.requirement("E.2.3-06", "4-05")
def test_the_old_address_of_a_refused_draft_leads_to_the_one_that_followed(
    company, author, reviewer, browser_as, user_with
):
    made = duplicate_version(actor=author, version=make_whole(company, sku="REFUS-4"))
    old = open_draft(actor=author, version=made, reached=WizardStep.PUBLICATION)

    def at(draft, step, name="wizard-step"):
        return reverse(name, args=[draft.pk, step.value])

    browser, jurist = browser_as(author), browser_as(user_with(Role.LEGAL, company))
    prices = at(old, WizardStep.PRICING)
    typed = form_of(browser.get(prices)) | {"plans-0-amount": "12,34", "_stay": ""}
    version = submit_version(actor=author, version=made)
    # Sent to validation, it leads to the sheet; what is typed stays on the screen, and is not kept.
    sheet = reverse("product-sheet", args=[version.product_id])
    for one in (browser, jurist):
        assert one.get(prices).url == f"{sheet}?version={version.version}"
    kept = browser.post(at(old, WizardStep.PRICING, "wizard-keep"), typed)
    assert (kept.status_code, kept.json()["code"]) == (409, "draft.gone")
    gone = browser.post(prices, typed)
    assert gone.status_code == 409
    assert "BASIC ; Basic ; Mensuelle ; 12,34 ; FR20" in unescape(gone.text)
    assert "monthly" not in gone.text
    assert "Rien n'en est enregistré" in gone.text
    # Refused, it leads to the same step of the draft that is open now.
    decide(actor=reviewer, version=version, decision="refused", comment=WHY)
    draft = WizardDraft.objects.get()
    assert draft.pk != old.pk
    assert browser.get(f"{prices}?complet=1").url == f"{at(draft, WizardStep.PRICING)}?complet=1"
    assert jurist.get(prices).url == f"{sheet}?version={version.version}"
    kept = browser.post(at(old, WizardStep.PRICING, "wizard-keep"), typed)
    assert (kept.status_code, kept.json()["code"]) == (409, "draft.moved")
    told = browser.post(prices, typed)
    assert told.status_code == 409
    assert "Ce brouillon a été envoyé en validation puis rouvert" in unescape(told.text)
    again = form_of(told)
    assert again["plans-0-amount"] == "12,34"
    assert form_of(browser.get(at(draft, WizardStep.PRICING)))["plans-0-amount"] != "12,34"
    # Sent once more, knowing of it, it is written.
    assert browser.post(prices, again | {"_stay": ""}).status_code == 302
    assert form_of(browser.get(at(draft, WizardStep.PRICING)))["plans-0-amount"] == "12,34"
    # Neither gives up anything of the open one.
    draft.refresh_from_db()
    away = reverse("wizard-close", args=[old.pk])
    for asked, sent in ((away, {}), (prices, {"_forget": ""})):
        assert browser.post(asked, sent).status_code == 302
    assert WizardDraft.objects.get().revision == draft.revision


@pytest.mark.requirement("4-05", "E.2.3-06")
def test_the_old_address_of_a_draft_tells_nothing_to_another_company(
    company, other_company, author, browser_as, user_with
):
    made = duplicate_version(actor=author, version=make_whole(company, sku="REFUS-5"))
    old = open_draft(actor=author, version=made, reached=WizardStep.PUBLICATION)
    submit_version(actor=author, version=made)
    stranger = browser_as(user_with(Role.CATALOG_MANAGER, other_company))
    page = reverse("wizard-step", args=[old.pk, WizardStep.PRICING.value])
    assert (stranger.get(page).status_code, stranger.post(page).status_code) == (404, 404)


@pytest.mark.requirement("4-05")
def test_who_only_asked_is_told_and_the_draft_is_its_writer_s(company, author, reviewer, user_with):
    writer = user_with(Role.CATALOG_MANAGER, company)
    made = duplicate_version(actor=writer, version=make_whole(company, sku="REFUS-2"))
    version = submit_version(actor=author, version=made)
    decide(actor=reviewer, version=version, decision="refused", comment=WHY)
    assert WizardDraft.objects.get().user == writer
    told = Notification.objects.filter(kind="approval_refused", user__in=[author, writer])
    assert told.count() == 2


@pytest.mark.requirement("4-09", "3.5-04")
def test_a_frozen_product_says_who_stopped_it_when_and_why(
    company, author, reviewer, browser_as, user_with
):
    version = make_released(company=company, sku="GEL-1", plans={"A": "10"})
    browser = browser_as(reviewer)
    freeze = reverse("admin:catalog_product_freeze", args=[version.product_id])
    assert browser.post(freeze, {"reason": "Litige avec l'assureur"}).status_code == 302
    sheet = browser_as(author).get(reverse("product-sheet", args=[version.product_id])).text
    assert f"Vente gelée par {reviewer} le " in sheet
    assert "Litige avec l&#x27;assureur" in sheet


@pytest.mark.requirement("3.1-06", "D.3.5-01")
def test_the_draft_of_a_retired_product_says_so_on_each_step(company, browser_as, user_with):
    manager = user_with(Role.CATALOG_MANAGER, company)
    version = VersionFactory(product__company=company)
    draft = WizardDraftFactory(user=manager, product_version=version, step=WizardStep.PUBLICATION)
    Product.objects.filter(pk=version.product_id).update(lifecycle_status="retired")
    browser = browser_as(manager)
    for step in ("general", "publication"):
        page = browser.get(reverse("wizard-step", args=[draft.pk, step])).text
        assert "Ce produit est retiré : plus aucune version n'en est préparée" in page, step
    checked = browser.get(reverse("wizard-step", args=[draft.pk, "publication"]), {"controle": "1"})
    assert "Prêt à envoyer" not in checked.text
    assert "Envoyer en validation" not in checked.text
