"""Finding a line of the journal: by its day as French people write it, by whoever acted (3.8-07, 3.8-08)."""

import csv
import io
from zoneinfo import ZoneInfo

import pytest

from tests.factories import BrandFactory
from winvest.core.domain.roles import Role
from winvest.core.models import AuditEntry, Membership
from winvest.core.transaction import transaction

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("everything"),
    pytest.mark.requirement("3.8-07", "3.8-08"),
]
LIST = "/core/auditentry/"


def names(browser, **asked):
    answer = browser.get(f"{LIST}export/", {"table": "brand", **asked})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return [row["Désignation"] for row in csv.DictReader(io.StringIO(text), delimiter=";")]


def test_a_day_is_the_whole_of_it_and_is_read_as_french_people_write_it(
    company, user_with, browser_as
):
    BrandFactory(company=company, name="Marque du jour")
    at = AuditEntry.objects.get(table="brand").at.astimezone(ZoneInfo("Europe/Paris"))
    browser = browser_as(user_with(Role.AUDITOR, company))
    today, hour = f"{at:%d/%m/%Y}", f"{at:%H:%M}"
    for found in (
        {"at_from_0": today, "at_to_0": today},
        {"at_from_0": f"{at:%Y-%m-%d}"},
        {"at_from_0": today, "at_from_1": hour, "at_to_0": today, "at_to_1": hour},
    ):
        assert names(browser, **found) == ["Marque du jour"], found
        assert "Marque du jour" in browser.get(LIST, {"table": "brand", **found}).text
    for empty in (
        {"at_to_0": "28/02/2020"},
        {"at_from_0": f"05/12/{at.year + 1}"},
        {"at_from_0": f"12/11/{at.year + 1}", "at_from_1": "00:00"},
    ):
        assert names(browser, **empty) == [], empty


@pytest.mark.parametrize(
    "wrong",
    [
        {"at_from_0": "32/13/2026"},
        {"at_to_0": "hier"},
        {"at_from_1": "12:00"},
        {"at_from_0": "02/01/2026", "at_to_0": "01/01/2026"},
    ],
)
def test_what_is_no_date_is_told_and_finds_nothing(wrong, company, user_with, browser_as):
    BrandFactory(company=company, name="Marque du jour")
    browser = browser_as(user_with(Role.AUDITOR, company))
    page = browser.get(LIST, {"table": "brand", **wrong}).text
    assert "Marque du jour" not in page
    # No file answers to it: the list is shown, which says why.
    file = browser.get(f"{LIST}export/", {"table": "brand", **wrong}, follow=True)
    assert file.redirect_chain[0][0].startswith(f"{LIST}?table=brand")
    assert file.text.count("Filtre par date") == 1
    assert "Exemple : 28/11/2026" in page


def test_whoever_acted_is_found_by_his_name_wherever_his_role_is(
    company, other_company, user_with, browser_as
):
    admin = user_with(Role.GROUP_ADMIN)
    admin.name = "Aline Groupe"
    admin.save()
    for owner in (company, other_company):
        brand = BrandFactory(company=owner, name=f"Avant {owner.code}")
        brand.name = f"Après {owner.code}"
        with transaction(admin, owner.pk):
            brand.save()
    browser = browser_as(user_with(Role.AUDITOR, company))
    assert names(browser, q="Aline Groupe") == [f"Après {company.code}"]
    assert names(browser, actor=str(admin.pk)) == [f"Après {company.code}"]
    # Who left the company is found all the same.
    Membership.objects.filter(user=admin).delete()
    assert names(browser, q="aline") == [f"Après {company.code}"]


def test_the_kinds_of_rows_are_sorted_as_a_french_reader_expects(user_with, browser_as):
    page = (
        browser_as(user_with(Role.GROUP_ADMIN))
        .get(LIST, headers={"HX-Request": "true", "HX-Target": "filter-panel"})
        .text
    )
    places = [
        page.index(f'title="{one}"')
        for one in ("Accès API", "Accord de vente", "Écriture", "Mapping comptable")
    ]
    assert places == sorted(places)
