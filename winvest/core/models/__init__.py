"""Models of the core."""

from winvest.core.models.access import ApiToken, IdempotencyKey, Membership, MembershipRisk, User
from winvest.core.models.audit import AuditEntry, AuditHead, AuditRoot, AuditSeal, AuditTrail
from winvest.core.models.company import Brand, Company
from winvest.core.models.imports import ImportRun
from winvest.core.models.job import Job
from winvest.core.models.notification import Notification
from winvest.core.models.secret import DataKey
from winvest.core.models.vat import VatRate

__all__ = [
    "ApiToken",
    "AuditEntry",
    "AuditHead",
    "AuditRoot",
    "AuditSeal",
    "AuditTrail",
    "Brand",
    "Company",
    "DataKey",
    "IdempotencyKey",
    "ImportRun",
    "Job",
    "Membership",
    "MembershipRisk",
    "Notification",
    "User",
    "VatRate",
]
