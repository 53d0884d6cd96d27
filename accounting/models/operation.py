"""Operations: facts from other modules or partners, each told once (`design/domain.md` §6)."""

import pgtrigger
from django.db import models

from accounting.choices import OperationKind, OperationState
from catalog.choices import Channel
from catalog.models.plan import ProductPlan
from catalog.models.version import ProductVersion
from winvest.core.choices import VatRegime
from winvest.core.json import DecimalDecoder, DecimalEncoder
from winvest.core.models.access import User
from winvest.core.models.base import (
    CompanyOwnedModel,
    audit,
    no_truncate,
    one_of,
)
from winvest.core.models.columns import kinds

# What may change after the fact was told: its booking, never the fact.
_BOOKING = (
    "state",
    "reasons",
    "flags",
    "product_version_id",
    "plan_id",
    "tax_code",
    "vat_regime",
    "booked_at",
    "entry_count",
    "accounting_date",
    "updated_at",
)

KEEP_FACTS = pgtrigger.Trigger(
    name="keep_facts",
    when=pgtrigger.Before,
    operation=pgtrigger.Update | pgtrigger.Delete,
    func=(
        f"IF TG_OP = 'DELETE' OR OLD.state = 'booked' OR to_jsonb(OLD) - '{{{','.join(_BOOKING)}}}'"
        f"::text[] IS DISTINCT FROM to_jsonb(NEW) - '{{{','.join(_BOOKING)}}}'::text[] THEN "
        "RAISE EXCEPTION 'operation %: facts never change', OLD.id "
        "USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW;"
    ),
)


def whole_booking(operation_column: str) -> pgtrigger.Trigger:
    """Return the trigger that refuses, at commit, an operation without exactly its own entries.

    A booked operation says how many entries it has, and never changes: none is added later, and
    a parked one has none.
    """
    return pgtrigger.Trigger(
        name="whole_booking",
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update,
        timing=pgtrigger.Deferred,
        declare=[("found", "record")],
        func=(
            "SELECT count(entry.id) AS n, entry_count INTO found "
            "FROM operation LEFT JOIN accounting_entry entry ON entry.operation_id = operation.id "
            f"WHERE operation.id = NEW.{operation_column} GROUP BY entry_count; "
            "IF found.n <> found.entry_count THEN "
            f"RAISE EXCEPTION 'operation %: not its own entries', NEW.{operation_column} "
            "USING ERRCODE = 'check_violation'; END IF; RETURN NULL;"
        ),
    )


class Operation(CompanyOwnedModel):
    """A sale, collection, refund, fee or commission report; `amount` is the operation's total.

    `accounting_date` is the day of `occurred_at` in the company's time zone.
    """

    source = models.CharField("source", max_length=60)
    external_id = models.CharField("identifiant externe", max_length=120)
    kind = models.CharField("nature", max_length=20, choices=OperationKind)
    state = models.CharField("état", max_length=8, choices=OperationState)
    reasons = models.JSONField("motifs", default=list, blank=True)
    flags = models.JSONField("signalements", default=list, blank=True)
    sku = models.CharField("produit", max_length=80, blank=True, default="")
    plan_code = models.CharField("formule demandée", max_length=60, blank=True, default="")
    product_version = models.ForeignKey(
        ProductVersion,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="operations",
        verbose_name="version",
    )
    plan = models.ForeignKey(
        ProductPlan,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="formule",
    )
    channel = models.CharField("canal", max_length=10, choices=Channel, blank=True, default="")
    quantity = models.DecimalField("quantité", max_digits=18, decimal_places=4, default=1)
    amount = models.DecimalField("montant", max_digits=18, decimal_places=4)
    tax_included = models.BooleanField("TTC", default=True)
    tax_code = models.CharField("code TVA", max_length=10, blank=True, default="")
    # The regime it was booked under: a collection follows it after the company has changed.
    vat_regime = models.CharField(
        "exigibilité de la TVA", max_length=12, choices=VatRegime, blank=True, default=""
    )
    currency = models.CharField("devise", max_length=3, default="EUR")
    occurred_at = models.DateTimeField("survenue le")
    accounting_date = models.DateField("date comptable")
    contract_ref = models.UUIDField("référence contrat", null=True, blank=True)
    client_ref = models.UUIDField("référence client", null=True, blank=True)
    supplier_ref = models.CharField("fournisseur", max_length=120, blank=True, default="")
    analytic_label = models.CharField("libellé analytique", max_length=80, blank=True, default="")
    reverses = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reversals",
        verbose_name="annule",
    )
    collects = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="collections",
        verbose_name="encaisse",
    )
    body = models.JSONField("corps reçu", encoder=DecimalEncoder, decoder=DecimalDecoder)
    body_hash = models.CharField("empreinte du corps", max_length=64)
    posted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name="reçue de"
    )
    booked_at = models.DateTimeField("comptabilisée le", null=True, blank=True)
    entry_count = models.PositiveSmallIntegerField("nombre d'écritures", default=0, db_default=0)

    class Meta:
        db_table = "operation"
        verbose_name = "opération"
        verbose_name_plural = "opérations"
        ordering = ("-occurred_at", "-id")
        triggers = (audit(), no_truncate(), KEEP_FACTS, whole_booking("id"))
        constraints = (
            one_of("kind", OperationKind),
            one_of("state", OperationState),
            *kinds(reasons=list, flags=list),
            one_of("channel", Channel, blank=True),
            one_of("vat_regime", VatRegime, blank=True),
            models.UniqueConstraint(
                fields=("company", "source", "external_id"), name="operation_once"
            ),
            models.UniqueConstraint(fields=("id", "company"), name="operation_id_company"),
            models.CheckConstraint(
                condition=models.Q(quantity__gte=0) & models.Q(amount__gte=0),
                name="operation_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(state=OperationState.PARKED) | models.Q(booked_at__isnull=False),
                name="operation_booked_is_dated",
            ),
            models.CheckConstraint(
                condition=models.Q(state=OperationState.BOOKED) | models.Q(entry_count=0),
                name="operation_parked_has_no_entry",
            ),
        )
        indexes = (
            models.Index(fields=("company", "-occurred_at", "-id"), name="operation_list"),
            models.Index(fields=("-occurred_at", "-id"), name="operation_recent"),
            models.Index(
                fields=("company", "sku"),
                condition=models.Q(state=OperationState.PARKED),
                name="operation_parked",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.source}/{self.external_id}"
