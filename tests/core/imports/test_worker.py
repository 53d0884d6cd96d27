"""An import in a real Celery worker, killed -9 while it writes; two imports at once."""

from pathlib import Path
from threading import Thread

import pytest
from django.db import connection
from django.urls import resolve, reverse

from catalog.models import ExternalMapping, Product
from tests.factories import PartnerFactory
from tests.support.imports import table
from tests.support.worker import Worker, following
from winvest.core.choices import JobState
from winvest.core.models import AuditEntry
from winvest.core.services.jobs import run_job

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("everything")]

ROWS = 8_000  # two blocks
CODES = 500


@pytest.fixture
def worker(tmp_path, settings):
    made = Worker(tmp_path, settings.MEDIA_ROOT)
    yield made
    made.stop()


@pytest.mark.requirement("4-03", "9-01", "1-23", "8-07", "C.2-04")
def test_killed_while_it_writes_nothing_is_half_imported(worker, importer, company, settings):
    PartnerFactory(company=company, name="OggoData")
    person = importer()
    rows = (f"AP-{n:05};Offre {n};SANTE;OggoData;Commission" for n in range(ROWS))
    content = table("SKU;Nom;Risque;Partenaire;Monétisation", *rows)
    with following(worker.log) as wait:
        worker.start()
        key = resolve(person.deposit("product", content)["Location"]).kwargs["object_id"]
        wait(key, JobState.DONE)
        assert person.read(key).state == "ready"

        person.browser.post(reverse("admin:core_importrun_start", args=[key]))
        wait(key, JobState.RUNNING, progress=50)
        worker.kill()
        page = person.browser.get(reverse("admin:core_importrun_progress", args=[key]))
        assert "Import en cours" in page.content.decode()
        assert not Product.objects.exists()
        assert not AuditEntry.objects.filter(table="product").exists()
        assert person.read(key).state == "ready"

        worker.start()
        wait(key, JobState.DONE)
        codes = _bring_codes(person, wait)
    run = person.read(key)
    assert (run.state, run.to_create, run.job.attempts) == ("imported", ROWS, 2)
    assert (codes.state, codes.to_create, codes.job.attempts) == ("imported", CODES, 1)
    assert ExternalMapping.objects.filter(integration_status="import").count() == CODES
    assert ExternalMapping.history.count() == CODES
    assert Product.objects.count() == Product.history.count() == ROWS
    assert AuditEntry.objects.filter(table="product", actor_id=person.user.pk).count() == ROWS
    files = [path.name for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    assert len(files) == 4, files  # what was deposited twice, and the last reports


def _bring_codes(person, wait):
    """Bring codes of the partner by the same worker (C.2-04)."""
    rows = (f"AP-{n:05};OggoData;OG-{n}" for n in range(CODES))
    answer = person.deposit("mapping", table("SKU;Système;Code externe", *rows))
    key = resolve(answer["Location"]).kwargs["object_id"]
    wait(key, JobState.DONE)
    person.browser.post(reverse("admin:core_importrun_start", args=[key]))
    wait(key, JobState.DONE)
    return person.read(key)


@pytest.mark.requirement("8-07", "9-01", "A.2.2-product-04")
def test_two_imports_at_once_write_each_row_once(importer):
    """Whoever comes second finds the rows as they are, or is refused line by line."""
    people = importer(), importer()
    rows = ("SKU;Nom;Risque;Monétisation", "AP-8;a;SANTE;CA interne", "AP-9;b;SANTE;CA interne")
    runs = [person.check("product", table(*rows)) for person in people]
    for person, run in zip(people, runs, strict=True):
        person.browser.post(reverse("admin:core_importrun_start", args=[run.pk]))
    threads = [Thread(target=_run, args=(importer().read(run.pk).import_job_id,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ended = [importer().read(run.pk) for run in runs]
    assert {run.job.state for run in ended} == {JobState.DONE}
    assert sorted((run.state, run.to_create) for run in ended) in (
        [("imported", 0), ("imported", 2)],
        [("imported", 2), ("refused", 0)],
    )
    for run in ended:
        assert {found["line"] for found in run.problems} == ({2, 3} if run.refused else set())
    assert Product.objects.count() == Product.history.count() == 2
    assert AuditEntry.objects.filter(table="product").count() == 2


def _run(job_id):
    try:
        run_job(job_id=job_id)
    finally:
        connection.close()
