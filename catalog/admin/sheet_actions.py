"""What may be done from the sheet, and why something may not (E.2.2-08; `design/domain.md` §2).

Each step leads to the page that asks and does it. One that is refused says every reason, with a
link to what mends it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.urls import reverse
from django.utils.http import urlencode

from catalog.admin.approvals import NOT_ASKED, why_nothing
from catalog.admin.checklist import OPENS, cure_address, cure_name
from catalog.admin.lifecycle import TARGET
from catalog.admin.sheet_tabs import Asked, sheet_address, standing_of
from catalog.choices import Channel
from catalog.domain import lifecycle
from catalog.domain.lifecycle import LifecycleStatus
from catalog.domain.publication import Sale
from catalog.models import ProductVersion
from catalog.parts import content_hash
from catalog.selectors.approvals import ACTIONS as APPROVALS
from catalog.services.approval_states import authors_of, decidable
from catalog.services.approvals import ApprovalProblem, require_approval
from catalog.services.checks import content_reasons
from catalog.services.lifecycle import action_of
from catalog.services.publication import publication_checklist
from catalog.services.versions import VersionProblem
from winvest.core.admin.confirm import address
from winvest.core.domain.roles import Action
from winvest.core.errors import DomainError

NOT_AUTHOR = "Vous avez écrit ce contenu : une autre personne le publie."
# What moves a version, approvals and publications apart.
STEPPING = (Action.VERSION_SUBMIT, Action.VERSION_RELEASE, Action.VERSION_WITHDRAW)
STATUSES = {
    LifecycleStatus.TEST: "Mettre en test",
    LifecycleStatus.ACTIVE: "Activer",
    LifecycleStatus.FROZEN: "Geler",
    LifecycleStatus.RETIRED: "Retirer du catalogue",
}


@dataclass(frozen=True, slots=True)
class Why:
    """A reason, with the page where it is mended, what that page is called, and by whom."""

    message: str
    link: str = ""
    opens: str = "Ouvrir"
    who: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that the person's role does; without a reason against it, it is open."""

    title: str
    address: str
    about: str = ""
    reasons: list[Why] = field(default_factory=list)


def quick_steps(asked: Asked) -> list[Step]:
    """Return the three steps of the header, by right; their own pages say what is missing."""
    found = []
    if asked.allows(Action.CATALOG_EDIT):
        found.append(replace(_duplicate(asked), title="Dupliquer"))
        found += [] if _over(asked) else [_prepared(asked)]
    if asked.version is not None and (seller := _seller(asked)) is not None:
        # The checklist is its owner's page; who sells for himself begins with the form.
        page = _step("productversion_checklist", asked.version["id"])
        owns = seller == asked.product.company_id
        found.append(Step("Publier", page if owns else _publishing(asked.version["id"], seller)))
    return found


def freeze_address(asked: Asked) -> str:
    """Return where the sale is stopped at once, for whoever may; nothing where it does not run."""
    current = LifecycleStatus(asked.product.lifecycle_status)
    stops = LifecycleStatus.FROZEN in lifecycle.TRANSITIONS[current]
    return (
        _step("product_freeze", asked.product.pk)
        if stops and asked.allows(Action.LIFECYCLE_FREEZE)
        else ""
    )


def _publishing(version: UUID, seller: UUID) -> str:
    """Return the form of a publication of the version by the seller."""
    base = reverse("admin:catalog_publication_add")
    return f"{base}?product_version={version}&company={seller}"


def _seller(asked: Asked) -> UUID | None:
    """Return for whom the person publishes: the owner, else the first company that is his (R-10)."""
    product, right = asked.product, Action.PUBLICATION_PUBLISH
    own = sorted(asked.access.companies(right), key=lambda one: (one != product.company_id, one))
    return next((one for one in own if asked.access.allowed_on(right, product, one)), None)


def opens_steps(asked: Asked) -> bool:
    """Whether the person finds a step of `read_steps` to take; an approval, where one is asked of him."""
    current = LifecycleStatus(asked.product.lifecycle_status)
    if asked.allows(Action.CATALOG_EDIT) or any(_moves(asked, current)):
        return True
    if asked.version is None:
        return False
    if any(asked.allows(one) for one in STEPPING) or _seller(asked) is not None:
        return True
    return _approves(asked) and bool(decidable(asked.user, _row(asked)))


