"""Step 3 in one page: a scheme with its tiers in a small table and its split (3.1-04, E.2.3-03).

What it does not ask (period, partner, minimum, advance, months) stays as it is, in the full form.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.contrib.admin import site
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from catalog.choices import WizardStep
from catalog.models import ProductVersion, WizardDraft
from catalog.services.wizard import TABLE, typed_of
from commissions.admin.scheme import CommissionSchemeAdmin
from commissions.models import CommissionScheme
from commissions.services.schemes import change_scheme, create_scheme
from winvest.backoffice.wizard.cases import failing
from winvest.backoffice.wizard.example import shown_commission
from winvest.backoffice.wizard.frame import (
    ROW,
    changed_since,
    form_address,
    forms_kept,
    frame,
    lacks,
    leave,
)
from winvest.backoffice.wizard.scheme import SchemeGrid
from winvest.core.admin.rights import person
from winvest.core.errors import DomainError
from winvest.core.models.access import User

STEP = WizardStep.COMMISSIONS


@dataclass(frozen=True, slots=True)
class Asked:
    """Which scheme is shown (None: a new one), and whether in the simple page or the full form."""

    schemes: list[CommissionScheme]
    chosen: CommissionScheme | None
    is_table: bool

    @property
    def row(self) -> str:
        """Return what names this form of this scheme among the kept texts."""
        key = str(self.chosen.pk) if self.chosen else ""
        return key if not self.is_table else f"{TABLE}:{key}" if key else TABLE


def asked_of(request: HttpRequest, draft: WizardDraft) -> Asked:
    """Return what the address, the form that is sent, or the texts that are kept ask for."""
    schemes = list(
        CommissionScheme.objects.filter(product_version=draft.product_version)
        .select_related("company", "plan", "seller", "partner")
        .prefetch_related("tiers")
        .order_by("pk")
    )
    is_table, key = _named(request, draft)
    chosen = next((one for one in schemes if str(one.pk) == key), None)
    if key is None and schemes:
        chosen = schemes[0]
    return Asked(schemes, chosen, is_table and (chosen is None or is_simple(chosen)))


def _named(request: HttpRequest, draft: WizardDraft) -> tuple[bool, str | None]:
    """Return whether the simple page is asked for, and of which scheme: "" new, None any."""
    row = request.POST.get(ROW)
    if row is None and not {"bareme", "nouveau", "complet"} & request.GET.keys():
        row = next(reversed(forms_kept(draft, STEP)), None)
    if row is not None:
        kind, _, key = row.rpartition(":")
        return (True, "") if row == TABLE else (kind == TABLE, key)
    named = request.GET.get("bareme", "" if "nouveau" in request.GET else None)
    return "complet" not in request.GET, named


def is_simple(scheme: CommissionScheme) -> bool:
    """Whether the simple page can hold the tiers: one basis, whatever the months."""
    tiers = list(scheme.tiers.all())
    return len({one.basis for one in tiers}) <= 1 and all(
        one.month_from is None and one.month_to is None for one in tiers
    )


def links(request: HttpRequest, draft: WizardDraft, asked: Asked) -> dict[str, Any]:
    """Return the ways from one scheme to the other, from the simple page to the full form, and what
    the test cases of the schemes find wrong.
    """
    page, kept = CommissionSchemeAdmin(CommissionScheme, site), forms_kept(draft, STEP)
    key = str(asked.chosen.pk) if asked.chosen else ""
    table = f"{TABLE}:{key}" if key else TABLE
    return {
        "schemes": [
            {
                "link": form_address(draft, STEP, f"{TABLE}:{one.pk}"),
                "name": one.name or page.shown_scope(one),
                "detail": f"{one.get_direction_display()} : {page.shown_tiers(one) or 'sans palier'}",
                "is_chosen": one == asked.chosen,
                "keeps": not {str(one.pk), f"{TABLE}:{one.pk}"}.isdisjoint(kept),
            }
            for one in asked.schemes
        ],
        "cases": failing(request, draft, asked.schemes, asked.row),
        "new_scheme": form_address(draft, STEP, TABLE),
        "new_keeps": not {"", TABLE}.isdisjoint(kept),
        "is_new": asked.chosen is None,
        "full": form_address(draft, STEP, key),
        "simple": form_address(draft, STEP, table),
        "full_keeps": key in kept,
        "simple_keeps": table in kept,
    }


def show(request: HttpRequest, draft: WizardDraft, asked: Asked) -> HttpResponse:
    """Show the simple page, or write the scheme and go on."""
    version: Any = draft.product_version
    if request.method == "GET":
        kept = typed_of(draft, STEP, asked.row)
        grid = SchemeGrid(version, asked.chosen, kept)
        return _page(request, draft, asked, grid, shown_again=bool(kept))
    grid = _typed(request, version, asked.chosen)
    if changed := changed_since(request, draft, STEP, asked.row):
        grid.is_valid()
        return _page(request, draft, asked, grid, shown_again=False, changed=changed)
    if asked.chosen is None and grid.is_blank() and not lacks(version, STEP):
        return leave(request, draft, STEP, asked.row)  # sold without a commission
    written = grid.is_valid() and _written(person(request), version, asked.chosen, grid)
    if not written:
        return _page(request, draft, asked, grid, shown_again=False)
    return leave(request, draft, STEP, asked.row, f"{TABLE}:{written.pk}")


def preview(request: HttpRequest, draft: WizardDraft) -> HttpResponse:
    """Show the sum of the split and what some sales would make, as typed now; nothing is written."""
    version: Any = draft.product_version
    asked = asked_of(request, draft)
    grid = _typed(request, version, asked.chosen)
    grid.is_valid()
    context = shown_commission(version, grid, asked.chosen)
    return TemplateResponse(request, "admin/wizard/_commission.html", context)


def _typed(request: HttpRequest, version: Any, scheme: CommissionScheme | None) -> SchemeGrid:
    return SchemeGrid(version, scheme, {name: request.POST.getlist(name) for name in request.POST})


def _written(
    actor: User, version: ProductVersion, scheme: CommissionScheme | None, grid: SchemeGrid
) -> CommissionScheme | None:
    """Write the scheme with its tiers, or nothing; what is refused stands beside its box."""
    columns, tiers = grid.columns(), grid.tier_rows()
    written = scheme
    try:
        if scheme is None:
            new = CommissionScheme(
                product_version=version, company_id=version.company_id, **columns
            )
            written = create_scheme(actor=actor, scheme=new, tiers=tiers)
        else:
            change_scheme(
                actor=actor, scheme=scheme, changes=columns, tiers=tiers, check=lambda _row: None
            )
    except ValidationError as error:
        _tell(grid, error)
    except DomainError as error:
        for reason in error.reasons:
            grid.tell_tier(reason.path, reason.message)
    return None if grid.errors() else written


def _tell(grid: SchemeGrid, error: ValidationError) -> None:
    found = error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
    for name, told in found.items():
        place = "share_company" if name == "split" else name
        grid.scheme.add_error(place if place in grid.scheme.fields else None, told)


def _page(
    request: HttpRequest,
    draft: WizardDraft,
    asked: Asked,
    grid: SchemeGrid,
    *,
    shown_again: bool,
    changed: str = "",
) -> HttpResponse:
    context = frame(request, draft, STEP, asked.row) | links(request, draft, asked)
    context |= {
        "grid": grid,
        "shown_again": shown_again,
        "changed": changed,
        "general": grid.scheme.errors.get(NON_FIELD_ERRORS, []),
        "preview": reverse("wizard-preview", args=[draft.pk, STEP.value]),
    }
    status = HTTPStatus.CONFLICT if changed else HTTPStatus.OK
    return TemplateResponse(request, "admin/wizard/commissions.html", context, status=status)
