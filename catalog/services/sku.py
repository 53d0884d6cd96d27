"""Giving product codes `{SOCIETE}-{RISQUE}-{SEQ}`, never the same one twice (A.5-01, M-12)."""

from catalog.domain import sku as codes
from catalog.models import Risk, SkuCounter
from catalog.selectors.duplicates import codes_after
from winvest.core import permissions
from winvest.core.domain.roles import Action
from winvest.core.errors import Conflict, NotFound, Problem
from winvest.core.models.access import User
from winvest.core.models.company import Company
from winvest.core.transaction import transaction


class SkuProblem(Problem):
    """Why no code is given."""

    RISK = "risk.other_company", "Ce risque n'est pas celui de la société."
    LENGTH = "sku.too_long", "Le code conseillé dépasse 80 signes : saisissez-en un plus court."


def take_sku(*, actor: User, company: Company, risk: Risk) -> str:
    """Return the next code of a family of a company, kept for the caller: right `catalog.edit`.

    After the greatest number given or in use in the group, whoever holds it. Two people who ask
    at once wait for each other and get two codes; the one who never uses his leaves a gap.
    """
    permissions.require(actor, Action.CATALOG_EDIT, company.pk, risk.pk)
    if risk.company_id not in (None, company.pk):
        raise NotFound(SkuProblem.RISK, path="risk_id")
    prefix = codes.prefix_of(company.code, risk.code)
    with transaction(actor, company.pk):
        SkuCounter.objects.bulk_create([SkuCounter(prefix=prefix)], ignore_conflicts=True)
        counter = SkuCounter.objects.select_for_update().get(prefix=prefix)
        taken = codes_after(prefix)
        sku = codes.propose(company.code, risk.code, taken, given=counter.last)
        if len(sku) > codes.MAX_SKU:
            raise Conflict(SkuProblem.LENGTH, path="sku")
        counter.last = codes.sequence_of(sku, prefix)
        counter.save(update_fields=["last"])
    return sku


def shown_sku(company: Company, risk: Risk) -> str:
    """Return the code that would be given next, without keeping it: two people may be shown it."""
    prefix = codes.prefix_of(company.code, risk.code)
    given = SkuCounter.objects.filter(prefix=prefix).values_list("last", flat=True).first()
    return codes.propose(company.code, risk.code, codes_after(prefix), given=given or 0)
