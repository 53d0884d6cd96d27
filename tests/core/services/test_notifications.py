"""What people are told: once, within their rights of then and of now, on the page and by e-mail."""

import pytest
from django.core import mail
from django.db import transaction
from django.db.utils import DatabaseError
from django.urls import reverse

from tests.factories import ProductFactory, RiskFactory, UserFactory
from winvest.core.choices import NotificationKind
from winvest.core.clock import now
from winvest.core.domain.roles import Action, Role
from winvest.core.models import Membership, MembershipRisk, Notification
from winvest.core.permissions import RIGHTS
from winvest.core.selectors.holders import holders
from winvest.core.services.notifications import mail_notifications, notify

pytestmark = pytest.mark.usefixtures("everything")
API = "/api/catalog/notifications"


@pytest.fixture
def product(company):
    return ProductFactory(company=company, sku="AP-BOX-001")


@pytest.fixture
def tell(company, product):
    """Return a function that tells of the product."""

    def run(**changes):
        return notify(
            **{
                "kind": NotificationKind.DOCUMENT_MISSING,
                "action": Action.APPROVE_COMPLIANCE,
                "company_id": company.pk,
                "risk_id": product.risk_id,
                "target": "catalog_product",
                "target_id": product.pk,
                "title": "AP-BOX-001 :\n CG manquantes",
                "text": "À fournir.",
                **changes,
            }
        )

    return run


def people():
    return set(Notification.objects.values_list("user", flat=True))


@pytest.mark.requirement("B.4-06", "E.3-03")
def test_told_are_those_whose_rights_open_it_once(tell, company, other_company, user_with):
    lawyer, adv, everyone = (
        *(user_with(role, company) for role in (Role.LEGAL, Role.ADV)),
        {role: user_with(role, company) for role in Role if role != Role.GROUP_ADMIN},
    )
    user_with(Role.LEGAL, other_company)
    gone = user_with(Role.LEGAL, company)
    gone.is_active = False
    gone.save()
    service = UserFactory(is_service=True)
    Membership.objects.create(user=service, company=company, role=Role.LEGAL)
    told = {lawyer.pk, adv.pk, everyone[Role.LEGAL].pk, everyone[Role.ADV].pk}
    assert tell() == 4
    assert people() == told
    tell()
    assert Notification.objects.count() == 4
    assert Notification.objects.first().title == "AP-BOX-001 : CG manquantes"
    # The roles that are asked for never widen the right.
    assert tell(key="2", roles={Role.LEGAL, Role.SALES}, without={lawyer.pk}) == 1
    assert tell(key="3", only={adv.pk, everyone[Role.SALES].pk}) == 1
    assert tell(key="4", roles={Role.SALES}) == 0


@pytest.mark.requirement("3.8-13")
def test_a_family_that_is_closed_is_told_nothing(
    tell, company, product, user_with, api, browser_as
):
    inside, outside = (
        RiskFactory(company=company, parent=product.risk),
        RiskFactory(company=company),
    )
    limited = [user_with(Role.LEGAL, company) for _ in range(2)]
    for user, risk in zip(limited, (product.risk, outside), strict=True):
        member = Membership.objects.get(user=user)
        MembershipRisk.objects.create(membership=member, company=company, risk_id=risk.pk)
    assert set(holders(RIGHTS[Action.APPROVE_COMPLIANCE], company.pk, inside.pk)) == {limited[0].pk}
    tell()
    assert people() == {limited[0].pk}
    assert len(api(limited[0]).get(API).json()["results"]) == 1
    waiting, home = '<span class="menu-count" title="Non lues">1</span>', reverse("catalogue")
    assert waiting in browser_as(limited[0]).get(home).text
    MembershipRisk.objects.filter(membership__user=limited[0]).update(risk_id=outside.pk)
    assert api(limited[0]).get(API).json()["results"] == []
    assert "Non lues" not in browser_as(limited[0]).get(home).text


@pytest.mark.requirement("B.4-06")
def test_one_reads_ones_own_and_a_revoked_role_takes_it_along(
    tell, company, user_with, api, browser_as
):
    lawyer, other = (user_with(Role.LEGAL, company) for _ in range(2))
    Membership.objects.create(user=lawyer, company=company, role=Role.SALES)
    tell(), tell(key="2", kind=NotificationKind.DOCUMENT_EXPIRING)
    client, browser = api(lawyer), browser_as(lawyer)
    (first, _) = client.get(API).json()["results"]
    theirs = Notification.objects.filter(user=other).first()

    def read(pk):
        return client.post(f"{API}/{pk}/read", {}, content_type="application/json")

    assert read(theirs.pk).status_code == 404
    answer, again = read(first["id"]).json(), read(first["id"]).json()
    assert answer["read_at"] == again["read_at"] is not None
    for query, number in (("unread=true", 1), ("unread=false", 1), ("kind=document_missing", 1)):
        assert len(client.get(f"{API}?{query}").json()["results"]) == number, query
    assert client.get(f"{API}?unread=peut-etre").status_code == 422
    page = reverse("admin:core_notification_changelist")
    shown = browser.get(page).text
    assert shown.count("AP-BOX-001 : CG manquantes") == 2
    reading = reverse("admin:core_notification_read")
    one = Notification.objects.filter(user=lawyer, read_at=None).get()
    filtered = browser.get(f"{page}?etat=lues").text
    assert filtered.count("AP-BOX-001 : CG manquantes") == 1
    assert f'name="pk" value="{one.pk}"' in browser.get(f"{page}?etat=a-lire").text
    done = browser.post(f"{reading}?etat=a-lire", {"pk": [theirs.pk, "rien"]}, follow=True)
    assert "Aucune notification n&#x27;était à lire." in done.text
    assert done.redirect_chain == [(f"{page}?etat=a-lire", 302)]
    ids = list(Notification.objects.values_list("pk", flat=True))
    browser.post(page, {"action": "mark_as_read", "_selected_action": ids})
    assert Notification.objects.filter(read_at=None).count() == 2  # the other's stay
    tell(key="3"), tell(key="4")
    done = browser.post(reading, {"all": "1"}, follow=True).text
    assert "2 notifications marquées comme lues." in done
    assert set(Notification.objects.filter(read_at=None).values_list("user")) == {(other.pk,)}
    assert "Aucune notification ne répond" in browser.get(f"{page}?etat=a-lire").text
    change = reverse("admin:core_notification_change", args=[first["id"]])
    assert "À fournir." in browser.get(change).text
    foreign = reverse("admin:core_notification_change", args=[theirs.pk])
    assert browser.get(foreign).status_code == 404
    Membership.objects.filter(user=lawyer, role=Role.LEGAL).delete()
    assert api(lawyer).get(API).json()["results"] == []
    assert "CG manquantes" not in browser.get(page).text
    assert browser.get(change).status_code == 404


