"""Jobs: taken once, redone when a worker dies, refused when the right is gone."""

import socket
import threading
import time
from datetime import timedelta

import kombu.pools
import pytest
from django.db import transaction
from kombu import Connection

from winvest.celery import app
from winvest.core import jobs, scoping
from winvest.core.choices import ImportTarget, JobState
from winvest.core.clock import now
from winvest.core.domain.roles import Action, Role
from winvest.core.errors import Conflict, Invalid
from winvest.core.jobs import JobProblem, JobStopped
from winvest.core.models import AuditEntry, Job, Membership
from winvest.core.models.base import new_id
from winvest.core.services.imports import job_kind
from winvest.core.services.jobs import cancel_job, enqueue_job, resend_jobs, run_job

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything")]

KIND = "test.work"


def finish(attempt):
    with attempt.completing():
        pass


@pytest.fixture
def accountant(user_with, company):
    return user_with(Role.ACCOUNTING, company)


@pytest.fixture
def job(accountant, company):
    return enqueue_job(
        actor=accountant, kind=KIND, object_id=new_id(), company_id=company.pk, queue="exports"
    )


@pytest.fixture
def work():
    """Return a function that says what the job does; it gives the list of attempts."""

    def does(action=finish):
        attempts = []

        def run(attempt):
            attempts.append(attempt)
            action(attempt)

        jobs.register(KIND, run=run, action=Action.EXPORT_RUN, label="Essai")
        return attempts

    return does


def fall_silent(job):
    """Let the lease of a running job run out, as when its worker is killed."""
    Job.objects.filter(pk=job.pk).update(lease_until=now() - timedelta(seconds=1))


def state(job) -> tuple[str, int, str]:
    job.refresh_from_db()
    return job.state, job.attempts, job.error


def test_a_job_runs_once_in_its_scope_as_its_requester(work, job, company, other_company):
    seen = []

    def look(attempt):
        seen.append((scoping.current(), attempt.actor))
        finish(attempt)

    attempts = work(look)
    run_job(job_id=job.pk)
    run_job(job_id=job.pk)

    assert seen == [({company.pk}, job.requested_by)]
    assert len(attempts) == 1
    assert state(job) == (JobState.DONE, 1, "")
    assert (job.progress, job.lease_until) == (100, None)
    written = AuditEntry.objects.filter(table="job", record_id=job.pk).order_by("id")
    assert [entry.after["state"] for entry in written] == ["queued", "running", "done"]
    assert written.last().actor_id == job.requested_by_id


@pytest.mark.requirement("3.8-04", "3.8-07")
def test_a_right_lost_while_the_job_runs_leaves_nothing(work, job):
    def lose_then_finish(attempt):
        attempt.actor.memberships.all().delete()
        with attempt.completing():
            pytest.fail("nothing more is written")

    work(lose_then_finish)
    run_job(job_id=job.pk)
    assert state(job) == (JobState.FAILED, 1, JobProblem.RIGHT_LOST.message)


def test_a_running_job_is_left_to_its_worker(work, job):
    attempts = work(lambda attempt: run_job(job_id=job.pk))

    run_job(job_id=job.pk)

    assert len(attempts) == 1


def test_a_silent_worker_loses_the_job_and_can_write_nothing_more(work, job):
    attempts = work(lambda attempt: None)
    run_job(job_id=job.pk)
    fall_silent(job)
    work()
    run_job(job_id=job.pk)

    [late] = attempts
    with pytest.raises(JobStopped):
        late.hold()
    with pytest.raises(JobStopped), late.completing():
        pass
    assert state(job) == (JobState.DONE, 2, "")


def test_three_silent_workers_end_the_job(work, job):
    attempts = work(lambda attempt: None)
    for _ in range(4):
        run_job(job_id=job.pk)
        fall_silent(job)

    assert len(attempts) == 3
    assert state(job) == (JobState.FAILED, 3, "Le travail s'est interrompu 3 fois sans finir.")


def test_an_error_that_heals_is_tried_again(work, job):
    def run_twice(attempt):
        if attempt.number == 1:
            raise OSError("disque plein")
        finish(attempt)

    work(run_twice)

    run_job(job_id=job.pk)
    assert state(job) == (JobState.QUEUED, 1, "")
    assert resend_jobs() == 1
    run_job(job_id=job.pk)
    assert state(job) == (JobState.DONE, 2, "")


def test_an_error_that_does_not_heal_ends_after_three_attempts(work, job):
    def fail(attempt):
        raise OSError("disque plein")

    attempts = work(fail)
    for _ in range(4):
        run_job(job_id=job.pk)

    assert len(attempts) == 3
    assert state(job) == (JobState.FAILED, 3, JobProblem.UNAVAILABLE.message)


