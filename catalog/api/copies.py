"""Copies of a product, return to an earlier version, and codes to come (`design/api.md`)."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.products import TAGS, ProductView
from catalog.api.serializers import ProductDetailSerializer, VersionSerializer
from catalog.api.steps import CopyBody
from catalog.api.versions import VersionView
from catalog.models import Product, ProductVersion, Risk
from catalog.services.copies import duplicate_product, roll_back
from catalog.services.sku import take_sku
from winvest.core.api.resources import named
from winvest.core.api.serializers import IdField, StrictSerializer, TextField, WholeField
from winvest.core.api.views import ApiView
from winvest.core.domain.roles import Action
from winvest.core.models.company import Company


class DuplicateProductBody(CopyBody):
    """What the new product has of its own."""

    version = WholeField(
        min_value=1,
        required=False,
        allow_null=True,
        help_text="Version copiée ; par défaut celle en vigueur, sinon la dernière.",
    )
    sku = TextField(
        max_length=80, required=False, help_text="Par défaut, le prochain code de la famille."
    )
    name = TextField(max_length=160, required=False, help_text="Par défaut « … (copie) ».")


class RollbackBody(CopyBody):
    """Which version to go back to."""

    version = WholeField(min_value=1)


class SkuBody(StrictSerializer):
    """For which company and family."""

    company_id = IdField()
    risk_id = IdField()


class SkuSerializer(serializers.Serializer[object]):
    """A product code kept for the caller."""

    sku = serializers.CharField()


class DuplicateProduct(ProductView):
    """A new product."""

    actions = {"POST": Action.CATALOG_EDIT}  # noqa: RUF012 - one table per view
    path_model = Product
    tells_twins = False

    @extend_schema(
        operation_id="products_duplicate",
        summary="Dupliquer un produit",
        description=(
            "Un produit en brouillon de la même société et du même risque, dont la version 1 a le "
            "contenu de la version copiée. Les codes externes et les publications ne suivent pas."
        ),
        tags=TAGS,
        request=DuplicateProductBody,
        responses={201: ProductDetailSerializer},
    )
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002 - name of the route
        """Create the copy."""
        product = self.find_to_write(Product.objects.all(), id)
        values = self.validated(DuplicateProductBody)
        copy = named(lambda: duplicate_product(actor=self.user, product=product, **values), Product)
        return self.answer(copy.pk, status=201)


class Rollback(VersionView):
    """A new version with the content of an earlier one."""

    actions = {"POST": Action.CATALOG_EDIT}  # noqa: RUF012
    path_model = Product

    @extend_schema(
        operation_id="products_rollback",
        summary="Revenir à une version antérieure",
        description=(
            "Un brouillon du contenu exact d'une version mise en production, de même empreinte : "
            "ses approbations valent toujours. Rien d'autre ne change avant sa mise en production."
        ),
        tags=TAGS,
        request=RollbackBody,
        responses={201: VersionSerializer},
    )
    def post(self, request: Request, id: UUID) -> Response:  # noqa: A002
        """Create the draft."""
        product = self.find_to_write(Product.objects.all(), id)
        values = self.validated(RollbackBody)
        draft = named(lambda: roll_back(actor=self.user, product=product, **values), ProductVersion)
        return self.answer(draft.pk, status=201)


class SkuProposals(ApiView):
    """The next code of a family."""

    actions = {"POST": Action.CATALOG_EDIT}  # noqa: RUF012
    company_field = "company_id"

    @extend_schema(
        operation_id="products_take_sku",
        summary="Proposer un code produit",
        description=(
            "Le prochain code `{SOCIETE}-{RISQUE}-{SEQ}`, gardé pour l'appelant : il n'est jamais "
            "donné deux fois."
        ),
        tags=TAGS,
        request=SkuBody,
        responses={201: SkuSerializer},
    )
    def post(self, request: Request) -> Response:
        """Take a code."""
        values = self.validated(SkuBody)
        company = Company.objects.get(pk=self.require_company(values["company_id"]))
        risk = self.find(Risk.objects.all(), values["risk_id"])
        return self.created({"sku": take_sku(actor=self.user, company=company, risk=risk)})
