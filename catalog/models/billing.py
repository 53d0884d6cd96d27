"""How a version is invoiced and collected (§3.6: dunning and billing): content, frozen with it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pgtrigger
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from catalog.choices import CollectionCycle, PaymentMethod
from catalog.domain import family
from catalog.models.checks import known
from catalog.models.plan import ProductPlan
from catalog.models.pricing import rate_in_force
from catalog.models.version import ProductVersion, freeze_content, record_author
from winvest.core.models.base import (
    CompanyOwnedModel,
    audit,
    history,
    no_truncate,
    one_of,
    owner_from,
)
from winvest.core.models.columns import filled

# The last day that every month has.
LAST_DAY = 28
# The types of documents that are templates, by the start of their code.
TEMPLATES = {"invoice_template": "FACTURE", "mandate_template": "MANDAT"}

# The types of documents, code and label: documents, above, tell.
Types = Callable[[], list[tuple[str, str]]]
_types: list[Types] = []


def register_types(types: Types) -> None:
    """Take the question « which types of documents are there », in `AppConfig.ready()`."""
    _types[:] = [types]


def templates_for(column: str) -> list[tuple[str, str]]:
    """Return the code and label of each type of document that may be the template `column`."""
    return [
        (code, label)
        for types in _types
        for code, label in types()
        if code.startswith(TEMPLATES[column])
    ]


# The VAT code of the fees is one of the company's country; a country without any is not checked.
KNOWN_FEE_CODE = pgtrigger.Trigger(
    name="known_fee_code",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("fee_tax_code"),  # type: ignore[no-untyped-call]
    declare=[("home", "text")],
    func=(
        "SELECT country INTO home FROM company JOIN product_version v ON v.company_id = company.id "
        "WHERE v.id = NEW.product_version_id; "
        "IF EXISTS (SELECT 1 FROM vat_rate WHERE country = home) AND NOT EXISTS (SELECT 1 "
        "FROM vat_rate WHERE country = home AND code = NEW.fee_tax_code) THEN "
        "RAISE EXCEPTION 'version_billing %: % is no VAT code of %', NEW.id, NEW.fee_tax_code, "
        "home USING ERRCODE = 'check_violation', CONSTRAINT = 'version_billing_fee_code'; "
        "END IF; RETURN NEW;"
    ),
)


class VersionBilling(CompanyOwnedModel):
    """How a plan is paid, when it is collected, with which templates, and its initial fees.

    Without a plan it holds for the whole version; a plan's own row takes its place whole. A
    template is a type of document: the version's document of that type is the one to use (the
    documents' migration adds the foreign keys). Fees are due once, on a new sale.
    """

    product_version = models.ForeignKey(
        ProductVersion, on_delete=models.CASCADE, related_name="billings", verbose_name="version"
    )
    plan = models.ForeignKey(
        ProductPlan,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="billings",
        verbose_name="formule",
        help_text="Aucune : toute la version.",
    )
    payment_method = models.CharField("moyen de paiement", max_length=7, choices=PaymentMethod)
    collection_cycle = models.CharField(
        "cycle de prélèvement", max_length=11, choices=CollectionCycle
    )
    collection_day = models.PositiveSmallIntegerField(
        "jour du prélèvement",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(LAST_DAY)],
        help_text="Du 1 au 28 ; aucun : à la date anniversaire.",
    )
    invoice_template = models.CharField(
        "gabarit de facture",
        max_length=20,
        null=True,
        blank=True,
        help_text="Le document de ce type, dans la version, est le gabarit.",
    )
    mandate_template = models.CharField(
        "gabarit de mandat",
        max_length=20,
        null=True,
        blank=True,
        help_text="Le document de ce type, dans la version, est le mandat à signer.",
    )
    fee_amount = models.DecimalField(
        "frais initiaux",
        max_digits=18,
        decimal_places=4,
        null=True,
        blank=True,
        help_text="Dus une fois, à la vente, sans remise ni promotion ; aucun : pas de frais.",
    )
    fee_label = models.CharField(
        "libellé des frais", max_length=120, default="Frais initiaux", db_default="Frais initiaux"
    )
    fee_tax_code = models.CharField(
        "code TVA des frais", max_length=10, default="FR20", db_default="FR20"
    )
    fee_tax_included = models.BooleanField("frais TTC", default=True, db_default=True)

    history = history()

    log_title = ("{product_version}", "{plan}")
    keys_above = {  # noqa: RUF012 - one per model
        "invoice_template": "document_type.code",
        "mandate_template": "document_type.code",
    }

    class Meta:
        db_table = "version_billing"
        verbose_name = "facturation"
        verbose_name_plural = "facturation"
        ordering = ("product_version", "plan", "id")
        triggers = (
            audit(),
            no_truncate(),
            owner_from("product_version", "product_version_id"),
            freeze_content(),
            record_author(),
            KNOWN_FEE_CODE,
        )
        constraints = (
            one_of("payment_method", PaymentMethod),
            one_of("collection_cycle", CollectionCycle),
            filled("fee_label", "Libellé des frais"),
            filled("fee_tax_code", "Code TVA des frais"),
            models.UniqueConstraint(
                fields=("product_version", "plan"),
                nulls_distinct=False,
                name="version_billing_once",
                violation_error_message="La facturation de cette version, ou de cette formule, "
                "existe déjà.",
            ),
            models.CheckConstraint(
                condition=models.Q(collection_day__isnull=True)
                | (
                    models.Q(collection_day__gte=1, collection_day__lte=LAST_DAY)
                    & ~models.Q(collection_cycle=CollectionCycle.AT_ONCE)
                ),
                name="version_billing_day",
                violation_error_message="Le jour du prélèvement va de 1 à 28, et avec un cycle "
                "qui se répète.",
            ),
            models.CheckConstraint(
                condition=models.Q(mandate_template__isnull=True)
                | models.Q(
                    payment_method=PaymentMethod.SEPA,
                    mandate_template__startswith=TEMPLATES["mandate_template"],
                ),
                name="version_billing_mandate",
                violation_error_message="Un gabarit de mandat est un type de document MANDAT, pour "
                "un prélèvement SEPA.",
            ),
            models.CheckConstraint(
                condition=models.Q(invoice_template__isnull=True)
                | models.Q(invoice_template__startswith=TEMPLATES["invoice_template"]),
                name="version_billing_invoice",
                violation_error_message="Un gabarit de facture est un type de document FACTURE.",
            ),
            models.CheckConstraint(
                condition=models.Q(fee_amount__isnull=True)
                | models.Q(fee_amount__gt=0, fee_amount__lt=10**14),
                name="version_billing_fee",
                violation_error_message="Des frais initiaux sont positifs ; sans frais, laissez "
                "le montant vide.",
            ),
        )

    def __str__(self) -> str:
        return f"Facturation de {self.product_version}"

    def family_risk(self) -> UUID | None:
        """Return the product's risk (N-02)."""
        return self.family_of("product_version")

    def clean(self) -> None:
        """Check the plan's version, the templates, and the VAT code of the fees on the day when the
        version takes effect.
        """
        errors: dict[str, Any] = {}
        plan = known(self, "plan")
        if plan is not None and plan.product_version_id != self.product_version_id:
            errors["plan"] = ValidationError("Cette formule est d'une autre version.")
        for column in TEMPLATES:
            code = getattr(self, column)
            if code and _types and code not in dict(templates_for(column)):
                errors[column] = ValidationError(
                    "Aucun type de document de ce code n'est un tel gabarit.", code="unknown"
                )
        if self.fee_amount is not None and known(self, "product_version") is not None:
            errors |= self._problems_of_tax()
        if errors:
            raise ValidationError(errors)

    def _problems_of_tax(self) -> dict[str, Any]:
        version = self.product_version
        if rate_in_force(self.fee_tax_code, version) is None:
            message = "Ce code TVA n'a pas de taux à la date d'effet."
            return {"fee_tax_code": ValidationError(message, code="vat.unknown")}
        facts = family.FamilyFacts(tax_codes=[self.fee_tax_code])
        found = [
            ValidationError(reason.message, code=reason.code)
            for reason in family.problems_of(version.product.risk.families(), facts)
        ]
        return {"fee_tax_code": found} if found else {}