def test_a_refusal_ends_the_job_with_its_reason(work, job):
    def refuse(attempt):
        raise Invalid(JobProblem.FINISHED, state="motif")

    work(refuse)
    run_job(job_id=job.pk)

    assert state(job) == (JobState.FAILED, 1, "Ce travail ne peut plus être annulé : motif.")


def test_a_bug_ends_the_job_and_is_raised_for_the_log(work, job):
    work(lambda attempt: 1 // 0)

    with pytest.raises(ZeroDivisionError):
        run_job(job_id=job.pk)

    assert state(job) == (JobState.FAILED, 1, JobProblem.UNEXPECTED.message)


@pytest.mark.requirement("3.8-13", "F.6-03")
def test_a_right_lost_since_then_refuses_the_job(work, job, accountant):
    attempts = work()
    Membership.objects.filter(user=accountant).delete()

    run_job(job_id=job.pk)

    assert attempts == []
    assert state(job) == (JobState.FAILED, 1, JobProblem.RIGHT_LOST.message)


def test_a_cancelled_job_stops_at_its_next_step(work, job, accountant):
    def be_cancelled(attempt):
        cancel_job(actor=accountant, job=job)
        attempt.hold(progress=50)

    work(be_cancelled)
    run_job(job_id=job.pk)

    assert state(job) == (JobState.CANCELLED, 1, "")
    with pytest.raises(Conflict, match="annulé"):
        cancel_job(actor=accountant, job=job)


def test_progress_renews_the_lease_and_leaves_no_line_in_the_log(work, job, settings):
    settings.JOB_LEASE_SECONDS = 0
    seen = []

    def advance(attempt):
        attempt.advance(1, 3)
        job.refresh_from_db()
        seen.append((job.progress, job.lease_until > job.created_at))
        attempt.advance(3, 3)
        job.refresh_from_db()
        seen.append(job.progress)
        finish(attempt)

    work(advance)
    run_job(job_id=job.pk)

    assert seen == [(33, True), 99]
    assert AuditEntry.objects.filter(table="job", record_id=job.pk).count() == 3


def test_the_sweeper_sends_what_nobody_took_once_a_lease(work, job):
    work()
    assert resend_jobs() == 1
    assert resend_jobs() == 0
    fall_silent(job)
    assert resend_jobs() == 1
    run_job(job_id=job.pk)
    fall_silent(job)
    assert resend_jobs() == 0


@pytest.fixture
def broker(monkeypatch):
    """Return a function that makes the web process talk to another broker."""

    def use(path):
        dead = Connection(
            f"redis+socket://{path}", transport_options=app.conf.broker_transport_options
        )
        monkeypatch.setattr(app.amqp, "_producer_pool", kombu.pools.producers[dead])

    return use


def test_a_dead_broker_never_breaks_the_request(
    broker, tmp_path, accountant, company, django_capture_on_commit_callbacks
):
    hole = socket.socket(socket.AF_UNIX)
    hole.bind(str(tmp_path / "s"))
    hole.listen(1)
    try:
        for path in (tmp_path / "absent", tmp_path / "s"):
            broker(path)
            begun = time.monotonic()
            with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
                job = enqueue_job(
                    actor=accountant,
                    kind=KIND,
                    object_id=new_id(),
                    company_id=company.pk,
                    queue="exports",
                )
            assert time.monotonic() - begun < 10
            assert state(job) == (JobState.QUEUED, 0, "")
            assert resend_jobs() == 0
    finally:
        hole.close()
    assert Job.objects.filter(lease_until=None, state=JobState.QUEUED).count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_job_without_progress_keeps_its_lease_as_long_as_its_worker_lives(work, job, settings):
    """Some work says nothing for long: one query, one call to a partner."""
    settings.JOB_LEASE_SECONDS = 1
    leases = []

    def silent(attempt):
        pause, deadline = threading.Event(), time.monotonic() + 20
        while len(set(leases)) < 3 and time.monotonic() < deadline:
            leases.append(Job.objects.get(pk=job.pk).lease_until)
            pause.wait(0.05)
        finish(attempt)

    work(silent)
    run_job(job_id=job.pk)
    assert len(set(leases)) == 3
    assert state(job) == (JobState.DONE, 1, "")


@pytest.mark.requirement("3.8-07")
def test_every_kind_of_job_has_a_french_name():
    for target in ImportTarget:
        assert jobs.label_of(job_kind(target)) == f"Import : {target.label.lower()}"
    assert jobs.label_of("accounting.export") == "Export comptable"
    assert jobs.label_of("accounting.price_grid") == "Grille de prix"
    assert jobs.label_of("disparu") == "Travail d'une version précédente"
