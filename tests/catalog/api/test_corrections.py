"""What was changed in place since is still answered as it was known (domain.md §1, decision 6).

By the clock of the database: nobody travels here.
"""

from datetime import timedelta

import pytest

from catalog.models import IndexValue, Publication
from tests.support.calls import API, count_of, send
from tests.support.offers import make_released
from tests.support.publishable import make_publishable
from winvest.core.clock import now
from winvest.core.domain.roles import Role
from winvest.core.models import VatRate

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]


def said(moment):
    return moment.isoformat().replace("+00:00", "Z")


@pytest.fixture
def clients(api, user_with, company):
    roles = (Role.CATALOG_MANAGER, Role.ADV)
    return {role: api(user_with(role, company)) for role in roles} | {
        Role.GROUP_ADMIN: api(user_with(Role.GROUP_ADMIN))
    }


@pytest.mark.requirement("1-14", "5-02")
def test_a_rate_corrected_or_erased_is_known_as_it_was(clients, company):
    version = make_released(company=company, sku="AP-1", plans={"A": "10"})
    address = f"{API}/versions/{version.pk}/pricing-rules"
    past = said(version.effective_from + timedelta(seconds=1))

    def rate(known_at=None):
        asked = {"as_of": past} | ({"known_at": said(known_at)} if known_at else {})
        (row,) = clients[Role.CATALOG_MANAGER].get(address, asked).json()["results"]
        return row["tax_rate"]

    code = version.pricing_rules.get().tax_code
    rates = VatRate.objects.filter(code=code, country="FR")
    was, first = rate(), now()
    rates.update(rate=19)  # in bulk, as a hand in SQL would
    second = now()
    assert (rate(), rate(first), rate(second)) == ("19.00", was, "19.00")
    rates.delete()
    assert (rate(), rate(first), rate(second)) == (None, was, "19.00")


@pytest.mark.requirement("1-14", "5-02", "2.1-publication-01")
def test_a_publication_that_runs_is_read_as_it_stood(clients, company):
    version = make_publishable(make_released(company=company, sku="AP-1", plans={"A": "10"}))
    row, product = version.publications.get(), version.product_id
    Publication.objects.filter(pk=row.pk).update(channels=["telesales", "web"])
    adv, manager = clients[Role.ADV], clients[Role.CATALOG_MANAGER]
    before = now()
    changes = {"channels": ["web"], "conditions": "Sur accord"}
    assert send(adv, "patch", f"{API}/publications/{row.pk}", changes)[0] == 200
    between = now()
    end = {"reason": "Fin", "at": said(now() + timedelta(days=9))}
    assert send(adv, "post", f"{API}/publications/{row.pk}/unpublish", end)[0] == 200
    after = now()

    def stood(**moment):
        asked = {name: said(at) for name, at in moment.items()}
        listed = manager.get(f"{API}/versions/{version.pk}/publications", asked).json()["results"]
        held = manager.get(f"{API}/products/{product}", asked).json()["versions"][0]
        assert [one["channels"] for one in held["publications"]] == [
            one["channels"] for one in listed
        ]
        return [(one["channels"], one["conditions"], one["end_at"] is None) for one in listed]

    whole, web = (["telesales", "web"], None, True), (["web"], "Sur accord", True)
    assert stood(known_at=before) == stood(as_of=before, known_at=after) == [whole]
    assert stood(as_of=before) == [whole]  # a change holds from its own instant on
    assert stood(known_at=between) == [web]
    assert stood(as_of=after) == [(*web[:2], False)]
    later = now() + timedelta(days=20)
    assert stood(as_of=later, known_at=between) == [web]
    assert stood(as_of=later) == []

    def on(channel, known_at):
        asked = {"known_at": said(known_at)}
        counted = count_of(manager, "channel", channel, asked)
        asked["channel"] = channel
        assert counted == len(manager.get(f"{API}/products", asked).json()["results"])
        return counted

    assert [on("telesales", at) for at in (before, between)] == [1, 0]
    assert [on("web", at) for at in (before, between)] == [1, 1]


@pytest.mark.requirement("1-14", "2.2-04")
def test_an_index_corrected_is_known_as_it_was(clients, company):
    admin = clients[Role.GROUP_ADMIN]
    made = [
        send(admin, "post", f"{API}/index-values", {"index": "energy", "valid_on": day, "value": v})
        for day, v in (("2026-01-01", 100), ("2026-03-01", 110))
    ]
    assert [status for status, _ in made] == [201, 201]
    row = made[0][1]
    before = now()
    assert send(admin, "patch", f"{API}/index-values/{row['id']}", {"value": 120})[0] == 200

    def values(**moment):
        asked = {"index": "energy"} | {name: said(at) for name, at in moment.items()}
        listed = admin.get(f"{API}/index-values", asked).json()["results"]
        return [one["value"] for one in listed]

    february = before.replace(year=2026, month=2, day=10)

    def one(**moment):
        answer = admin.get(
            f"{API}/index-values/{row['id']}", {name: said(at) for name, at in moment.items()}
        )
        return answer.json()["value"] if answer.status_code == 200 else answer.status_code

    assert (one(), one(as_of=february), one(as_of=february, known_at=before)) == (
        *("120", "120"),
        "100",
    )
    assert one(as_of=before) == 404  # another value runs by then
    fine = {"index": "energy", "valid_on": "2026-04-01", "value": "112.123456"}
    assert send(admin, "post", f"{API}/index-values", fine)[1]["value"] == "112.123456"
    IndexValue.objects.filter(valid_on="2026-04-01").delete()
    assert values() == ["120", "110"]
    assert values(as_of=february) == ["120"]
    assert values(as_of=february, known_at=before) == ["100"]
    assert values(known_at=before) == ["110"]
    first = IndexValue.objects.order_by("created_at").first().created_at
    assert values(as_of=february, known_at=first - timedelta(seconds=1)) == []
