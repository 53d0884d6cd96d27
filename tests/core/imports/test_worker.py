"""An import in a real Celery worker: killed -9 while it writes, it is redone whole."""

from pathlib import Path

import pytest
from django.urls import resolve, reverse

from catalog.models import Product
from tests.factories import PartnerFactory
from tests.support.imports import table
from tests.support.worker import Worker, following
from winvest.core.choices import JobState
from winvest.core.models import AuditEntry

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("everything")]

ROWS = 8_000  # two blocks


@pytest.fixture
def worker(tmp_path, settings):
    made = Worker(tmp_path, settings.MEDIA_ROOT)
    yield made
    made.stop()


@pytest.mark.requirement("4-03", "9-01", "1-23", "8-07")
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
    run = person.read(key)
    assert (run.state, run.to_create, run.job.attempts) == ("imported", ROWS, 2)
    assert Product.objects.count() == Product.history.count() == ROWS
    assert AuditEntry.objects.filter(table="product", actor_id=person.user.pk).count() == ROWS
    files = [path.name for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    assert len(files) == 2, files  # what was deposited, and the last report
