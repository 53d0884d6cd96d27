"""Roles and actions of `design/domain.md` §11 (specification §3.8, D.2, G.2; reading R-01)."""

from enum import StrEnum


class Role(StrEnum):
    """A role that a membership gives in a company."""

    GROUP_ADMIN = "group_admin"
    COMPANY_ADMIN = "company_admin"
    CATALOG_MANAGER = "catalog_manager"
    ACCOUNTING = "accounting"
    ADV = "adv"
    LEGAL = "legal"
    IT = "it"
    MARKETING = "marketing"
    SALES = "sales"
    AUDITOR = "auditor"


class Action(StrEnum):
    """Something a person may be allowed to do; doors name one, never a role."""

    @property
    def codename(self) -> str:
        """Name of the object permission on the company that stands for this action."""
        return self.value.replace(".", "_")

    CATALOG_VIEW = "catalog.view"
    CATALOG_VIEW_ALL = "catalog.view_all"
    CATALOG_EDIT = "catalog.edit"
    PRICING_EDIT = "pricing.edit"
    COMMISSION_EDIT = "commission.edit"
    VERSION_SUBMIT = "version.submit"
    VERSION_RELEASE = "version.release"
    VERSION_WITHDRAW = "version.withdraw"
    LIFECYCLE_MOVE = "lifecycle.move"
    COMMISSION_VIEW = "commission.view"
    DOCUMENT_EDIT = "document.edit"
    CQ_EDIT = "cq.edit"
    MAPPING_EDIT = "mapping.edit"
    MAPPING_VALIDATE = "mapping.validate"
    ACCOUNTING_SETTINGS = "accounting.settings"
    PERIOD_CLOSE = "period.close"
    EXPORT_RUN = "export.run"
    LETTERING_EDIT = "lettering.edit"
    APPROVE_PRODUCT = "approve.product"
    APPROVE_ACCOUNTING = "approve.accounting"
    APPROVE_COMPLIANCE = "approve.compliance"
    APPROVE_INTEGRATION = "approve.integration"
    PUBLICATION_EDIT = "publication.edit"
    PUBLICATION_PUBLISH = "publication.publish"
    LIFECYCLE_FREEZE = "lifecycle.freeze"
    LIFECYCLE_UNFREEZE = "lifecycle.unfreeze"
    LIFECYCLE_RETIRE = "lifecycle.retire"
    PARTNER_EDIT = "partner.edit"
    PARTNER_ONBOARD = "partner.onboard"
    PARTNER_IBAN = "partner.iban"
    PARTNER_CREDENTIALS = "partner.credentials"
    INTEGRATION_CONSOLE = "integration.console"
    WEBHOOK_REPLAY = "webhook.replay"
    OPERATION_POST = "operation.post"
    ACCOUNTING_VIEW = "accounting.view"
    SIMULATE = "simulate"
    QUOTE = "quote"
    NOTIFICATION_PUBLISH = "notification.publish"
    AUDIT_VIEW = "audit.view"
    AUDIT_EXPORT = "audit.export"
    ACCESS_MANAGE = "access.manage"
    COMPANY_EDIT = "company.edit"
