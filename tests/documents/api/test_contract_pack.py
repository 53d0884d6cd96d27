"""`versions/{id}/contract-pack`: what is joined to a contract, and what it lacks (3.5-05, B.3-03)."""

from datetime import UTC, date, datetime
from hashlib import sha256

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse

from catalog.models import Risk
from documents.models import DocumentRequirement, DocumentType, ProductDocument
from tests.factories import (
    BillingFactory,
    ProductFactory,
    PublicationFactory,
    RiskFactory,
    SaleAgreementFactory,
    VersionFactory,
)
from tests.support.calls import VERSIONS, errors, send
from tests.support.offers import make_released
from tests.support.publishable import add_document
from tests.support.query_counts import check_query_count
from winvest.core.domain.roles import Role
from winvest.core.models import Notification

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]

NOON = datetime(2026, 11, 27, 11, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def adv(api, user_with, company):
    return api(user_with(Role.ADV, company))


def of_family(company, family, **more):
    risk = Risk.objects.get(code=family, is_global=True)
    return VersionFactory(product=ProductFactory(company=company, risk=risk), **more)


def pack(client, version, channel="web"):
    status, told = send(client, "get", f"{VERSIONS}/{version.pk}/contract-pack?channel={channel}")
    assert status == 200, told
    return told


def joined(told):
    return {one["type"]: one["required"] for one in told["documents"]}


@pytest.mark.requirement("3.5-05", "10-02", "B.4-01")
def test_a_contract_is_joined_what_its_version_and_channel_ask_for(adv, company, clock):
    version = of_family(company, "SANTE")
    told = pack(adv, version)
    assert (told["complete"], told["documents"]) == (False, [])
    assert [(one["code"], one["ground"]) for one in told["missing"]] == [
        ("documents.missing", "B.2.1, B.3, B.8")
    ] * 2
    general = add_document(version, "CG", valid_until=date(2026, 11, 27), title="Conditions")
    add_document(version, "DIPA", state="draft", published_at=None)
    # Particular conditions are each contract's own (D-02), a script is ours, a question is nobody's.
    for kind in ("CP", "SCRIPT", "FAQ", "NOTICE"):
        add_document(version, kind, mandatory=kind == "SCRIPT")
    add_document(version, "FIP", channels=["field"])
    told = pack(adv, version)
    assert joined(told) == {"CG": True, "NOTICE": False}
    assert [(one["code"], one["message"]) for one in told["missing"]] == [
        (
            "documents.not_published",
            "Le document « Document d'information sur le produit d'assurance » est déposé, mais "
            "pas publié.",
        )
    ]
    (shown,) = (one for one in told["documents"] if one["type"] == "CG")
    assert shown["file_hash"] == general.file_hash
    assert (shown["title"], shown["valid_until"]) == ("Conditions", "2026-11-27")
    assert shown["size"] == general.size
    assert _digest(adv.get(shown["download_url"])) == general.file_hash
    assert joined(pack(adv, version, "field")) == {"CG": True, "FIP": False, "NOTICE": False}

    # Its last day is over at midnight in the company's zone.
    clock.move_to(datetime(2026, 11, 27, 22, 59, tzinfo=UTC))
    assert "CG" in joined(pack(adv, version))
    clock.move_to(datetime(2026, 11, 27, 23, tzinfo=UTC))
    told = pack(adv, version)
    assert "CG" not in joined(told)
    assert {one["code"] for one in told["missing"]} == {
        "documents.expired",
        "documents.not_published",
    }


def _digest(answer):
    return "sha256:" + sha256(b"".join(answer.streaming_content)).hexdigest()


@pytest.mark.requirement("B.3-01", "B.3-02", "B.3-03", "B.2.1-04", "B.2.1-05", "B.8-04")
def test_what_is_required_differs_by_channel_and_condition(adv, company):
    version = of_family(company, "OTT")
    for kind in ("CGU", "CGA", "CHARTE"):
        add_document(version, kind)
    assert pack(adv, version)["complete"] is True
    assert [one["message"] for one in pack(adv, version, "telesales")["missing"]] == [
        "Il manque le document « Conditions générales de vente »."
    ]
    # What the author makes compulsory on a channel, and the mandate that the billing names.
    add_document(version, "CGV", mandatory=True, channels=["web"], state="draft", published_at=None)
    BillingFactory(product_version=version, payment_method="sepa", mandate_template="MANDAT")
    told = pack(adv, version)
    assert [(one["code"], one["ground"]) for one in told["missing"]] == [
        ("documents.not_published", "§2.1 : document obligatoire de la version."),
        ("documents.missing", "§3.6 : gabarit de la facturation."),
    ]
    # A condition that is put on is required.
    insurance = of_family(company, "PREVOYANCE")
    for kind in ("DIPA", "CG", "NOTICE"):
        add_document(insurance, kind)
    assert joined(pack(adv, insurance)) == {"DIPA": True, "CG": True, "NOTICE": False}
    DocumentRequirement.objects.filter(
        family__code="PREVOYANCE", document_type__code="NOTICE"
    ).update(is_active=True)
    assert joined(pack(adv, insurance)) == {"DIPA": True, "CG": True, "NOTICE": True}
    # A family that asks for nothing still shows general conditions on the web (A.4).
    bare = VersionFactory(
        product=ProductFactory(company=company, risk=RiskFactory(company=company))
    )
    assert [one["code"] for one in pack(adv, bare)["missing"]] == ["documents.web_floor"]
    assert pack(adv, bare, "field")["complete"] is True
    add_document(bare, "CGV")
    assert joined(pack(adv, bare)) == {"CGV": False}


@pytest.mark.requirement("B.4-01", "B.7-03", "3.5-05")
def test_a_pack_whose_file_changed_or_is_lost_is_not_complete(
    adv, company, user_with, browser_as, clock
):
    version = of_family(company, "OTT")
    kept = {kind: add_document(version, kind) for kind in ("CGU", "CGA", "CHARTE")}
    row = kept["CGA"]
    with default_storage.open(row.file_url) as file:
        content = file.read()
    page = reverse("admin:catalog_productversion_contract_pack", args=[version.pk])
    lawyer = browser_as(user_with(Role.LEGAL, company))
    for spoilt in (content + b"%", None):
        default_storage.delete(row.file_url)
        if spoilt is not None:
            default_storage.save(row.file_url, ContentFile(spoilt))
        told = pack(adv, version)
        assert (told["complete"], set(joined(told))) == (False, {"CGU", "CHARTE"})
        assert [(one["code"], one["owner"]) for one in told["missing"]] == [
            ("documents.hash_mismatch", "IT")
        ]
        download = reverse("api-document-download", args=[row.pk])
        assert adv.get(download).status_code == 409
        shown = lawyer.get(f"{lawyer.get(page)['Location']}?channel=web").text
        assert "a changé ou n&#x27;est plus là" in shown
    # ADV, the jurist and IT are told of each fault once, as by a download.
    assert Notification.objects.filter(kind="document_altered").count() == 2 * 2
    default_storage.save(row.file_url, ContentFile(content))
    assert pack(adv, version)["complete"] is True


def test_a_channel_is_named_known_and_sold(adv, company):
    version = VersionFactory(product__company=company, channels=["field"])
    address = f"{VERSIONS}/{version.pk}/contract-pack"
    for query, code in (
        ("", "required"),
        ("?channel=moon", "invalid_choice"),
        ("?channel=field&at=2026", "unknown_field"),
        ("?channel=web", "contract_pack.channel"),
    ):
        answer = send(adv, "get", f"{address}{query}")
        assert answer[0] == 422, answer
        assert code in str(answer[1]), answer
    assert errors(answer[1]) == {("channel", "contract_pack.channel")}


@pytest.mark.requirement("3.5-04", "G.2-03")
def test_sellers_read_the_pack_of_what_they_sell_and_strangers_nothing(
    adv, api, user_with, company, other_company
):
    owned = RiskFactory(company=company, code="MAISON", label="Maison", parent=_family("SERVICES"))
    version = make_released(company=company, sku="AP-9", plans={"A": "1.00"}, risk=owned)
    for kind in ("CGV", "NOTICE"):
        add_document(version, kind)
    add_document(version, "DIPA", state="draft", published_at=None, mandatory=False)
    draft = VersionFactory(product=version.product, version=2)
    assert joined(pack(api(user_with(Role.SALES, company)), version)) == {
        "CGV": True,
        "NOTICE": True,
    }
    seller = api(user_with(Role.SALES, other_company))
    address = f"{VERSIONS}/{version.pk}/contract-pack?channel=web"
    assert send(seller, "get", address)[0] == 404
    SaleAgreementFactory(product=version.product, seller=other_company)
    PublicationFactory(product_version=version, company=other_company, channels=["web"])
    assert pack(seller, version) == pack(adv, version)
    hidden = f"{VERSIONS}/{draft.pk}/contract-pack?channel=web"
    assert send(api(user_with(Role.SALES, company)), "get", hidden)[0] == 404
    assert send(seller, "get", hidden)[0] == 404
    for document in pack(seller, version)["documents"]:
        assert _digest(seller.get(document["download_url"])) == document["file_hash"]


def _family(code):
    return Risk.objects.get(code=code, is_global=True)


def test_a_pack_asks_as_many_questions_of_many_documents(adv, company):
    version = VersionFactory(product__company=company)
    kinds = iter(range(100))

    def add(rows):
        for _ in range(rows):
            number = next(kinds)
            code = f"Z{chr(65 + number // 26)}{chr(65 + number % 26)}"
            DocumentType.objects.create(code=code, label=f"Type {number}", is_legal=True)
            add_document(version, code)

    address = f"{VERSIONS}/{version.pk}/contract-pack?channel=field"
    check_query_count("api versions/{id}/contract-pack", lambda: send(adv, "get", address), add)
    assert len(pack(adv, version, "field")["documents"]) == ProductDocument.objects.count()


@pytest.mark.requirement("3.5-05")
def test_the_version_s_page_leads_to_its_pack(company, other_company, user_with, browser_as):
    version = of_family(company, "OTT")
    for kind in ("CGU", "CGA", "CHARTE"):
        add_document(version, kind, title=f"Texte {kind}")
    lawyer = browser_as(user_with(Role.LEGAL, company))
    shown = lawyer.get(reverse("admin:catalog_productversion_change", args=[version.pk]))
    button = reverse("admin:catalog_productversion_contract_pack", args=[version.pk])
    assert button in shown.content.decode()
    address = lawyer.get(button)["Location"]
    text = lawyer.get(f"{address}?channel=web").content.decode()
    assert "Rien ne manque aux contrats de ce canal." in text
    assert all(f"Texte {kind}" in text for kind in ("CGU", "CGA", "CHARTE"))
    text = lawyer.get(f"{address}?channel=telesales").content.decode()
    assert "Il manque le document « Conditions générales de vente »." in text
    assert "Déposer un document" in text
    auditor = browser_as(user_with(Role.AUDITOR, company))
    assert "Déposer un document" not in auditor.get(address).content.decode()
    assert browser_as(user_with(Role.LEGAL, other_company)).get(address).status_code == 404
    assert browser_as(user_with(Role.SALES, company)).get(address).status_code == 403
