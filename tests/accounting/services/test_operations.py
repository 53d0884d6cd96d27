"""Receiving operations: many at once, several at once, and what holds of the ledger after."""

import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.models import Count, F, Max, Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounting.models import Entry, Line, Operation
from accounting.services.operations import post_operations
from catalog.models import Publication
from tests.factories import MappingFactory, PublicationFactory, make_accounts
from tests.support.offers import make_released
from winvest.core import scoping
from winvest.core.domain.roles import Role

pytestmark = pytest.mark.django_db


def check_ledger():
    """Debit is credit by company, month and journal, and no number is missing."""
    lines = Line.objects.values("company", "entry__date__month", "entry__journal")
    for row in lines.annotate(debit=Sum("debit"), credit=Sum("credit")):
        assert row["debit"] == row["credit"], row
    journals = Entry.objects.values("company", "journal", "year")
    for row in journals.annotate(count=Count("pk"), last=Max("number")):
        assert row["count"] == row["last"], row


def at_once(actor, bodies):
    """Post each of `bodies`, a list, from a thread of its own; return the statuses, sorted."""

    def tell(told):
        try:
            return [line.status for line in post_operations(actor=actor, bodies=told)]
        finally:
            connection.close()

    with ThreadPoolExecutor(len(bodies)) as pool:
        return sorted(status for statuses in pool.map(tell, bodies) for status in statuses)


BLOCKED = """
SELECT count(*) FROM pg_locks
WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))
"""


def meanwhile(actor, first, second):
    """Post `first`, and commit it only once `second`, told meanwhile, waits for it."""
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        [posted] = post_operations(actor=actor, bodies=[first])
        assert posted.status == 201
        other = pool.submit(at_once, actor, [second])
        deadline = time.monotonic() + 20
        with connection.cursor() as cursor:
            blocked = 0
            while not blocked and time.monotonic() < deadline:
                cursor.execute(BLOCKED)
                (blocked,) = cursor.fetchone()
    assert blocked
    return other


@pytest.mark.requirement("3.6-02", "F.1-04")
def test_a_main_line_tells_what_the_files_show(accountant, box, body):
    [posted] = post_operations(actor=accountant, bodies=[body()])
    entry = Entry.objects.get()
    assert (entry.journal, entry.year, entry.number) == ("VENTE", 2025, 1)
    assert entry.operation == posted.operation
    assert posted.operation.product_version == box
    main = Line.objects.get(role="main")
    assert (main.product_label, main.cost_center) == ("AP-BOX-001", "TV")
    assert (main.tax_code, main.tax_rate) == ("FR20", Decimal(20))
    assert (main.tax_base, main.tax_amount) == (Decimal("24.92"), Decimal("4.98"))


@pytest.mark.requirement("F.4.2-02")
def test_a_commission_line_names_the_partner(accountant, insurance, body):
    told = body("C-1", "commission_report", sku="AP-SANTE-001", amount="120.00")
    post_operations(actor=accountant, bodies=[told])
    main = Line.objects.get(role="main")
    assert (main.partner_label, main.tax_code, main.tax_rate) == ("Oggodata", "", 0)


def test_a_product_of_another_company_published_to_ours(accountant, ledger, other_company, body):
    """The seller books under its own mapping; without it, the sale waits (reading R-10)."""
    version = make_released(company=other_company, sku="MTV-1", plans={"A": "9.90"})
    MappingFactory(product_version=version)
    told = body(sku="MTV-1", plan="A", amount="9.90")
    [unseen] = post_operations(actor=accountant, bodies=[told])
    assert (unseen.status, unseen.error.code) == (404, "product.unknown")
    Publication.objects.filter(product_version=version).update(channels=["field"])
    PublicationFactory(product_version=version, company=ledger, channels=["web"])
    [parked] = post_operations(actor=accountant, bodies=[told])
    assert [reason["code"] for reason in parked.operation.reasons] == ["accounting.not_mapped"]
    MappingFactory(product_version=version, company=ledger, gl_account="706200")
    [booked] = post_operations(actor=accountant, bodies=[told | {"external_id": "V-2"}])
    assert booked.operation.flags == []
    assert Line.objects.get(role="main").account == "706200"


def test_a_thousand_of_two_companies_each_on_its_own(user_with, ledger, box, other_company, body):
    """Refused lines stop no other; a refund follows its sale within the batch."""
    make_accounts(other_company)
    make_released(company=other_company, sku="MTV-1", plans={"A": "9.90"})
    actor = user_with(Role.ACCOUNTING, ledger, other_company)
    elsewhere = {"company_id": str(other_company.pk), "sku": "MTV-1", "plan": "A"}
    bodies = [body(f"V-{number}") for number in range(1000)]
    bodies[3] = body("V-3", amount="x")
    bodies[500] = body("R-1", "refund", amount="10.00", reverses="V-499")
    bodies[501] = body("R-2", "refund", amount="20.00", reverses="V-499")
    bodies[502] = body("R-3", "refund", amount="1.00", reverses="inconnue")
    bodies[600:610] = [body(f"V-{number}", **elsewhere) for number in range(10)]
    posted = post_operations(actor=actor, bodies=bodies)
    assert [line.index for line in posted] == list(range(1000))
    refused = {line.index: line.error.code for line in posted if line.error}
    assert refused == {
        3: "operation.invalid",
        501: "operation.exceeds_remainder",
        502: "operation.original_unknown",
    }
    assert {line.status for line in posted} == {201, 422}
    assert Operation.objects.filter(state="parked").count() == 10
    assert Entry.objects.count() == 987
    check_ledger()


