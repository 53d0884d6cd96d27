"""Routes of the partners."""

from django.urls import path

from partners.api import credentials, iban, partners

urlpatterns = [
    path("partners", partners.PartnerList.as_view(), name="api-partners"),
    path("partners/<uuid:id>", partners.PartnerRow.as_view(), name="api-partner"),
    path(
        "partners/<uuid:id>/activations",
        partners.ActivationList.as_view(),
        name="api-partner-activations",
    ),
    path(
        "partners/<uuid:id>/credentials",
        credentials.CredentialList.as_view(),
        name="api-partner-credentials",
    ),
    path(
        "partners/<uuid:id>/iban-changes",
        iban.IbanChangeList.as_view(),
        name="api-partner-iban-changes",
    ),
    path("activations/<uuid:id>", partners.ActivationRow.as_view(), name="api-activation"),
    path("credentials/<uuid:id>", credentials.CredentialRow.as_view(), name="api-credential"),
    path(
        "credentials/<uuid:id>/rotate",
        credentials.CredentialRotation.as_view(),
        name="api-credential-rotate",
    ),
    path(
        "iban-changes/<uuid:id>/confirm", iban.IbanConfirmation.as_view(), name="api-iban-confirm"
    ),
    path("iban-changes/<uuid:id>/refuse", iban.IbanRefusal.as_view(), name="api-iban-refuse"),
]