@pytest.mark.requirement("B.4-06")
def test_e_mails_leave_within_the_rights_of_the_moment(
    tell, company, user_with, django_capture_on_commit_callbacks, monkeypatch
):
    lawyer, revoked = (user_with(Role.LEGAL, company) for _ in range(2))
    with django_capture_on_commit_callbacks() as after:
        tell()
    assert len(after) == 1
    Membership.objects.filter(user=revoked).delete()
    assert (mail_notifications(), mail_notifications()) == (1, 0)
    (message,) = mail.outbox
    assert (message.to, message.subject) == (
        *([lawyer.email], "[Winvest] AP-BOX-001 : CG manquantes"),
    )
    assert f"/core/notification/{Notification.objects.get(user=lawyer).pk}/open/" in message.body
    states = dict(Notification.objects.values_list("user", "mail"))
    assert states == {lawyer.pk: "sent", revoked.pk: "withheld"}
    with pytest.raises(DatabaseError, match="what was said is not changed"), transaction.atomic():
        Notification.objects.update(title="Autre chose")


def test_a_mail_server_that_is_down_is_asked_again(tell, company, user_with, settings):
    user_with(Role.LEGAL, company)
    tell()
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert mail_notifications() == 0
    assert Notification.objects.get().mail == "queued"
    settings.EMAIL_BACKEND = backend
    assert mail_notifications() == 1


@pytest.mark.requirement("E.3-03")
def test_the_menu_counts_those_that_wait(tell, company, user_with, browser_as):
    lawyer, other = user_with(Role.LEGAL, company), user_with(Role.IT, company)
    browser = browser_as(lawyer)
    home = reverse("catalogue")

    def shown(count):
        return f'<span class="menu-count" title="Non lues">{count}</span>'

    assert "Non lues" not in browser.get(home).text
    for number in range(2):
        tell(key=str(number))
    assert shown("2") in browser.get(home).text
    assert "Non lues" not in browser_as(other).get(home).text
    Notification.objects.filter(key="0").update(read_at=now())
    assert shown("1") in browser.get(home).text
    for number in range(2, 110):
        tell(key=str(number))
    assert shown("99+") in browser.get(home).text
    Membership.objects.filter(user=lawyer).delete()
    assert "Non lues" not in browser.get(home).text


@pytest.mark.requirement("4-10", "E.3-03")
def test_the_link_of_an_e_mail_lands_where_it_is_about(
    tell, company, other_company, product, user_with, browser_as, client
):
    lawyer = user_with(Role.LEGAL, company, other_company)
    lawyer.set_password("mot-de-passe-sûr-1")
    lawyer.save()
    tell()
    mail_notifications()
    told = Notification.objects.get(user=lawyer)
    link = mail.outbox[-1].body.split()[-1]
    path = link[link.index("/core/") :]

    # Asked to sign in first, one lands there; what was opened is read.
    asked = client.get(path)
    assert (asked.status_code, "/login/?next=" in asked.url) == (302, True)
    signed = {"username": lawyer.email, "password": "mot-de-passe-sûr-1"}
    form = client.get(asked.url)
    landed = client.post(asked.url, signed | {"next": form.context["next"]}, follow=True)
    change = reverse("admin:catalog_product_change", args=[product.pk])
    assert (landed.status_code, landed.redirect_chain[-1][0]) == (200, change)
    told.refresh_from_db()
    assert told.read_at is not None

    # Another company was chosen: the one of the notification takes its place, and it is said.
    browser = browser_as(lawyer)
    browser.post(reverse("admin:switch-company"), {"company": other_company.code})
    switched = browser.get(path, follow=True)
    assert switched.redirect_chain[-1][0] == change
    assert f"la société {company.brand_name}" in switched.text
    assert browser.session["company"] == company.code

    # Somebody else's: kindly refused, whether it exists or not.
    other = browser_as(user_with(Role.ADV, company))
    refused = other.get(path)
    assert refused.status_code == 404
    assert "Cette notification n'est pas à vous" in refused.text
