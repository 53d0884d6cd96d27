"""The wizard for everybody: each width, light and dark, by the keyboard alone, two at a time."""

import pytest
from playwright.sync_api import expect

from catalog.choices import WizardStep
from catalog.models import ProductVersion
from commissions.models import CommissionScheme
from tests.e2e.drafts import MISSING, missing_documents, prepared
from tests.e2e.keyboard import unreached
from tests.e2e.review import faults
from tests.e2e.watch import visit
from winvest.core import scoping
from winvest.core.pdf.render import render_pdf

MANAGER = "produit.mtv@winvest.example"
COLLEAGUE = "admin.mtv@winvest.example"


@pytest.mark.requirement("1-22", "3.1-01", "E.3-04")
def test_each_step_is_for_everybody(open_page):
    page, watch = open_page(MANAGER)
    draft = prepared(MANAGER)
    wrong = {}
    for step in WizardStep:
        visit(page, f"/assistant/{draft.pk}/{step.value}/")
        if found := [*faults(page, watch), *unreached(page)]:
            wrong[step] = found
    assert wrong == {}
    assert watch.problems == []


def reach(page, box):
    """Go to a box as the keyboard does."""
    expect(box).to_be_visible()
    for _ in range(150):
        if box.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {box}")


def write(page, name, text):
    """Type in a box that the keyboard reaches."""
    reach(page, page.locator(f"[name={name}]"))
    page.keyboard.type(text)


def press(page, name):
    """Press a button that the keyboard reaches."""
    reach(page, page.get_by_role("button", name=name).first)
    page.keyboard.press("Enter")


@pytest.mark.requirement("3.1-01", "E.3-04", "13-06")
def test_a_product_is_made_by_the_keyboard_alone(open_page):
    page, watch = open_page(MANAGER)
    # The browser takes its time to hand choosers over to whoever listens: it is asked beforehand.
    page.on("filechooser", lambda _: None)
    visit(page, "/assistant/")
    press(page, "Mondial TV")
    page.wait_for_url("**/general/**")
    # One begins in the first box, without walking through the menu.
    expect(page.locator("[name=company]")).to_be_focused()
    reach(page, page.locator(".field-risk .select2-selection"))
    page.keyboard.press("Enter")
    page.keyboard.type("OTT")
    # The list opens whole: what Enter takes is the one that is marked.
    expect(page.locator(".select2-results__option--highlighted")).to_contain_text("OTT")
    page.keyboard.press("Enter")
    write(page, "name", "Bouquet au clavier")
    press(page, "Continuer")

    page.wait_for_url("**/tarification/**")
    write(page, "plans-0-code", "CLAVIER")
    write(page, "plans-0-name", "Clavier")
    write(page, "plans-0-amount", "9,90")
    expect(page.locator("[data-preview]")).to_contain_text("8,25")
    press(page, "Continuer")

    page.wait_for_url("**/commissions/**")
    write(page, "tiers-0-min", "0")
    write(page, "tiers-0-value", "10")
    write(page, "share_company", "60")
    write(page, "share_commercial", "40")
    expect(page.locator("[data-preview]")).to_contain_text("123,75")
    press(page, "Continuer")

    page.wait_for_url("**/documents/**")
    missing = missing_documents(page)
    for left in range(MISSING, 0, -1):
        box = missing.first.locator("[type=file]")
        reach(page, box)
        content = render_pdf(f"<h1>Conditions {left}</h1>")
        file = {"name": "conditions.pdf", "mimeType": "application/pdf", "buffer": content}
        if left == MISSING:
            with page.expect_file_chooser() as asked:
                page.keyboard.press("Enter")
            asked.value.set_files([file])
        else:
            # A second chooser waits for the first, whose box the page has replaced meanwhile.
            box.set_input_files([file])
        reach(page, missing.first.get_by_role("button", name="Déposer"))
        page.keyboard.press("Enter")
        expect(missing).to_have_count(left - 1)
    press(page, "Continuer")

    page.wait_for_url("**/publication/**")
    expect(page.locator(".checklist-verdict")).to_be_visible()
    press(page, "Envoyer en validation")
    page.wait_for_url("**/catalogue/produits/**")
    with scoping.everything():
        version = ProductVersion.objects.get(product__name="Bouquet au clavier")
    assert version.state == "in_review"
    assert watch.problems == []


@pytest.mark.requirement("3.1-01", "E.2.3-06")
def test_two_people_in_the_same_draft(open_page):
    draft = prepared(MANAGER)
    address = f"/assistant/{draft.pk}/commissions/?nouveau=1"
    one, watch = open_page(MANAGER)
    other, second = open_page(COLLEAGUE)
    for page in (one, other):
        visit(page, address)
    one.locator("[name=name]").fill("Équipe web")
    expect(one.get_by_role("status")).to_contain_text("Gardé à")
    # The second is told by whom, keeps what is typed, and overwrites nothing.
    other.locator("[name=name]").fill("Apporteurs")
    expect(other.get_by_role("status")).to_contain_text("a modifié cette page")
    expect(other.locator("[name=name]")).to_have_value("Apporteurs")
    # The next keystroke neither, nor the page that is opened again: it asks.
    other.locator("[name=name]").fill("Apporteurs du web")
    visit(other, address)
    told = other.get_by_role("status")
    expect(told).to_contain_text("a changé cette étape")
    expect(other.locator("[name=name]")).to_have_value("Équipe web")
    told.get_by_role("button", name="Reprendre mes saisies").click()
    expect(other.locator("[name=name]")).to_have_value("Apporteurs du web")
    expect(told).to_contain_text("Gardé à")
    one.locator("[name=name]").fill("Équipe web du soir")
    expect(one.get_by_role("status")).to_contain_text("a modifié cette page")
    one.get_by_role("button", name="Garder ces saisies-ci").click()
    expect(one.get_by_role("status")).to_contain_text("Gardé à")
    with scoping.everything():
        draft.refresh_from_db()
        before = CommissionScheme.objects.filter(product_version=draft.product_version).count()
    assert draft.typed["commissions/table"]["texts"]["name"] == ["Équipe web du soir"]
    one.locator("[name=channel]").select_option("web")
    one.locator("[name=tiers-0-min]").fill("0")
    one.locator("[name=tiers-0-value]").fill("10")
    one.locator("[name=share_company]").fill("100")
    one.get_by_role("button", name="Enregistrer l'étape").dblclick()
    expect(one.locator(".wizard-schemes a", has_text="Équipe web")).to_have_count(1)
    with scoping.everything():
        schemes = CommissionScheme.objects.filter(product_version=draft.product_version)
        assert schemes.count() == before + 1
    assert [told for told in watch.problems if "status 409" not in told] == []
    assert [told for told in second.problems if "status 409" not in told] == []
