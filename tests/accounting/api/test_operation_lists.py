"""Operations and entries, listed."""

import itertools

import pytest

from tests.support.operations import URL, post
from tests.support.query_counts import check_query_count
from winvest.core.domain.roles import Role


@pytest.mark.django_db
class TestReading:
    """Operations and entries are listed for who may see them."""

    @pytest.mark.requirement("F.1-04")
    def test_from_the_entry_to_the_version(self, module, box, body):
        post(module, body())
        answer = module.get("/api/catalog/entries", {"period": "2025-10"})
        [entry] = answer.json()["results"]
        assert entry["version_id"] == str(box.pk)
        assert [line["account"] for line in entry["lines"]] == ["411000", "706100", "445710"]
        listed = module.get(URL, {"state": "booked"}).json()["results"]
        assert [row["external_id"] for row in listed] == ["V-1"]
        one = module.get(f"{URL}/{listed[0]['id']}").json()
        assert one["entries"][0]["id"] == entry["id"]

    def test_another_company_reads_nothing(self, module, box, body, api, user_with, other_company):
        sold = post(module, body()).json()
        stranger = api(user_with(Role.ACCOUNTING, other_company))
        assert stranger.get(URL).json()["results"] == []
        assert stranger.get("/api/catalog/entries").json()["results"] == []
        assert stranger.get(f"{URL}/{sold['id']}").status_code == 404


@pytest.mark.django_db
class TestLists:
    """Filters and pages of operations and entries."""

    ENTRIES = "/api/catalog/entries"

    @pytest.fixture
    def told(self, module, box, insurance, body):
        """A sale in October, a commission in November, a parked sale in December."""
        post(module, body("V-1", source="ventes"))
        post(
            module,
            body(
                "C-1",
                "commission_report",
                sku="AP-SANTE-001",
                amount="120.00",
                occurred_at="2025-11-01T09:00:00+01:00",
            ),
        )
        post(module, body("V-2", plan="AUTRE", occurred_at="2025-12-01T09:00:00+01:00"))

    def ids(self, module, **filters):
        return [row["external_id"] for row in module.get(URL, filters).json()["results"]]

    @pytest.mark.parametrize(
        ("filters", "found"),
        [
            ({}, ["V-2", "C-1", "V-1"]),
            ({"state": "parked"}, ["V-2"]),
            ({"kind": "sale"}, ["V-2", "V-1"]),
            ({"period": "2025-11"}, ["C-1"]),
            ({"sku": "AP-BOX-001"}, ["V-2", "V-1"]),
            ({"source": "ventes"}, ["V-1"]),
            ({"source": "contracts", "external_id": "C-1"}, ["C-1"]),
        ],
    )
    def test_operations(self, module, told, filters, found):
        assert self.ids(module, **filters) == found

    @pytest.mark.parametrize(
        ("filters", "count"),
        [
            ({}, 2),
            ({"period": "2025-10"}, 1),
            ({"account": "756200"}, 1),
            ({"journal": "VENTE"}, 2),
            ({"journal": "ACHAT"}, 0),
            ({"sku": "AP-SANTE-001"}, 1),
        ],
    )
    def test_entries(self, module, told, filters, count):
        assert len(module.get(self.ENTRIES, filters).json()["results"]) == count

    @pytest.mark.parametrize("url", [URL, ENTRIES])
    def test_bad_filters(self, module, told, ledger, other_company, url):
        assert len(module.get(url, {"company": str(ledger.pk)}).json()["results"]) >= 2
        assert module.get(url, {"company": str(other_company.pk)}).status_code == 404
        assert module.get(url, {"period": "2025-13"}).status_code == 422
        assert module.get(url, {"inconnu": "1"}).status_code == 422
        assert module.get(url, {"cursor": "faux"}).status_code == 422

    @pytest.mark.parametrize("url", [URL, ENTRIES])
    def test_page_after_page(self, module, box, body, url):
        post(module, [body(f"V-{number}") for number in range(7)])
        seen = []
        page = module.get(url, {"page_size": 3}).json()
        while True:
            seen += [row["id"] for row in page["results"]]
            if page["next"] is None:
                break
            page = module.get(page["next"]).json()
        assert len(seen) == len(set(seen)) == 7

    @pytest.mark.parametrize("name", ["operations", "entries"])
    def test_as_many_statements_at_2_and_at_20_rows(self, module, box, body, name):
        told = itertools.count()
        check_query_count(
            f"api {name}",
            lambda: module.get(f"/api/catalog/{name}"),
            lambda rows: post(module, [body(f"V-{next(told)}") for _ in range(rows)]),
        )
