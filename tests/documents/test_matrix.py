"""What each family asks for on each channel before it is sold (B.2, B.3, B.8; reading D-02)."""

import pytest

from catalog.models import Risk
from documents.models import DocumentType
from tests.factories import ProductFactory, VersionFactory
from tests.support.calls import VERSIONS, send
from tests.support.publishable import add_document
from winvest.core.domain.roles import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]

EVERYWHERE = {
    "SANTE": {"DIPA", "CG"},
    "PREVOYANCE": {"DIPA", "CG"},
    "OBSEQUES": {"DIPA", "CG"},
    "ASSISTANCE": {"DIPA", "CG"},
    "TELECOM": {"CGV", "MANDAT", "RGPD"},
    "ENERGIE": {"COND_STD", "NOTICE_TARIF", "MENTIONS"},
    "OTT": {"CGU", "CGA", "CHARTE"},
    "SERVICES": {"CGV", "NOTICE"},
}
BY_CHANNEL = {("OTT", "telesales"): {"CGV"}, ("OTT", "field"): {"CGV"}}
CASES = [
    (family, channel)
    for family in EVERYWHERE
    for channel in ("web", "field", "telesales", "partner")
]


@pytest.fixture
def adv(api, user_with, company):
    return api(user_with(Role.ADV, company))


def lacking(adv, version, channel):
    """Return the types that the checklist says are missing."""
    address = f"{VERSIONS}/{version.pk}/problems?channels={channel}"
    labels = {kind.label: kind.code for kind in DocumentType.objects.all()}
    return {
        labels[one["message"].split("« ")[1].split(" »")[0]]
        for one in send(adv, "get", address)[1]["problems"]
        if one["code"] == "documents.missing" and one["blocking"]
    }


@pytest.mark.requirement(
    *("B.1-02", "B.1-03", "B.2.1-01", "B.2.1-02", "B.2.2-01", "B.2.2-03", "B.2.3-01", "B.2.3-02"),
    *("B.2.3-03", "B.2.4-01", "B.2.4-02", "B.2.4-03", "B.2.5-01", "B.2.5-02", "B.8-01", "B.8-02"),
    *("B.8-03", "B.8-04", "B.8-05", "13-10", "3.1-13"),
)
@pytest.mark.parametrize(("family", "channel"), CASES)
def test_a_family_asks_for_its_documents_on_each_channel(adv, company, family, channel):
    risk = Risk.objects.get(code=family, is_global=True)
    version = VersionFactory(product=ProductFactory(company=company, risk=risk))
    wanted = EVERYWHERE[family] | BY_CHANNEL.get((family, channel), set())
    assert lacking(adv, version, channel) == wanted
    for kind in wanted:
        add_document(version, kind)
    assert lacking(adv, version, channel) == set()


@pytest.mark.requirement(
    *("1-16", "B.2.1-03", "B.2.1-04", "B.2.1-05", "B.2.1-06", "B.2.2-02", "B.2.2-04", "B.4-02")
)
def test_every_type_of_the_specification_is_known(db):
    codes = set(DocumentType.objects.values_list("code", flat=True))
    assert codes >= {
        *("DIPA", "CG", "CP", "FIP", "CGV", "CGU", "NOTICE", "SCRIPT", "TARIF"),
        *("MENTIONS", "CP_ABO", "RGPD", "CHARTE", "MANDAT", "CGA"),
    }
