"""Routes of the product."""

from django.contrib import admin
from django.urls import include, path

from catalog.admin import saved_views
from catalog.admin.pane_files import listing
from catalog.admin.panes import catalogue
from catalog.admin.selection import selection
from catalog.admin.sheet import sheet, sheet_steps
from catalog.admin.sheet_diff import sheet_diff
from catalog.admin.sheet_files import sheet_csv, sheet_pdf
from documents.admin.sheet import sheet_document
from integrations.admin.sheet import sheet_quote
from winvest.backoffice.dashboard.views import (
    dashboard,
    figures,
    my_calendar,
    my_tasks,
    my_work,
)
from winvest.backoffice.guide.views import own_guide, role_guide
from winvest.backoffice.wizard import views as wizard

urlpatterns = [
    path("api/", include("winvest.api")),
    path("catalogue/", catalogue, name="catalogue"),
    path("catalogue/produits/<uuid:pk>/", sheet, name="product-sheet"),
    path("catalogue/produits/<uuid:pk>/actions/", sheet_steps, name="product-steps"),
    path("catalogue/produits/<uuid:pk>/comparer/", sheet_diff, name="product-diff"),
    path("catalogue/produits/<uuid:pk>/devis/", sheet_quote, name="product-quote"),
    path("catalogue/produits/<uuid:pk>/fiche.pdf", sheet_pdf, name="product-pdf"),
    path("catalogue/produits/<uuid:pk>/fiche.csv", sheet_csv, name="product-csv"),
    path("catalogue/documents/<uuid:pk>/", sheet_document, name="product-document"),
    path("catalogue/liste.pdf", listing, name="catalogue-pdf"),
    path("catalogue/selection/", selection, name="catalogue-selection"),
    path("catalogue/vues/", saved_views.save, name="catalogue-views"),
    path("catalogue/colonnes/", saved_views.choose_columns, name="catalogue-columns"),
    path("catalogue/vues/<uuid:view_id>/", saved_views.change, name="catalogue-view"),
    path("catalogue/favoris/<uuid:product_id>/", saved_views.favorite, name="catalogue-favorite"),
    path("assistant/", wizard.wizard, name="wizard"),
    path("assistant/version/<uuid:version_id>/", wizard.prepare, name="wizard-version"),
    path("assistant/<uuid:draft_id>/retirer/", wizard.put_away, name="wizard-close"),
    path("assistant/<uuid:draft_id>/<slug:step>/", wizard.step, name="wizard-step"),
    path("assistant/<uuid:draft_id>/<slug:step>/saisie/", wizard.keep, name="wizard-keep"),
    path("assistant/<uuid:draft_id>/<slug:step>/apercu/", wizard.preview, name="wizard-preview"),
    path("mes-taches/", my_work, name="my-work"),
    path("mes-taches/calendrier/", my_calendar, name="my-calendar"),
    path("mes-taches/<slug:name>/", my_tasks, name="my-tasks"),
    path("tableau-de-bord/", dashboard, name="dashboard"),
    path("tableau-de-bord/<slug:name>/", figures, name="dashboard-figures"),
    path("aide/", own_guide, name="help"),
    path("aide/<slug:name>/", role_guide, name="guide"),
    path("", admin.site.urls),
]

handler400 = "winvest.core.api.errors.bad_request"
handler403 = "winvest.core.api.errors.permission_denied"
handler404 = "winvest.core.api.errors.not_found"
handler500 = "winvest.core.api.errors.server_error"