def read_steps(asked: Asked) -> list[Step]:
    """Return every step that the person's role does with the product and the version shown."""
    found = []
    if asked.allows(Action.CATALOG_EDIT):
        found += [_duplicate(asked), _new_version(asked)]
    if asked.version is not None:
        found += _of_version(asked)
    return [*found, *_of_life(asked)]


def _duplicate(asked: Asked) -> Step:
    page = _step("product_duplicate", asked.product.pk)
    return Step("Dupliquer le produit", page, "Un nouveau produit au même contenu.")


def _new_version(asked: Asked) -> Step:
    about = "Un brouillon au contenu de la version montrée."
    if asked.version is not None:
        page = _step("productversion_duplicate", asked.version["id"])
        return Step("Dupliquer la version", page, about, _over(asked))
    page = f"{reverse('admin:catalog_productversion_add')}?product={asked.product.pk}"
    return Step("Nouvelle version", page, "La première version.", _over(asked))


def _prepared(asked: Asked) -> Step:
    """Return the wizard on a version with the values of the one shown (3.1-01)."""
    if asked.version is None:
        return _new_version(asked)
    return Step("Nouvelle version", reverse("wizard-version", args=[asked.version["id"]]))


def _of_version(asked: Asked) -> Iterator[Step]:
    """Give the steps of a version's life; what a check asks is asked for whoever does it only."""
    version = _row(asked)
    reads: dict[str, tuple[bool, str, str, Callable[[Asked, Any], list[Why]]]] = {
        "productversion_submit": (
            asked.allows(Action.VERSION_SUBMIT),
            "Soumettre à validation",
            "Demande les approbations.",
            _against_submission,
        ),
        "productversion_review": (
            _approves(asked),
            "Approuver ou refuser",
            "Donne votre avis sur ce contenu.",
            _against_review,
        ),
        "productversion_release": (
            asked.allows(Action.VERSION_RELEASE),
            "Mettre en production",
            "Fige le contenu, à une date.",
            _against_release,
        ),
        "productversion_withdraw": (
            asked.allows(Action.VERSION_WITHDRAW),
            "Retirer avant effet",
            "La version précédente continue.",
            _against_withdrawal,
        ),
    }
    for name, (allowed, title, about, against) in reads.items():
        if allowed:
            page = _asking(asked, name, version.pk)
            yield Step(title, page, about, against(asked, version))
    if (seller := _seller(asked)) is not None:
        page = _publishing(version.pk, seller)
        against_it = _against_publication(asked, version, seller)
        yield Step("Publier", page, "Met la version en vente.", against_it)


def _row(asked: Asked) -> Any:
    """Return the version shown, with what its rules read."""
    rows = ProductVersion._base_manager.filter(pk=(asked.version or {})["id"])
    return rows.select_related("product__risk__parent__parent", "company").get()


def _against_submission(asked: Asked, version: Any) -> list[Why]:
    found = _transition(asked, version, lifecycle.VersionState.IN_REVIEW)
    return found or _content(version)


def _against_review(asked: Asked, version: Any) -> list[Why]:
    if not decidable(asked.user, version):
        in_review = version.state == lifecycle.VersionState.IN_REVIEW
        return [Why(NOT_ASKED if in_review else why_nothing(version))]
    if asked.user.pk in authors_of(version):
        return [Why(ApprovalProblem.OWN.message)]
    return []


def _against_release(asked: Asked, version: Any) -> list[Why]:
    if found := _transition(asked, version, lifecycle.VersionState.RELEASED):
        return found
    found = _content(version)
    try:
        require_approval(version, content_hash(version))
    except DomainError as error:
        found.append(Why(str(error), address(version), OPENS["version"]))
    return found


def _against_withdrawal(asked: Asked, version: Any) -> list[Why]:
    return _transition(asked, version, lifecycle.VersionState.WITHDRAWN)


