"""The admin site of the back-office (1-22, 3.8-01): theme, menu, company switcher, search."""

import re
from functools import partial
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.cache import patch_cache_control
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.text import capfirst
from django.views.decorators.http import require_POST
from unfold.dataclasses import SearchResult
from unfold.sites import UnfoldAdminSite

from winvest.core.admin.formatting import logo_address
from winvest.core.admin.menu import first_page, visible_groups
from winvest.core.admin.rights import person
from winvest.core.admin.sidebar import navigation
from winvest.core.admin.ways_back import way_to_wizard
from winvest.core.domain.logo import CONTENT_TYPES
from winvest.core.middleware import SESSION_COMPANY
from winvest.core.models.access import User
from winvest.core.models.company import Company
from winvest.core.selectors.own_companies import companies_of
from winvest.core.services.audit import record_login

RESULTS_PER_MODEL = 8
COLOR = re.compile(r"#[0-9a-fA-F]{6}")


class WinvestAdminSite(UnfoldAdminSite):  # type: ignore[misc]
    """One site for every role; what it shows depends on the user's rights."""

    index_title = "Accueil"
    index_template = "admin/index.html"
    empty_value_display = "—"

    def extra_urls(self) -> list[URLPattern]:
        """Return the addresses that belong to no model."""
        return [
            path(
                "switch-company/",
                self.admin_view(require_POST(self.switch_company)),
                name="switch-company",
            ),
            path("company-theme.css", self.admin_view(self.company_theme), name="company-theme"),
            path(
                "company-logo/<uuid:company_id>",
                self.admin_view(self.company_logo),
                name="company-logo",
            ),
        ]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Add the companies of the user; `colors` is None because the palette is in our CSS."""
        context: dict[str, Any] = super().each_context(request)
        context["colors"] = None
        if self.has_permission(request):
            context["way_to_wizard"] = way_to_wizard(request)
            companies = companies_of(person(request))
            chosen = request.session.get(SESSION_COMPANY)
            context["companies"] = companies
            current = next((c for c in companies if c.code == chosen), None)
            context["current_company"] = current
            shown = companies[0] if len(companies) == 1 else current
            context["shown_company"] = shown
            context["current_logo"] = logo_address(shown) if shown else ""
        return context

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """Work out Django's own menu only where it is shown: ours takes its place everywhere."""
        return SimpleLazyObject(partial(super().get_app_list, request, app_label))

    def get_sidebar_list(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Return our menu as it is: unfold's own copies it and asks each entry for call-backs."""
        return navigation(request)

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead a person to his first page; to whoever has none, say that he has no role yet."""
        first = first_page(request)
        if first != reverse("admin:index"):
            return HttpResponseRedirect(first)
        return super().index(request, extra_context)  # type: ignore[no-any-return]

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Sign in, and journalise it (M-21); a sign-in is what gives the session a new key.

        Whoever asked for no page of his own begins by the catalogue, if he may see it (3.7-01).
        """
        before = request.session.session_key
        response: HttpResponse = super().login(request, extra_context)
        if request.session.session_key != before and isinstance(request.user, User):
            record_login(user=request.user)
            if getattr(response, "url", "") == reverse("admin:index"):
                return HttpResponseRedirect(first_page(request))
        return response

    def switch_company(self, request: HttpRequest) -> HttpResponse:
        """Narrow the session to one of the user's companies, or to none of them (POST `company`).

        A code that is not the user's is ignored, as if it did not exist.
        """
        code = request.POST.get("company", "")
        if code in {company.code for company in companies_of(person(request))}:
            request.session[SESSION_COMPANY] = code
        else:
            request.session.pop(SESSION_COMPANY, None)
        target = request.POST.get("next", "")
        if not url_has_allowed_host_and_scheme(
            target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        ):
            target = reverse("admin:index")
        return HttpResponseRedirect(target)

    def company_theme(self, request: HttpRequest) -> HttpResponse:
        """Return the colours of the user's companies as CSS: no style stands in a page."""
        rules = [
            f".company-{company.code} {{ --company: {color};"
            f" --company-secondary: {color_of(company, 'secondary_color') or color}; }}"
            for company in companies_of(person(request))
            if (color := color_of(company))
        ]
        response = HttpResponse("\n".join(rules), content_type="text/css; charset=utf-8")
        patch_cache_control(response, private=True, max_age=60)
        return response

    def company_logo(self, request: HttpRequest, company_id: UUID) -> HttpResponseBase:
        """Return the logo of one of the user's companies; any other does not exist.

        A new logo has a new name, which the address carries: the browser may keep it.
        """
        for company in companies_of(person(request)):
            if company.pk == company_id and company.logo:
                extension = str(company.logo).rpartition(".")[2]
                try:
                    content = company.logo.open()
                except FileNotFoundError as error:
                    raise Http404 from error
                response = FileResponse(content, content_type=CONTENT_TYPES.get(extension))
                patch_cache_control(response, private=True, max_age=86_400)
                return response
        raise Http404

    def search(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Search sections, then rows in scope: nothing is cached across companies or users."""
        term = request.GET.get("s", "").strip()
        if not term:
            return HttpResponse()
        results = self._search_sections(request, term)
        results += self._search_rows(request, term)
        page = Paginator(results, 100).page(1)
        return TemplateResponse(
            request,
            "unfold/helpers/command_results.html",
            {
                "page_obj": page.paginator,
                "results": page,
                "page_counter": 0,
                "execution_time": 0,
                "command_show_history": False,
            },
            headers={"HX-Trigger": "search"},
        )

    def _search_sections(self, request: HttpRequest, term: str) -> list[SearchResult]:
        return [
            SearchResult(
                title=item.title,
                description=item.description,
                link=item.link,
                icon=item.icon,
            )
            for group in visible_groups(request)
            for item in group.items
            if term.lower() in item.title.lower()
        ]

    def _search_rows(self, request: HttpRequest, term: str) -> list[SearchResult]:
        results = []
        for model, model_admin in self._registry.items():
            if not model_admin.has_view_permission(request):
                continue
            if not model_admin.get_search_fields(request):
                continue
            rows, _ = model_admin.get_search_results(
                request, model_admin.get_queryset(request), term
            )
            meta = model._meta
            results += [
                SearchResult(
                    title=str(row),
                    description=capfirst(meta.verbose_name),
                    link=reverse(
                        f"{self.name}:{meta.app_label}_{meta.model_name}_change", args=[row.pk]
                    ),
                    icon="subdirectory_arrow_right",
                )
                for row in rows[:RESULTS_PER_MODEL]
            ]
        return results


def color_of(company: Company, name: str = "color") -> str:
    """Return a colour `#rrggbb` of the company's charter, an empty text without one."""
    color = str((company.brand_theme or {}).get(name, ""))
    return color if COLOR.fullmatch(color) else ""
