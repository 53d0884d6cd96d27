"""The way of one product to its sale by the API: each step by the person whose it is (§3.4)."""

from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.support.calls import API, VERSIONS, send
from winvest.core.domain.roles import Role
from winvest.core.pdf.render import render_pdf

REVIEWERS = {
    "product": Role.COMPANY_ADMIN,
    "accounting": Role.ACCOUNTING,
    "compliance": Role.LEGAL,
    "integration": Role.IT,
}


@dataclass
class Road:
    """The way of one product to its sale: each step is made by the person whose it is."""

    people: dict[Role, Any]
    company: str
    sku: str
    channels: list[str]
    product: str = ""

    def ask(self, role, method, path, body=None, *, status=(200, 201)):
        """Call the API as a person of that role, and return what it answers."""
        found, answer = send(self.people[role], method, f"{API}/{path}", body)
        wanted = status if isinstance(status, tuple) else (status,)
        assert found in wanted, (path, answer and answer.get("errors"))
        return answer

    def make(self, **columns):
        """Create the product, in test."""
        told = {"sku": self.sku, "company_id": self.company, **columns}
        self.product = self.ask(Role.CATALOG_MANAGER, "post", "products", told)["id"]
        self.move(Role.CATALOG_MANAGER, "test")

    def link(self, code):
        """Say that a partner's API prices the product under that code, and return the code's row."""
        told = {"system": "OggoData", "external_code": code, "integration_status": "api"}
        path = f"products/{self.product}/external-mappings"
        return self.ask(Role.CATALOG_MANAGER, "post", path, told)["id"]

    def try_in_sandbox(self, code):
        self.ask(Role.IT, "post", f"external-mappings/{code}/sandbox-test", {})

    def refusals(self, version, start):
        """Publish the version, which is refused with every reason at once: return their codes."""
        answer = self.ask(
            Role.ADV, "post", f"versions/{version}/publications", self.sale(start), status=409
        )
        assert answer["code"] == "publication.blocked"
        told = f"versions/{version}/problems?channels={','.join(self.channels)}&at={start:%Y-%m-%dT%H:%M:%S}Z"
        problems = self.ask(Role.ADV, "get", told)["problems"]
        assert all(one["ground"] and one["owner"] and one["cure"] for one in problems)
        codes = {error["code"] for error in answer["errors"]}
        assert {one["code"] for one in problems if one["blocking"]} == codes
        return codes

    def sale(self, start):
        return {
            "company_id": self.company,
            "channels": self.channels,
            "start_at": start.isoformat(),
        }

    def add_document(self, version, kind):
        file = SimpleUploadedFile(f"{kind}.pdf", render_pdf(f"<p>{kind}</p>"))
        body = {"type": kind, "title": kind, "file": file}
        made = self.people[Role.CATALOG_MANAGER].post(f"{VERSIONS}/{version}/documents", body)
        assert made.status_code == 201, made.json()
        self.ask(Role.LEGAL, "post", f"documents/{made.json()['id']}/publish", {})

    def publish_documents(self, version):
        """Publish the documents that came with a copy."""
        documents = self.ask(Role.LEGAL, "get", f"versions/{version}/documents")["results"]
        for document in documents:
            self.ask(Role.LEGAL, "post", f"documents/{document['id']}/publish", {})

    def release(self, version, *domains):
        """Submit, approve by each domain, release: each by another person."""
        self.ask(Role.CATALOG_MANAGER, "post", f"versions/{version}/submit", {})
        for domain in domains:
            body = {"domain": domain, "decision": "approved"}
            self.ask(REVIEWERS[domain], "post", f"versions/{version}/approvals", body)
        self.ask(Role.CATALOG_MANAGER, "post", f"versions/{version}/release", {})

    def map_account(self, version, nature, account, tax_code):
        """Map a nature to an account, and validate it."""
        body = {
            "company_id": self.company,
            "nature": nature,
            "gl_account": account,
            "tax_code": tax_code,
        }
        path = f"versions/{version}/accounting-mappings"
        made = self.ask(Role.ACCOUNTING, "post", path, body)
        self.ask(Role.ACCOUNTING, "post", f"accounting-mappings/{made['id']}/validate", {})

    def move(self, role, to, **body):
        self.ask(role, "post", f"products/{self.product}/transition", {"to": to, **body})

    def question(self, channel, **more):
        """Return what a seller asks of the price."""
        asked = {"sku": self.sku, "company_id": self.company, "channel": channel, "quantity": 1}
        return asked | more
