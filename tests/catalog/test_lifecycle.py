"""A product's life through its doors: now, planned, cancelled, swept after missed runs (M-06)."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from catalog.domain.lifecycle import LifecycleStatus
from catalog.models import Product, ProductTransition, Publication
from catalog.services.reminders import remind
from catalog.services.sweep import apply_due_moves
from tests.factories import (
    BundleComponentFactory,
    DocumentFactory,
    PlanFactory,
    ProductFactory,
    PublicationFactory,
    VersionFactory,
)
from tests.support.offers import make_released
from tests.support.publishable import make_publishable
from winvest.core.domain.roles import Role
from winvest.core.models import AuditEntry, Notification

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]
API = "/api/catalog"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
ENDED = {"reason": "Fin", "exit_note": "Support jusqu'en 2028."}


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def manager(api, user_with, company):
    return api(user_with(Role.CATALOG_MANAGER, company))


@pytest.fixture
def product(company):
    return make_released(company=company, sku="AP-VIE-001", plans={"BASE": "9.90"}).product


def beside(answer, box):
    """Return what a page says beside a box."""
    text = answer.text
    said = text[text.index(f'id="id_{box}_error"') :]
    return said[: said.index("</div>")]


def post(client, path, body=None):
    answer = client.post(f"{API}/{path}", body or {}, content_type="application/json")
    return answer.status_code, answer.json()


def plan(client, product, to, day, **more):
    body = {"to": to, "at": f"2026-12-{day:02}T00:00:00+01:00", **more}
    return post(client, f"products/{product.pk}/transition", body)


def status_of(product):
    return Product.objects.get(pk=product.pk).lifecycle_status


@pytest.mark.requirement("1-15", "C.1-04")
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"to": "frozen", "reason": "Grille fausse"}, 201, None),
        ({"to": "frozen"}, 422, "transition.reason_needed"),
        ({"to": "retired", "reason": "  "}, 422, "blank"),
        ({"to": "retired", "reason": "x"}, 422, "transition.exit_plan_needed"),
        ({"to": "draft"}, 409, "lifecycle.transition"),
        ({"to": "active"}, 409, "lifecycle.transition"),
        (
            {"to": "frozen", "reason": "x", "at": "2026-11-25T13:00:00+01:00"},
            422,
            "transition.past",
        ),
        ({"to": "frozen", "reason": "x", "renewals_allowed": True}, 422, "transition.exit_plan"),
        (
            {"to": "retired", "reason": "x", "exit_note": "x", "replacement_id": "own"},
            422,
            "transition.replacement",
        ),
        ({"to": "sold"}, 422, "invalid_choice"),
        ({"to": "frozen", "reason": "x" * 301}, 422, "max_length"),
    ],
)
def test_a_move_is_made_dated_and_told_or_refused(manager, product, body, status, code):
    if body.get("replacement_id") == "own":
        body = body | {"replacement_id": str(product.pk)}
    got, answer = post(manager, f"products/{product.pk}/transition", body)
    if code is not None:
        assert (got, [one["code"] for one in answer["errors"]]) == (status, [code])
        assert (status_of(product), ProductTransition.objects.count()) == ("active", 0)
        return
    assert got == status, answer
    assert {name: answer[name] for name in ("from_status", "to_status", "state", "due_at")} == {
        "from_status": "active",
        "to_status": "frozen",
        "state": "applied",
        "due_at": "2026-11-25T12:00:00Z",
    }
    assert answer["decided_by_email"]
    assert status_of(product) == "frozen"
    listed = manager.get(f"{API}/products/{product.pk}/transitions").json()["results"]
    assert [row["reason"] for row in listed] == ["Grille fausse"]
    logged = AuditEntry.objects.filter(table="product_transition")
    assert {entry.action for entry in logged} == {"insert", "update"}


@pytest.mark.requirement("1-15", "D.3.5-01", "D.3.5-02")
def test_each_move_asks_for_its_own_right(api, user_with, company, product):
    adv, seller = (api(user_with(role, company)) for role in (Role.ADV, Role.SALES))
    path = f"products/{product.pk}/transition"
    assert post(seller, path, {"to": "frozen", "reason": "x"})[0] == 403
    assert post(adv, path, {"to": "retired", "reason": "x"})[0] == 403
    assert post(adv, path, {"to": "frozen", "reason": "Urgence"})[0] == 201
    assert post(adv, path, {"to": "active"})[0] == 201
    draft = ProductFactory(company=company, lifecycle_status="draft")
    assert post(adv, f"products/{draft.pk}/transition", {"to": "test"})[0] == 403


@pytest.mark.requirement("1-15")
def test_a_planned_move_follows_those_before_it_and_is_cancelled(manager, product):
    assert plan(manager, product, "active", 20)[1]["code"] == "transition.path"
    status, frozen = plan(manager, product, "frozen", 10, reason="Refonte")
    assert (status, frozen["state"], frozen["settled_at"]) == (201, "planned", None)
    assert plan(manager, product, "frozen", 10, reason="x")[1]["code"] == "transition.same_instant"
    assert plan(manager, product, "active", 20)[0] == 201
    # Retired before it is thawed again: the thaw could not be made.
    assert plan(manager, product, "retired", 15, **ENDED)[1]["code"] == "transition.path"
    assert status_of(product) == "active"
    cancel = f"transitions/{frozen['id']}/cancel"
    assert post(manager, cancel)[1]["state"] == "cancelled"
    assert post(manager, cancel)[1]["code"] == "transition.not_planned"
    with time_machine.travel(NOW + timedelta(days=40), tick=False):
        swept = apply_due_moves()
    assert (len(swept.applied), len(swept.failed)) == (0, 1)  # it was never frozen
    failed = ProductTransition.objects.get(state="failed")
    assert "Ce produit est déjà « Actif »." in failed.shown_problems()
    assert status_of(product) == "active"


@pytest.mark.requirement("1-15")
def test_missed_runs_are_caught_up_in_order_each_at_its_own_date(manager, company, product):
    other = make_released(company=company, sku="AP-VIE-002", plans={"BASE": "9.90"}).product
    draft = ProductFactory(company=company, lifecycle_status="draft")
    VersionFactory(product=draft)
    plan(manager, product, "frozen", 1, reason="Refonte")
    plan(manager, other, "frozen", 1, reason="Litige")
    plan(manager, product, "active", 2)
    plan(manager, product, "retired", 3, **ENDED, replacement_id=str(other.pk))
    plan(manager, draft, "test", 2)
    # By hand in between: what was planned of it fails, and keeps nothing else waiting.
    post(manager, f"products/{other.pk}/transition", {"to": "frozen", "reason": "Urgence"})
    late = datetime(2026, 12, 4, 6, tzinfo=UTC)  # three days without a run
    with time_machine.travel(late, tick=False):
        out, err = StringIO(), StringIO()
        with pytest.raises(CommandError, match="1 transition"):
            call_command("apply_transitions", stdout=out, stderr=err)
        assert out.getvalue().count("Faite : ") == 4
        assert "AP-VIE-002" in err.getvalue()
        call_command("apply_transitions", stdout=(again := StringIO()))
        assert again.getvalue() == "0 transition(s) faite(s).\n"
    made = ProductTransition.objects.filter(product=product, state="applied").order_by("due_at")
    assert [(move.from_status, move.to_status, move.due_at.day) for move in made] == [
        ("active", "frozen", 30),  # midnight in Paris is 23:00 the day before
        ("frozen", "active", 1),
        ("active", "retired", 2),
    ]
    assert {move.settled_at for move in made} == {late}
    assert [status_of(one) for one in (product, other, draft)] == ["retired", "frozen", "test"]
    entry = AuditEntry.objects.filter(table="product", record_id=product.pk).latest("id")
    assert entry.actor_id == made[0].decided_by_id


@pytest.mark.requirement("1-15", "4-09", "4-10")
def test_three_missed_days_are_told_and_end_the_sales_once_at_their_dates(
    manager, api, user_with, company, product, today
):
    """Published, then planned: frozen, active again, retired; nothing runs until three days after."""
    adv, told = user_with(Role.ADV, company), Notification.objects
    version = make_publishable(product.versions.get())
    old = version.publications.get()
    publications = f"versions/{version.pk}/publications"
    Publication.objects.filter(pk=old.pk).update(channels=["web"])

    def publish(channel, day, hour=0, year=2026):
        sale = {
            "company_id": str(company.pk),
            "channels": [channel],
            "start_at": f"{year}-12-{day:02}T{hour:02}:00:00+01:00",
        }
        status, made = post(api(adv), publications, sale)
        assert status == 201, made
        return Publication.objects.get(pk=made["id"])

    # One that begins before the retirement, one between it and the late run, one that never does:
    # years ahead, because the database, whose clock nobody moves, keeps what has begun for it.
    begun, between = publish("field", 2), publish("partner", 3, 12)
    never = publish("telesales", 9, year=2090)
    assert remind().planned == 3 * told.filter(target_id=begun.pk).count() > 0
    plan(manager, product, "frozen", 1, reason="Refonte")
    plan(manager, product, "active", 2)
    plan(manager, product, "retired", 3, reason="Fin", exit_note="Support jusqu'en 2028.")

    def sweep():
        swept, reminded = apply_due_moves(), remind()
        return len(swept.applied), swept.failed, reminded.planned

    assert sweep() == (0, [], 0)
    today.move_to(late := datetime(2026, 12, 4, 6, tzinfo=UTC))
    before = told.count()
    assert sweep() == (3, [], 0)
    retired = datetime(2026, 12, 2, 23, tzinfo=UTC)  # the 3rd at midnight in Paris
    ends = {row.pk: row.end_at for row in Publication.objects.filter(product=product)}
    assert ends == {old.pk: retired, begun.pk: retired, between.pk: late}
    assert not Publication.objects.filter(pk=never.pk).exists()
    new = told.order_by("created_at", "pk")[before:]
    assert {row.kind for row in new if row.user == adv} == {
        *("product_frozen", "product_retired", "communication", "documents_archived"),
    }
    assert len([row for row in new if row.user == adv]) == 4
    count = told.count()
    # Once, however often it runs again.
    today.move_to(late + timedelta(minutes=1))
    assert sweep() == (0, [], 0)
    assert (told.count(), status_of(product)) == (count, "retired")
    dated = ProductTransition.objects.order_by("due_at").values_list("to_status", "due_at")
    assert [(to, due.isoformat()[:13]) for to, due in dated] == [
        ("frozen", "2026-11-30T23"),
        ("active", "2026-12-01T23"),
        ("retired", "2026-12-02T23"),
    ]


@pytest.mark.requirement("4-10", "C.1-05")
def test_a_retirement_ends_what_is_sold_and_keeps_its_plan(manager, product):
    running = Publication.objects.get(product_version__product=product)
    body = {"to": "retired", "reason": "Remplacé", "exit_note": "Support jusqu'en 2028."}
    status, answer = post(manager, f"products/{product.pk}/transition", body)
    assert (status, answer["renewals_allowed"], answer["replacement_id"]) == (201, False, None)
    running.refresh_from_db()
    assert running.end_at == NOW
    assert post(manager, f"products/{product.pk}/transition", {"to": "active"})[0] == 409
    move = ProductTransition.objects.get()
    for statement in (
        "UPDATE product_transition SET reason = 'Autre'",
        "UPDATE product_transition SET state = 'planned', settled_at = NULL",
        "DELETE FROM product_transition",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert ProductTransition.objects.get() == move


@pytest.mark.requirement("1-15", "4-10")
def test_the_product_page_plans_cancels_and_retires(browser_as, user_with, company, product):
    browser = browser_as(user_with(Role.CATALOG_MANAGER, company))
    page = reverse("admin:catalog_product_change", args=[product.pk])
    ProductFactory(company=company, sku="AP-VIE-009")
    move, retire, cancel = (
        page.replace("change", one) for one in ("move", "retire", "cancel-move")
    )
    refused = browser.post(move, {"to": "frozen"})
    assert "Un gel ou un retrait dit pourquoi." in refused.text
    date = {"at_0": "01/12/2026", "at_1": "00:00:00"}
    assert browser.post(move, {"to": "frozen", "reason": "Refonte", **date}).status_code == 302
    planned = ProductTransition.objects.get()
    assert planned.due_at == datetime(2026, 11, 30, 23, tzinfo=UTC)
    shown = browser.get(page).text
    assert "Refonte" in shown
    assert "Prévue" in shown
    assert "1er décembre 2026 00:00" in shown
    assert "01/12/2026 00:00" in browser.get(cancel).text
    assert browser.post(cancel, {"move": str(planned.pk)}).status_code == 302
    assert browser.get(cancel).status_code == 403  # nothing left to cancel
    foreign = browser.post(retire, {"reason": "Fin", "replacement": "INCONNU"})
    assert "La société n&#x27;a pas ce produit." in foreign.text
    # Left empty, each of the three is told beside its own box.
    empty = browser.post(retire, {})
    assert "Dites pourquoi ce produit est retiré." in beside(empty, "reason")
    assert "Dites ce que deviennent les clients" in beside(empty, "exit_note")
    assert "Cochez pour confirmer" in beside(empty, "confirmed")
    exit_plan = {"reason": "Fin", "replacement": "AP-VIE-009", "renewals_allowed": "on"}
    # No retirement without its plan, nor before it was confirmed (4-10).
    blank = browser.post(retire, exit_plan).text
    assert "Dites ce que deviennent les clients" in blank
    assert "Cochez pour confirmer" in blank
    assert status_of(product) == LifecycleStatus.ACTIVE
    exit_plan |= {"exit_note": "Support jusqu'au terme.", "confirmed": "on"}
    assert browser.post(retire, exit_plan).status_code == 302
    assert status_of(product) == LifecycleStatus.RETIRED
    made = ProductTransition.objects.get(state="applied")
    assert (made.replacement.sku, made.renewals_allowed) == ("AP-VIE-009", True)
    assert "Remplacé par AP-VIE-009. Renouvellements permis." in browser.get(page).text


@pytest.mark.requirement("4-09", "4-10", "D.3.5-02")
def test_the_pages_that_stop_a_sale_say_what_stops_and_who_is_told(
    browser_as, user_with, company, other_company, product
):
    version = product.versions.get()
    later = {"start_at": NOW + timedelta(days=9), "channels": ["web"]}
    PublicationFactory(product_version=version, company=other_company, **later)
    DocumentFactory(product_version=version, state="published", published_at=NOW, title="Notice")
    holder = VersionFactory(product__company=company)
    plan = PlanFactory(product_version=holder, bundle_kind="fixed", bundle_value=30)
    bundle = BundleComponentFactory(product=product, plan=plan)
    seller = user_with(Role.SALES, other_company)
    browser = browser_as(user_with(Role.CATALOG_MANAGER, company))
    base = reverse("admin:catalog_product_change", args=[product.pk])
    freeze, retire = (base.replace("change", one) for one in ("freeze", "retire"))
    sheet = reverse("product-sheet", args=[product.pk])

    shown = browser.get(retire).text
    for told in (
        *("Ce qui est vendu aujourd'hui", "Ce qui était prévu", "Notice (version 1)"),
        *("à partir du 4 décembre 2026", bundle.product_version.product.name),
    ):
        assert told in shown, told
    assert "Versions en préparation" not in shown
    draft = VersionFactory(product=product, version=2)
    VersionFactory(product=product, version=3, state="in_review")
    prepared = browser.get(retire).text
    for told in (
        "Version 2, brouillon",
        "Version 3, en validation",
        "ne pourront plus être envoyées",
    ):
        assert told in prepared, told
    draft.delete()
    assert shown.count(f"company-{other_company.code}") == 2  # what it was to sell, whom it tells
    assert f'action="{freeze}"' in browser.get(sheet).text

    # From the sheet: one click opens the box, one stops the sale.
    blank = browser.post(freeze, {"reason": " "})
    assert "Un gel ou un retrait dit pourquoi." in blank.text
    frozen = browser.post(freeze, {"reason": "Faille de sécurité"})
    assert (frozen.status_code, frozen.url) == (302, sheet)
    assert status_of(product) == LifecycleStatus.FROZEN
    assert "Faille de sécurité" in Notification.objects.get(user=seller).text
    # A second click finds it done: nothing is frozen, nor told, again.
    again = browser.post(freeze, {"reason": "Faille de sécurité"}, follow=True)
    assert again.redirect_chain == [(sheet, 302)]
    assert "est déjà gelée." in again.text
    assert Notification.objects.filter(user=seller).count() == 1
    assert f'action="{freeze}"' not in browser.get(sheet).text
    # What is frozen is not sold: the way to retire it says so.
    shown = browser.get(retire).text
    assert "Ce qui est vendu aujourd'hui" not in shown
    assert "Ce que le gel suspend" in shown
    accountant = browser_as(user_with(Role.ACCOUNTING, company))
    assert accountant.get(retire).status_code == 403
