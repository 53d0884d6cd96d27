"""Files of rows as a person brings and takes them, through the pages of the back-office."""

import csv
import io
import zipfile
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import resolve, reverse

from winvest.core import scoping
from winvest.core.models import Company, ImportRun, User
from winvest.core.services.jobs import run_job

LISTS = {
    "risk": "catalog_risk",
    "partner": "partners_partner",
    "product": "catalog_product",
    "mapping": "catalog_externalmapping",
    "index": "catalog_indexvalue",
}
# Files that are no rows of a list: where they are brought.
PAGES = LISTS | {"price_grid": "accounting_pricegridexport"}
# Lists of the group, which no company filters.
SHARED = {"index"}


class Importer:
    """A person who imports into a company; the worker's part is done at once."""

    def __init__(self, browser: Client, user: User | None, company: Company | None) -> None:
        self.browser, self.user, self.company = browser, user, company

    def deposit(self, target: str, content: bytes | str, name: str = "fichier.csv") -> Any:
        """Send the form of the import page and return the answer."""
        data = content.encode() if isinstance(content, str) else content
        return self.browser.post(
            reverse(f"admin:{PAGES[target]}_import"),
            {"company": self.company.pk, "import_file": SimpleUploadedFile(name, data)},
        )

    def check(self, target: str, content: bytes | str, name: str = "fichier.csv") -> ImportRun:
        """Deposit a file and let it be checked."""
        answer = self.deposit(target, content, name)
        assert answer.status_code == 302, answer.content.decode()
        run = self.read(resolve(answer["Location"]).kwargs["object_id"])
        run_job(job_id=run.check_job_id)
        return self.read(run.pk)

    def start(self, run: ImportRun) -> ImportRun:
        """Press « Importer » and let it be done."""
        answer = self.browser.post(reverse("admin:core_importrun_start", args=[run.pk]))
        assert answer.status_code == 302
        run = self.read(run.pk)
        if run.import_job_id:
            run_job(job_id=run.import_job_id)
        return self.read(run.pk)

    def page(self, run: ImportRun) -> str:
        """Return the page of the run."""
        answer = self.browser.get(reverse("admin:core_importrun_change", args=[run.pk]))
        assert answer.status_code == 200
        return answer.content.decode()

    def report(self, run: ImportRun) -> list[list[str]]:
        """Download the report and return its lines."""
        answer = self.browser.get(reverse("admin:core_importrun_report", args=[run.pk]))
        assert answer.status_code == 200
        text = b"".join(answer.streaming_content).decode("utf-8-sig")
        return list(csv.reader(io.StringIO(text), delimiter=";"))

    def export(self, target: str, number: int = 0, query: str = "") -> bytes:
        """Download the list as CSV (0) or XLSX (1)."""
        address = reverse(f"admin:{LISTS[target]}_export") + query
        form = self.browser.get(address).context["form"]
        resources = {name: True for name in form.fields if name.startswith("resource")}
        fields = {
            name: "on" for name in form.fields if name not in ("format", "export_items", *resources)
        }
        answer = self.browser.post(address, {"format": str(number), **fields})
        assert answer.status_code == 200, answer
        assert answer.streaming, answer.content.decode()[:3000]
        return b"".join(answer.streaming_content)

    @staticmethod
    def read(key: Any) -> ImportRun:
        """Return the run as it is now."""
        with scoping.everything():
            return ImportRun.objects.select_related("check_job", "import_job").get(pk=key)


def problems(run: ImportRun) -> set[tuple[int, str, str]]:
    """Return the line, column and code of each error."""
    return {(found["line"], found["column"], found["code"]) for found in run.problems}


def table(*rows: str) -> str:
    """Return a CSV of these lines, as a spreadsheet saves it."""
    return "\ufeff" + "\r\n".join(rows) + "\r\n"


def archive(**parts: bytes) -> bytes:
    """Return a ZIP archive of these parts; `__` in a name stands for the slash."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in parts.items():
            packed.writestr(name, data)
    return content.getvalue()
