"""Exports asked for, written, cancelled, handed over, and what is journalised (F.6)."""

import tracemalloc
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection

from accounting.choices import ExportKind, ExportProfile
from accounting.models import ExportRun
from accounting.services.exports import cancel_export, open_export, request_export
from tests.support.ledger import book, book_many
from winvest.core.choices import AuditAction, JobState
from winvest.core.domain.roles import Role
from winvest.core.errors import Conflict, Forbidden, Invalid, NotFound
from winvest.core.jobs import JobProblem
from winvest.core.models import AuditEntry, Membership
from winvest.core.models.base import new_id
from winvest.core.services.jobs import run_job

# The worker reads on a connection of its own: only what is committed.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("everything")]


@pytest.fixture
def accountant(user_with, company):
    return user_with(Role.ACCOUNTING, company)


@pytest.fixture
def ask(accountant, company):
    def ask_for(**given):
        return request_export(
            **{
                "actor": accountant,
                "company_id": company.pk,
                "kind": ExportKind.ACCOUNTING,
                "period": "2025-09",
                "profile": ExportProfile.F4,
                "format": "csv",
                **given,
            }
        )

    return ask_for


def run(export: ExportRun) -> ExportRun:
    run_job(job_id=export.job_id)
    return reread(export)


def reread(export: ExportRun) -> ExportRun:
    return ExportRun.objects.select_related("job").get(pk=export.pk)


def left_behind(settings) -> list[Path]:
    media = Path(settings.MEDIA_ROOT)
    return [path for path in media.rglob("*") if path.is_file()]


@pytest.mark.requirement("F.6-04", "F.2-03", "1-22")
def test_date_user_file_and_hash_are_journalised(ask, company, accountant):
    book(company, account="706100", credit=Decimal("24.92"), tax_amount=Decimal("4.98"))

    export = run(ask())
    with open_export(actor=accountant, export=export).content as content:
        assert content.read() == Path(export.file.path).read_bytes()

    assert (export.rows, export.total_debit, export.total_credit) == (1, 0, Decimal("29.90"))
    log = AuditEntry.objects.filter(table="export_run", record_id=export.pk).order_by("id")
    assert [(entry.action, entry.after.get("event")) for entry in log] == [
        (AuditAction.INSERT, None),
        (AuditAction.EXPORT, "requested"),
        (AuditAction.UPDATE, None),
        (AuditAction.EXPORT, "downloaded"),
    ]
    assert {entry.actor_id for entry in log} == {accountant.pk}
    assert {entry.company_id for entry in log} == {company.pk}
    assert {entry.actor_role for entry in log} == {"accounting"}
    for entry in log[2:]:
        assert entry.after["file_name"] == "EXPORT_AP_2025-09.csv"
        assert entry.after["sha256"] == export.sha256


@pytest.mark.requirement("F.2-03")
def test_the_same_file_again_is_the_next_revision(ask):
    names = [run(ask()).file_name for _ in range(2)]
    names += [run(ask(kind=ExportKind.VAT)).file_name for _ in range(2)]

    assert names == [
        "EXPORT_AP_2025-09.csv",
        "EXPORT_AP_2025-09_R2.csv",
        "EXPORT_AP_2025-09_TVA.csv",
        "EXPORT_AP_2025-09_TVA_R2.csv",
    ]


def test_an_empty_month_has_its_headings(ask, accountant):
    export = run(ask(period="2024-02"))

    assert export.rows == 0
    assert Path(export.file.path).read_bytes() == (
        b"\xef\xbb\xbfDate;Societe;Produit;Type;Compte;Debit;Credit;TVA;TauxTVA\r\n"
    )


@pytest.mark.requirement("F.6-03", "3.8-13")
def test_only_who_may_and_only_here(ask, user_with, company, other_company, accountant):
    with pytest.raises(NotFound):
        ask(company_id=other_company.pk)
    with pytest.raises(NotFound):
        ask(company_id=new_id())
    with pytest.raises(Invalid):
        ask(period="2025-13")
    export = ask()
    for role in (Role.COMPANY_ADMIN, Role.AUDITOR, Role.SALES):
        other = user_with(role, company)
        with pytest.raises(Forbidden):
            ask(actor=other)
        with pytest.raises(Forbidden):
            cancel_export(actor=other, export=export)
        with pytest.raises(Forbidden):
            open_export(actor=other, export=export)
    assert ExportRun.objects.count() == 1


def test_no_file_before_it_is_whole(ask, accountant):
    export = ask()
    with pytest.raises(Conflict, match="en attente"):
        open_export(actor=accountant, export=export)

    cancel_export(actor=accountant, export=export)
    export = run(export)

    assert export.job.state == JobState.CANCELLED
    assert not export.file
    with pytest.raises(Conflict, match="annulé"):
        open_export(actor=accountant, export=export)
    with pytest.raises(Conflict, match="annulé"):
        cancel_export(actor=accountant, export=export)


def test_a_file_gone_from_the_storage_is_told(ask, accountant):
    export = run(ask())
    Path(export.file.path).unlink()

    with pytest.raises(Conflict, match="relancez"):
        open_export(actor=accountant, export=export)
    assert not AuditEntry.objects.filter(after__event="downloaded").exists()


def test_a_right_lost_while_it_waited(ask, accountant, settings):
    export = ask()
    Membership.objects.filter(user=accountant).delete()

    export = run(export)

    assert (export.job.state, export.job.error) == (
        JobState.FAILED,
        JobProblem.RIGHT_LOST.message,
    )
    assert left_behind(settings) == []


def test_a_broken_storage_heals_by_itself(ask, settings):
    media = Path(settings.MEDIA_ROOT)
    media.mkdir()
    (media / "staging").write_text("un fichier à la place du dossier")
    export = run(ask())
    assert (export.job.state, export.job.attempts) == (JobState.QUEUED, 1)

    (media / "staging").unlink()
    export = run(export)

    assert (export.job.state, export.job.attempts) == (JobState.DONE, 2)
    assert left_behind(settings) == [Path(export.file.path)]


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_cancelled_in_the_middle_leaves_nothing(ask, company, accountant, settings, file_format):
    """The trigger cancels the job at its first progress report, as a user would."""
    book_many(company, 5000)
    settings.JOB_LEASE_SECONDS = 0
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION cancel_it() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN NEW.state := 'cancelled'; RETURN NEW; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER cancel_it BEFORE UPDATE OF progress ON job FOR EACH ROW"
            " WHEN (OLD.state = 'running' AND NEW.progress > 0) EXECUTE FUNCTION cancel_it()"
        )

    export = run(ask(format=file_format))

    assert (export.job.state, bool(export.file)) == (JobState.CANCELLED, False)
    assert left_behind(settings) == []


def test_memory_does_not_grow_with_the_month(ask, company):
    def peak() -> int:
        export = ask()
        tracemalloc.start()
        try:
            assert run(export).job.state == JobState.DONE
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    book_many(company, 100)
    peak()
    small = peak()
    book_many(company, 20_000, first=101)

    # The file has 1.4 MB; what is held is one buffer, whole and once converted.
    assert peak() < small + 1_000_000
