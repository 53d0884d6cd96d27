"""Background jobs: which kinds exist, and one attempt at one job (`quality.md`, queue).

The row in PostgreSQL is the queue of record: it is taken under a lease, and a Celery message only
nudges. An application registers what it can do in `AppConfig.ready()`.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

from winvest.core import permissions
from winvest.core.choices import JobState
from winvest.core.clock import now
from winvest.core.domain.roles import Action
from winvest.core.errors import Forbidden, Problem
from winvest.core.models.access import User
from winvest.core.models.job import Job
from winvest.core.transaction import transaction

logger = logging.getLogger(__name__)

RUN_JOB = "winvest.core.tasks.run_job"
RESEND_JOBS = "winvest.core.tasks.resend_jobs"
SEAL_AUDIT = "winvest.core.tasks.seal_audit"
KEEP_AUDIT_ROOT = "winvest.core.tasks.keep_audit_root"
WRITE_AUDIT_TRAILS = "winvest.core.tasks.write_audit_trails"
PURGE_IDEMPOTENCY_KEYS = "winvest.core.tasks.purge_idempotency_keys"
MAIL_NOTIFICATIONS = "winvest.core.tasks.mail_notifications"
CREATE_PARTITIONS = "winvest.core.tasks.create_partitions"


class JobProblem(Problem):
    """Why a job did not run, or cannot be stopped."""

    RIGHT_LOST = "job.right_lost", "Le demandeur n'a plus le droit de faire ce travail."
    RIGHTS_CHANGED = (
        "job.rights_changed",
        "Les droits du demandeur ont changé pendant le travail : relancez-le.",
    )
    GAVE_UP = "job.gave_up", "Le travail s'est interrompu {attempts} fois sans finir."
    UNAVAILABLE = (
        "job.unavailable",
        "La base de données ou les fichiers n'ont pas répondu : relancez le travail plus tard.",
    )
    UNEXPECTED = (
        "job.unexpected",
        "Erreur inattendue : relancez le travail ; si elle revient, donnez son numéro au support.",
    )
    FINISHED = "job.finished", "Ce travail ne peut plus être annulé : {state}."


class JobStopped(Exception):
    """The job was cancelled, or another worker has taken it over: write nothing more."""


def lease() -> timedelta:
    """Return how long a worker may stay silent before its job is given to another."""
    return timedelta(seconds=settings.JOB_LEASE_SECONDS)


@dataclass(slots=True)
class Attempt:
    """One worker's hold on a job; every write of the job's result passes by `completing`.

    `number` is the fence: a worker that comes back after its lease ran out holds an old number
    and can write nothing more.
    """

    job_id: UUID
    object_id: UUID
    company_id: UUID
    actor: User | None
    number: int
    _renewed: float = field(default_factory=time.monotonic)
    _apart: BaseDatabaseWrapper | None = None

    def advance(self, done: int, total: int) -> None:
        """Record the progress and renew the lease, a few times per lease at most.

        Raises `JobStopped` when the job is no longer ours. 100 % is for the finished job.
        """
        if time.monotonic() - self._renewed >= min(1.0, settings.JOB_LEASE_SECONDS / 4):
            self.hold(progress=min(99, done * 100 // total) if total else 0)

    def hold(self, **fields: int) -> None:
        """Renew the lease now; raises `JobStopped` when the job is no longer ours."""
        if not self._renew(lease_until=now() + lease(), **fields):
            raise JobStopped
        self._renewed = time.monotonic()

    @contextmanager
    def reporting_apart(self) -> Iterator[None]:
        """Report by a connection of its own while the caller's long transaction stays open."""
        self._apart = connection.copy()
        try:
            yield
        finally:
            self._apart.close()
            self._apart = None

    def _renew(self, **fields: object) -> int:
        if self._apart is None:
            ours = Job.objects.filter(pk=self.job_id, state=JobState.RUNNING, attempts=self.number)
            return ours.update(**fields)
        changes = sql.SQL(", ").join(
            sql.SQL("{name} = {value}").format(name=sql.Identifier(name), value=sql.Literal(value))
            for name, value in fields.items()
        )
        query = sql.SQL(
            "UPDATE job SET {changes} WHERE id = %s AND state = 'running' AND attempts = %s"
        ).format(changes=changes)
        with self._apart.cursor() as cursor:
            cursor.execute(query, [self.job_id, self.number])
            return int(cursor.rowcount)

    @contextmanager
    def completing(self) -> Iterator[None]:
        """Write the result and the job's end in one transaction, or raise `JobStopped`.

        The requester's right is asked once more: a role revoked meanwhile leaves nothing.
        """
        with transaction(self.actor, self.company_id):
            ours = Job.objects.select_for_update().filter(
                pk=self.job_id, state=JobState.RUNNING, attempts=self.number
            )
            job = ours.first()
            if job is None:
                raise JobStopped
            if self.actor and not still_allowed(self.actor, kind_of(job.kind).action, self):
                raise Forbidden(JobProblem.RIGHT_LOST)
            yield
            job.state, job.progress, job.lease_until = JobState.DONE, 100, None
            job.save(update_fields=["state", "progress", "lease_until", "updated_at"])


def still_allowed(actor: User, action: Action, attempt: Attempt) -> bool:
    """Whether the requester may do it now, in some risk family: the job asks for each row."""
    return attempt.company_id in permissions.read_again(actor).companies(action)


@contextmanager
def renewing(attempt: Attempt) -> Iterator[None]:
    """Renew the lease as long as the worker lives, whatever the pace of its progress.

    A thread of its own does it, on its own connection: a killed worker takes it along, and a job
    that hangs is ended by Celery's time limit.
    """
    ended = threading.Event()
    thread = threading.Thread(target=_renew, args=(attempt, ended), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _renew(attempt: Attempt, ended: threading.Event) -> None:
    ours = Job._base_manager.filter(
        pk=attempt.job_id, state=JobState.RUNNING, attempts=attempt.number
    )
    try:
        while not ended.wait(settings.JOB_LEASE_SECONDS / 3):
            if not ours.update(lease_until=now() + lease()):
                return
    except DatabaseError:
        logger.warning("the lease of job %s is no longer renewed", attempt.job_id, exc_info=True)
    finally:
        connection.close()


@dataclass(frozen=True, slots=True)
class JobKind:
    """What runs a kind of job, the right its requester must still have, and its French name."""

    run: Callable[[Attempt], None]
    action: Action
    label: str


_kinds: dict[str, JobKind] = {}


def register(name: str, *, run: Callable[[Attempt], None], action: Action, label: str) -> None:
    """Declare a kind of job under its French name; the last declaration of a name holds."""
    _kinds[name] = JobKind(run, action, label)


def label_of(name: str) -> str:
    """Return the French name of a kind; a job may outlive the kind that it was of."""
    return _kinds[name].label if name in _kinds else "Travail d'une version précédente"


def kind_of(name: str) -> JobKind:
    """Return a declared kind; an unknown one is a bug and raises `KeyError`."""
    return _kinds[name]
