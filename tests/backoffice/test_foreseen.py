"""Step 5 tells whom each approval will be asked of, and which nobody could give (R-02, R-05)."""

from html import unescape

import pytest
from django.urls import reverse

from catalog.choices import WizardStep
from catalog.services.copies import duplicate_version
from catalog.services.versions import submit_version
from catalog.services.wizard import open_draft
from tests.catalog.services.test_approvals import rename
from tests.support.offers import make_whole
from winvest.core.domain.roles import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]
NOBODY = "Personne ne pourra donner l'approbation Produit."


@pytest.fixture
def managers(user_with, company):
    return [user_with(Role.CATALOG_MANAGER, company) for _ in range(2)]


@pytest.fixture
def version(company, managers):
    """A draft of the first of two managers, who are alone to approve products."""
    return duplicate_version(actor=managers[0], version=make_whole(company, sku="PREVU-1"))


def checklist(browser, version, actor):
    draft = open_draft(actor=actor, version=version, reached=WizardStep.PUBLICATION)
    page = reverse("wizard-step", args=[draft.pk, WizardStep.PUBLICATION.value])
    return " ".join(unescape(browser.get(page, {"controle": "1"}).text).split())


@pytest.mark.requirement("4-05", "1-14")
def test_step_5_tells_whom_each_approval_will_be_asked_of(
    version, managers, company, user_with, browser_as
):
    accountant = user_with(Role.ACCOUNTING, company)
    shown = checklist(browser_as(managers[0]), version, managers[0])
    assert NOBODY not in shown
    assert f"Sera demandée à {managers[1]}." in shown
    assert f"Sera demandée à {accountant}." in shown
    assert "Personne ne pourra donner l'approbation Conformité. Personne n'y est habilité." in shown


@pytest.mark.requirement("4-05", "1-14")
def test_two_authors_learn_before_they_submit_that_nobody_could_approve(
    version, managers, company, user_with, browser_as
):
    admin = user_with(Role.GROUP_ADMIN)
    rename(managers[1], version, "À deux")
    browser = browser_as(managers[1])
    shown = checklist(browser, version, managers[1])
    assert f"{NOBODY} " in shown
    assert "qui y sont habilités, ont écrit ou soumis ce contenu." in shown
    assert f"Demandez à {admin} d'y habiliter une autre personne." in shown
    # The page that submits without the wizard says it too; so does the version once submitted.
    asking = reverse("admin:catalog_productversion_submit", args=[version.pk])
    assert NOBODY in unescape(browser.get(asking).text)
    submit_version(actor=managers[1], version=version)
    change = reverse("admin:catalog_productversion_change", args=[version.pk])
    told = " ".join(unescape(browser.get(change).text).split())
    assert "Demandée à personne. " in told
    assert f"Demandez à {admin} d'y habiliter une autre personne." in told


@pytest.mark.requirement("4-05", "1-14")
def test_the_last_who_may_approve_is_told_to_let_another_submit(version, managers, browser_as):
    author, other = managers
    shown = checklist(browser_as(other), version, other)
    assert NOBODY in shown
    assert f"faites envoyer la version par {author}." in shown
