"""A draft of the wizard ends with the submission of its version, and is opened anew by a refusal (§1, E.2.3)."""

from catalog.choices import WizardStep
from catalog.models import ProductVersion, WizardDraft
from catalog.services.approval_states import authors_of
from winvest.core import permissions
from winvest.core.domain.roles import Action
from winvest.core.models.access import User


def end_draft(version: ProductVersion) -> None:
    """Put away the draft of a version that is submitted, in its transaction, by whatever door.

    What was typed and never written is not lost: such a draft stays.
    """
    found = WizardDraft.objects.filter(product_version=version).first()
    if found is not None and not any(one["texts"] for one in found.typed.values()):
        found.delete()


def reopen_draft(version: ProductVersion) -> WizardDraft | None:
    """Open the draft of a version that was sent back, in the transaction of the refusal.

    It is the requester's where he wrote or nobody else may go on, else an author's: of those who
    may still write it. A draft that is open stays as it is; None where nobody wrote or asked.
    """
    found: WizardDraft | None = WizardDraft.objects.filter(product_version=version).first()
    owner = None if found else _owner(version)
    if owner is None:
        return found
    # All its steps were filled when it was submitted.
    draft = WizardDraft(
        user=owner,
        changed_by=owner,
        company_id=version.company_id,
        product_version=version,
        step=WizardStep.PUBLICATION,
    )
    draft.save(force_insert=True)
    return draft


def _owner(version: ProductVersion) -> User | None:
    authors, asking = authors_of(version), version.submitted_by_id
    people = User.objects.filter(pk__in=authors | {asking} - {None}, is_active=True)
    # Who asked and wrote, then who wrote, then who only asked.
    order = sorted(people, key=lambda one: (one.pk not in authors, one.pk != asking, one.pk))
    editing = (one for one in order if _writes(one, version))
    return next(editing, order[0] if order else None)


def _writes(user: User, version: ProductVersion) -> bool:
    access = permissions.access_of(user)
    return access.allowed_on(Action.CATALOG_EDIT, version, version.company_id)
