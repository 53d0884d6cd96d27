"""Jobs: queued with the business row, taken under a lease, redone when their worker dies."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import kombu.exceptions
import redis.exceptions
from django.db import InterfaceError, OperationalError, connection
from django.db import transaction as django_transaction
from django.db.models import Q

from winvest.celery import app
from winvest.core import context, jobs, scoping
from winvest.core.choices import JobState
from winvest.core.clock import now
from winvest.core.errors import Conflict, DomainError
from winvest.core.jobs import Attempt, JobProblem, JobStopped
from winvest.core.models.access import User
from winvest.core.models.job import Job
from winvest.core.transaction import transaction

MAX_ATTEMPTS = 3
RESENT_AT_ONCE = 500

logger = logging.getLogger(__name__)

_WAITING = Q(state__in=[JobState.QUEUED, JobState.RUNNING])
_HEAL = (OperationalError, InterfaceError, OSError)
_BROKER_DOWN = (kombu.exceptions.OperationalError, redis.exceptions.RedisError, OSError)


def enqueue_job(*, actor: User, kind: str, object_id: UUID, company_id: UUID, queue: str) -> Job:
    """Queue a job in the caller's transaction; a worker is nudged after the commit.

    A dead broker delays the job to the next sweep and never breaks the request.
    """
    job = Job(
        kind=kind, object_id=object_id, company_id=company_id, queue=queue, requested_by=actor
    )
    job.save(force_insert=True)
    django_transaction.on_commit(lambda: _nudge(job.pk, queue))
    return job


def cancel_job(*, actor: User, job: Job) -> None:
    """Stop a job that has not ended; its worker notices at its next progress report.

    The caller checks the right. An ended job is a `Conflict` that says how it ended.
    """
    with transaction(actor, job.company_id):
        locked = Job.objects.select_for_update().get(pk=job.pk)
        if locked.state not in (JobState.QUEUED, JobState.RUNNING):
            raise Conflict(JobProblem.FINISHED, state=locked.get_state_display().lower())
        locked.state, locked.lease_until = JobState.CANCELLED, None
        locked.save(update_fields=["state", "lease_until", "updated_at"])


def run_job(*, job_id: UUID) -> None:
    """Run a job as its requester, in its company; does nothing when it is not to be run.

    Errors that can heal put it back in the queue, up to three attempts; any other ends it. The
    requester's right is asked again now: a role revoked since then refuses the job.
    """
    attempt, kind = _take(job_id)
    if attempt is None:
        return
    with _on_behalf_of(attempt):
        try:
            declared = jobs.kind_of(kind)
            if attempt.actor and not jobs.still_allowed(attempt.actor, declared.action, attempt):
                _end(attempt, JobProblem.RIGHT_LOST.message)
                return
            with jobs.renewing(attempt):
                declared.run(attempt)
        except JobStopped:
            logger.info("job %s stopped at attempt %s", job_id, attempt.number)
        except DomainError as error:
            _end(attempt, " ".join(reason.message for reason in error.reasons))
        except _HEAL:
            logger.exception("job %s interrupted at attempt %s", job_id, attempt.number)
            if connection.errors_occurred:
                connection.close_if_unusable_or_obsolete()
            _put_back(attempt)
        except Exception:
            _end(attempt, JobProblem.UNEXPECTED.message)
            raise


def resend_jobs() -> int:
    """Nudge again the jobs that nobody took or whose worker fell silent; return how many.

    A queued job is then left alone for one lease, so that a long queue is not sent over and over.
    """
    with scoping.everything():
        late = Job.objects.filter(_WAITING, Q(lease_until=None) | Q(lease_until__lte=now()))
        rows = list(late.order_by("created_at").values_list("pk", "queue")[:RESENT_AT_ONCE])
        sent = [pk for pk, queue in rows if _nudge(pk, queue)]
        Job.objects.filter(pk__in=sent, state=JobState.QUEUED).update(
            lease_until=now() + jobs.lease()
        )
    return len(sent)


def _nudge(job_id: UUID, queue: str) -> bool:
    """Send the job's id to the workers; say whether the broker took it."""
    return send_task(jobs.RUN_JOB, str(job_id), queue=queue)


def send_task(name: str, *args: str, queue: str = "default") -> bool:
    """Nudge the workers; say whether the broker took it: one that is down waits for the sweeper."""
    try:
        app.send_task(name, args=list(args), queue=queue)
    except _BROKER_DOWN as error:
        logger.warning("%s %s waits for the sweeper, the broker is down: %s", name, args, error)
        return False
    return True


def _take(job_id: UUID) -> tuple[Attempt | None, str]:
    """Take the job if it is queued or if its lease ran out; a locked row is another worker's."""
    due = Q(state=JobState.QUEUED) | Q(state=JobState.RUNNING, lease_until__lte=now())
    with scoping.everything(), transaction(None):
        rows = Job.objects.select_for_update(skip_locked=True, of=("self",))
        job = rows.select_related("requested_by").filter(due, pk=job_id).first()
        if job is None:
            return None, ""
        if job.attempts >= MAX_ATTEMPTS:
            job.state, job.lease_until = JobState.FAILED, None
            job.error = JobProblem.GAVE_UP.message.format(attempts=job.attempts)
        else:
            job.state, job.lease_until = JobState.RUNNING, now() + jobs.lease()
            job.attempts += 1
            job.progress, job.error = 0, ""
        job.save()
    if job.state == JobState.FAILED:
        return None, ""
    attempt = Attempt(job.pk, job.object_id, job.company_id, job.requested_by, job.attempts)
    return attempt, job.kind


@contextmanager
def _on_behalf_of(attempt: Attempt) -> Iterator[None]:
    token = context.request_id.set(str(attempt.job_id))
    try:
        with scoping.scope({attempt.company_id}), context.acting(attempt.actor):
            yield
    finally:
        context.request_id.reset(token)


def _put_back(attempt: Attempt) -> None:
    """Queue the job again for the sweeper, or end it after its last attempt."""
    if attempt.number >= MAX_ATTEMPTS:
        _end(attempt, JobProblem.UNAVAILABLE.message)
    else:
        _leave(attempt, state=JobState.QUEUED)


def _end(attempt: Attempt, message: str) -> None:
    _leave(attempt, state=JobState.FAILED, error=message[:300])


def _leave(attempt: Attempt, **fields: str) -> None:
    """Write how the attempt ended, unless the job is no longer its own."""
    with transaction(attempt.actor, attempt.company_id):
        Job.objects.filter(
            pk=attempt.job_id, state=JobState.RUNNING, attempts=attempt.number
        ).update(lease_until=None, updated_at=now(), **fields)
