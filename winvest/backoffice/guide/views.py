"""The pages of « Aide »: the guide of the person's role, and those of the others."""

from django.contrib.admin import site
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from winvest.backoffice.guide.texts import GUIDES, guide, guides_of
from winvest.core.admin.rights import person
from winvest.core.choices import ROLE_LABELS
from winvest.core.domain.roles import Role
from winvest.core.middleware import SESSION_COMPANY
from winvest.core.permissions import access_of
from winvest.core.selectors.own_companies import companies_of

WITHOUT_ROLE = "vente"


@site.admin_view
@require_GET
def own_guide(request: HttpRequest) -> HttpResponse:
    """Lead to the guide of the role held in the chosen company, or in any of them (H.5-04)."""
    return redirect("guide", next(iter(guides_of(_roles(request))), WITHOUT_ROLE))


@site.admin_view
@require_GET
def role_guide(request: HttpRequest, name: str) -> HttpResponse:
    """Show a guide; everybody may read what the others do, whom he will ask."""
    if name not in GUIDES:
        raise Http404
    own = guides_of(_roles(request))
    shown = guide(name)
    names = [*own, *(other for other in GUIDES if other not in own)]
    context = {
        **site.each_context(request),
        "title": shown.title,
        "guide": shown,
        "guides": [
            {
                "name": other,
                "title": ROLE_LABELS[GUIDES[other]],
                "own": other in own,
                "here": other == name,
            }
            for other in names
        ],
    }
    return TemplateResponse(request, "admin/guide/page.html", context)


def _roles(request: HttpRequest) -> frozenset[Role]:
    """Return the roles held in the chosen company; without one, all that the person holds."""
    access = access_of(person(request))
    chosen = request.session.get(SESSION_COMPANY)
    current = next((c.pk for c in companies_of(person(request)) if c.code == chosen), None)
    if current is not None:
        return access.roles(current)
    return access.group_wide.union(*access.by_company.values())
