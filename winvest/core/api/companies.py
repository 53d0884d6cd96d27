"""Companies of the group (§2.1, Annexe A.2.1): the group writes them, Compta its own parameters."""

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from winvest.core import permissions, scoping
from winvest.core.api.resources import ResourceList, ResourceRow, Rows, named
from winvest.core.api.schema import page_of
from winvest.core.api.serializers import (
    ListQuery,
    OneOfField,
    StrictSerializer,
    TextField,
    WholeField,
    YesNoField,
)
from winvest.core.api.warned import WarnedView, WarningSerializer
from winvest.core.choices import Currency, VatRegime
from winvest.core.domain.identity import siren_warnings
from winvest.core.domain.roles import Action
from winvest.core.errors import Reason
from winvest.core.models import Company
from winvest.core.selectors.companies import list_companies
from winvest.core.services.companies import create_company

ABSENT: dict[str, Any] = {"required": False, "allow_null": True}


class AddressBody(StrictSerializer):
    """An address; a part left out is unknown."""

    label = TextField(max_length=60, required=False)  # type: ignore[assignment]
    street = TextField(max_length=160, required=False)
    postcode = TextField(max_length=12, required=False)
    city = TextField(max_length=80, required=False)
    country = TextField(max_length=2, required=False)


class ContactBody(StrictSerializer):
    """A person to reach."""

    name = TextField(max_length=120, required=False)
    role = TextField(max_length=120, required=False)
    email = TextField(max_length=254, required=False)
    phone = TextField(max_length=30, required=False)
    note = TextField(max_length=300, required=False)


class ThemeBody(StrictSerializer):
    """Colours `#rrggbb`."""

    color = TextField(max_length=7, required=False)
    secondary_color = TextField(max_length=7, required=False)


class CompanyBody(StrictSerializer):
    """What may be written of a company; its logo is uploaded in the back-office."""

    code = TextField(max_length=12)
    legal_name = TextField(max_length=160)
    brand_name = TextField(max_length=120)
    siren = TextField(max_length=9)
    siret_default = TextField(max_length=14, **ABSENT)
    vat_number = TextField(max_length=32, **ABSENT)
    country = TextField(max_length=2, required=False)
    currency = OneOfField(choices=Currency.choices, required=False)
    timezone = TextField(max_length=40, required=False)
    ics_code = TextField(max_length=20, **ABSENT)
    brand_theme = ThemeBody(**ABSENT)
    addresses = AddressBody(many=True, required=False)
    contacts = ContactBody(many=True, required=False)
    vat_regime = OneOfField(choices=VatRegime.choices, required=False)
    account_length = WholeField(required=False, min_value=3, max_value=12)
    is_active = YesNoField(required=False)


class CompanySerializer(serializers.Serializer[object]):
    """A company of the group."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    legal_name = serializers.CharField()
    brand_name = serializers.CharField()
    siren = serializers.CharField()
    siret_default = serializers.CharField(allow_null=True)
    vat_number = serializers.CharField(allow_null=True)
    country = serializers.CharField()
    currency = serializers.ChoiceField(choices=Currency.choices)
    timezone = serializers.CharField()
    ics_code = serializers.CharField(allow_null=True)
    brand_theme = ThemeBody(allow_null=True)
    addresses = AddressBody(many=True)
    contacts = ContactBody(many=True)
    vat_regime = serializers.ChoiceField(choices=VatRegime.choices)
    account_length = serializers.IntegerField()
    is_active = serializers.BooleanField()
    has_logo = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class CompanyAnswer(CompanySerializer):
    """A company with what is doubtful about it."""

    warnings = WarningSerializer(many=True)


class CompanyQuery(ListQuery):
    """Filters of the companies."""

    code = TextField(required=False, max_length=12, help_text="Code de la société.")
    siren = TextField(required=False, max_length=9, help_text="SIREN.")
    is_active = YesNoField(from_text=True, required=False, help_text="Société active.")


class CompanyView(WarnedView):
    """The rights of a company's columns, as on its page."""

    model = Company
    edit_action = Action.COMPANY_EDIT
    field_actions: ClassVar[dict[str, Action]] = {
        "vat_regime": Action.ACCOUNTING_SETTINGS,
        "account_length": Action.ACCOUNTING_SETTINGS,
        "ics_code": Action.ACCOUNTING_SETTINGS,
    }
    fixed = frozenset({"code"})
    write_serializer = CompanyBody

    def rows(self) -> Rows:
        """Return the companies in scope."""
        return list_companies()

    def warnings(self, body: dict[str, Any]) -> list[Reason]:
        """Tell a SIREN whose key is wrong (M-11)."""
        return siren_warnings(body["siren"])


class CompanyList(CompanyView, ResourceList):
    """Companies of the caller."""

    actions = {"GET": Action.CATALOG_VIEW, "POST": Action.COMPANY_EDIT}  # noqa: RUF012

    @extend_schema(
        operation_id="companies_list",
        summary="Sociétés",
        description="Les sociétés où l'appelant a un rôle, par code.",
        tags=["Référentiels"],
        parameters=[CompanyQuery],
        responses=page_of(CompanySerializer),
    )
    def get(self, request: Request) -> Response:
        """Return a page."""
        given = self.parameters(CompanyQuery)
        filters = {name: given[name] for name in ("code", "siren", "is_active") if name in given}
        return self.page(list_companies(**filters), ("code",))

    @extend_schema(
        operation_id="companies_create",
        summary="Créer une société",
        description=(
            "Réservé à l'administration du groupe. Une clé de SIREN fausse est acceptée et dite "
            "dans `warnings`."
        ),
        tags=["Référentiels"],
        request=CompanyBody,
        responses={201: CompanyAnswer},
    )
    def post(self, request: Request) -> Response:
        """Create a company, which works at once."""
        permissions.require(self.user, self.edit_action, None)
        company = Company(**self.validated(CompanyBody))
        named(lambda: create_company(actor=self.user, company=company), Company)
        # The caller's rights were read before it existed.
        with scoping.scope([company.pk]):
            return self.answer(company.pk, status=201)


class CompanyRow(CompanyView, ResourceRow):
    """One company."""

    actions = {"GET": Action.CATALOG_VIEW, "PATCH": Action.COMPANY_EDIT}  # noqa: RUF012
    path_model = Company

    @extend_schema(
        operation_id="companies_read",
        summary="Lire une société",
        description="La société, son `ETag` et les avertissements.",
        tags=["Référentiels"],
        responses=CompanyAnswer,
    )
    def get(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Return the company."""
        return self.answer(id)

    @extend_schema(
        operation_id="companies_change",
        summary="Modifier une société",
        description="Change les champs donnés ; la Compta change ses paramètres, le code jamais.",
        tags=["Référentiels"],
        request=CompanyBody,
        responses=CompanyAnswer,
    )
    def patch(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Change the given fields."""
        return self.change(request, id)