def _against_publication(asked: Asked, version: Any, seller: UUID) -> list[Why]:
    """Return what the checklist blocks for a seller, on all the version's channels, from now on."""
    sale = Sale(
        seller=seller,
        channels=frozenset(version.channels or Channel.values),
        start=max(asked.now, version.effective_from),
    )
    blocking = publication_checklist(version=version, sale=sale).blocking
    found = [Why(NOT_AUTHOR)] if asked.user.pk in authors_of(version) else []
    return found + [
        Why(
            f"{one.message} {one.rule.cure}",
            cure_address(one, version),
            cure_name(one),
            one.rule.owner,
        )
        for one in blocking
    ]


def _transition(asked: Asked, version: Any, target: lifecycle.VersionState) -> list[Why]:
    if over := _over(asked):
        return over
    state = lifecycle.VersionState(version.state)
    order = list(lifecycle.VersionState)
    forward = target is not lifecycle.VersionState.WITHDRAWN
    if forward and order.index(state) >= order.index(target):
        standing = lifecycle.STANDING_LABELS[standing_of(asked.version or {}, at=asked.now)]
        return [Why(f"Cette version est déjà « {standing} ».")]
    try:
        lifecycle.check_version_transition(
            state, target, effective_from=version.effective_from, at=asked.now
        )
    except DomainError as error:
        submits = state is lifecycle.VersionState.DRAFT and forward
        submits = submits and asked.allows(Action.VERSION_SUBMIT)
        page = _step("productversion_submit", version.pk) if submits else ""
        return [Why(str(error), page, "Soumettre à validation")]
    return []


def _over(asked: Asked) -> list[Why]:
    """Return why no version is prepared any more: the product is retired (4-10)."""
    is_over = asked.product.lifecycle_status == LifecycleStatus.RETIRED
    return [Why(VersionProblem.RETIRED.message)] if is_over else []


def _content(version: Any) -> list[Why]:
    page = address(version)
    return [Why(one.message, page, OPENS["version"]) for one in content_reasons(version)]


def _of_life(asked: Asked) -> Iterator[Step]:
    """Give the changes of the product's status; one that the graph has not says it (M-06)."""
    current = LifecycleStatus(asked.product.lifecycle_status)
    for target in _moves(asked, current):
        title, reasons = STATUSES[target], []
        if target not in lifecycle.TRANSITIONS[current]:
            told = lifecycle.why_no_transition(current, target)
            instead = _instead(asked, current)
            reasons = [Why(told, instead.address, instead.title) if instead else Why(told)]
        name = "product_retire" if target is LifecycleStatus.RETIRED else "product_move"
        page = _asking(asked, name, asked.product.pk, **{TARGET: target.value})
        yield Step(title, page, "Maintenant, ou à une date.", reasons)


def _moves(asked: Asked, current: LifecycleStatus) -> Iterator[LifecycleStatus]:
    """Give the other statuses that the person's role gives, allowed by the graph or not."""
    for target in STATUSES:
        if target is not current and asked.allows(action_of(current, target)):
            yield target


def _approves(asked: Asked) -> bool:
    return any(asked.allows(one) for one in APPROVALS.values())


def _instead(asked: Asked, current: LifecycleStatus) -> Step | None:
    """Return what to do instead of a change that the graph has not, by right."""
    if current in (LifecycleStatus.DRAFT, LifecycleStatus.TEST):
        moves = asked.allows(Action.LIFECYCLE_MOVE)
        move = Step("Changer le statut", _step("product_move", asked.product.pk))
        return move if moves else None
    if not asked.allows(Action.CATALOG_EDIT):
        return None
    return _duplicate(asked) if current is LifecycleStatus.RETIRED else _new_version(asked)


def _asking(asked: Asked, name: str, key: object, **given: str) -> str:
    """Return a page that asks before it does, then leads back to the sheet."""
    shown = (asked.version or {}).get("version")
    back = sheet_address(asked.product.pk, version=shown)
    return f"{_step(name, key)}?{urlencode({**given, REDIRECT_FIELD_NAME: back})}"


def _step(name: str, key: object) -> str:
    return reverse(f"admin:catalog_{name}", args=[key])