@pytest.mark.django_db(transaction=True)
def test_refunds_at_once_never_take_more_than_there_is(accountant, box, body):
    post_operations(actor=accountant, bodies=[body()])
    refunds = [[body(f"R-{number}", "refund", amount="10", reverses="V-1")] for number in range(4)]
    assert at_once(accountant, refunds) == [201, 201, 422, 422]
    with scoping.everything():
        check_ledger()


@pytest.mark.django_db(transaction=True)
def test_the_same_refund_at_once_is_booked_once(accountant, box, body):
    post_operations(actor=accountant, bodies=[body()])
    refund = body("R-1", "refund", amount="20", reverses="V-1")
    assert at_once(accountant, [[refund]] * 4) == [200, 200, 200, 201]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("amount", "status"), [("29.90", 200), ("30.00", 409)])
def test_a_twin_that_comes_in_meanwhile(accountant, box, body, amount, status):
    """Found at the insertion: the same fact is answered, another one is a conflict."""
    told = [body("V-2"), body("V-1", amount=amount), body("V-3")]
    answer = meanwhile(accountant, body("V-1"), told)
    assert answer.result() == sorted([201, 201, status])
    with scoping.everything():
        assert Entry.objects.count() == 3
        check_ledger()


@pytest.mark.django_db(transaction=True)
def test_a_refund_of_another_sale_under_the_same_name_meanwhile(accountant, box, body):
    post_operations(actor=accountant, bodies=[body("V-1"), body("V-2")])
    first = body("R-1", "refund", amount="10", reverses="V-1")
    second = body("R-1", "refund", amount="10", reverses="V-2")
    assert meanwhile(accountant, first, [second]).result() == [409]


@pytest.mark.django_db(transaction=True)
def test_batches_that_cross_wait_for_each_other(accountant, box, body):
    """The same facts in opposite orders: no deadlock, each booked once, numbers without gap."""
    sales = [body(f"V-{number}") for number in range(40)]
    fees = [
        body(f"F-{number}", "fee", amount="15", analytic_label="PSP-Slimpay")
        for number in range(40)
    ]
    told = [*sales, *fees]
    statuses = at_once(accountant, [told, told[::-1], told[20:60]])
    assert statuses.count(201) == 80
    assert statuses.count(200) == 120
    with scoping.everything():
        assert Entry.objects.count() == 80
        check_ledger()


KINDS = {
    "sale": {"sku": "AP-MIXTE-001", "plan": "DUO"},
    "billing": {"sku": "AP-MIXTE-001", "plan": "DUO"},
    "commission_report": {"sku": "AP-MIXTE-001"},
    "fee": {"analytic_label": "PSP-Slimpay"},
}
told_facts = st.lists(
    st.tuples(
        st.sampled_from([*KINDS, "refund", "cancellation", "collection"]),
        st.decimals(0, 100, places=2),
        st.none() | st.booleans(),
        st.integers(0, 7),
        st.integers(1, 28),
        st.sampled_from([9, 10]),
    ),
    min_size=1,
    max_size=12,
)


@settings(
    deadline=None,
    max_examples=10,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(facts=told_facts, regime=st.sampled_from(["debits", "collections"]))
def test_debit_is_credit_whatever_is_told(accountant, ledger, mixed, body, facts, regime):
    """Any mix of facts leaves the ledger balanced, numbered, and every row sound."""
    ledger.vat_regime = regime
    ledger.save()
    run = uuid4().hex
    bodies = []
    for index, (kind, amount, tax_included, target, day, month) in enumerate(facts):
        bears = {"collection": "collects"}.get(kind, "reverses")
        fields = KINDS.get(kind, {bears: f"{run}-{target}"})
        bodies.append(
            body(
                f"{run}-{index}",
                kind,
                amount=str(amount),
                tax_included=tax_included,
                occurred_at=f"2025-{month:02}-{day:02}T12:00:00+02:00",
                **({"sku": None, "plan": None, "channel": None} | fields),
            )
        )
    posted = post_operations(actor=accountant, bodies=bodies)
    assert {line.status for line in posted} <= {201, 422}
    check_ledger()
    for operation in Operation.objects.filter(external_id__startswith=run):
        operation.full_clean()
    lines = Line.objects.filter(entry__operation__state="booked")
    assert not lines.filter(debit__gt=0, credit__gt=0).exists()
    assert not Entry.objects.exclude(date=F("operation__accounting_date")).exists()
