"""The caller of the hot path is the one that every other path reads: same account, same rights."""

from datetime import timedelta

import pytest

from tests.factories import RiskFactory
from winvest.core.clock import now
from winvest.core.domain.roles import Role
from winvest.core.models import ApiToken, Membership, MembershipRisk, User
from winvest.core.models.access import hash_token
from winvest.core.permissions import access_of
from winvest.core.selectors.callers import read_token

pytestmark = pytest.mark.usefixtures("everything", "db")
QUOTE = "/api/catalog/pricing/quote"


def token_of(user, **fields):
    token, secret = ApiToken.draw(user=user, name="essai", **fields)
    token.save()
    return secret


@pytest.mark.requirement("3.8-01", "3.8-13")
def test_the_same_account_and_the_same_rights(user_with, company, other_company):
    limited = user_with(Role.CATALOG_MANAGER, company, other_company)
    held = Membership.objects.filter(user=limited, company=company).get()
    parent = RiskFactory(company=company)
    RiskFactory(company=company, parent=parent)
    MembershipRisk.objects.create(membership=held, risk_id=parent.pk)
    nobody = user_with(Role.SALES, company)
    nobody.memberships.all().delete()
    for user in (user_with(Role.SALES, company), user_with(Role.GROUP_ADMIN), limited, nobody):
        secret = token_of(user)
        read = read_token(hash_token(secret))
        plain = ApiToken.objects.select_related("user").get(digest=hash_token(secret))
        for one, other in ((read, plain), (read.user, plain.user)):
            fields = [field.attname for field in one._meta.concrete_fields]
            assert {name: getattr(one, name) for name in fields} == {
                name: getattr(other, name) for name in fields
            }
        assert access_of(read.user) == access_of(User.objects.get(pk=user.pk))
    assert read_token(hash_token("wv_faux")) is None


@pytest.mark.requirement("G.2-03")
def test_no_other_token_opens_the_quote(api, user_with, company, client):
    user = user_with(Role.SALES, company)
    past = now() - timedelta(seconds=1)
    asleep = user_with(Role.SALES, company)
    asleep.is_active = False
    asleep.save()
    for secret in (
        "wv_faux",
        token_of(user, expires_at=past),
        token_of(user, revoked_at=past),
        token_of(asleep),
    ):
        answer = client.post(
            QUOTE,
            {"company_id": str(company.pk)},
            content_type="application/json",
            headers={"authorization": f"Bearer {secret}"},
        )
        assert answer.status_code == 401
    caller = api(user)
    body = {"company_id": str(company.pk)}
    assert caller.post(QUOTE, body, content_type="application/json").status_code == 422
    user.memberships.all().delete()
    assert caller.post(QUOTE, body, content_type="application/json").status_code == 404
