"""The ledger: balanced, append-only, numbered without gaps (`design/domain.md` §6, §7)."""

import pgtrigger
from django.db import models

from accounting.choices import EntryType, LineRole
from accounting.models.operation import Operation, whole_booking
from winvest.core.models.base import (
    CompanyOwnedModel,
    audit,
    no_truncate,
    one_of,
    owner_from,
)


def append_only() -> pgtrigger.Trigger:
    """Return the trigger that refuses any change of a written line."""
    return pgtrigger.Trigger(
        name="append_only",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=(
            "RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';"
        ),
    )


def balanced(entry_column: str) -> pgtrigger.Trigger:
    """Return the trigger that refuses, at commit, an entry that is not balanced or not as announced.

    The entry says how many lines it has, and never changes: a line added later is refused too.
    """
    return pgtrigger.Trigger(
        name="balanced",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        timing=pgtrigger.Deferred,
        declare=[("lines", "record")],
        func=(
            "SELECT count(line.id) AS n, sum(debit) AS debit, sum(credit) AS credit, line_count "
            "INTO lines FROM accounting_entry entry LEFT JOIN accounting_line line "
            f"ON line.entry_id = entry.id WHERE entry.id = NEW.{entry_column} GROUP BY line_count; "
            "IF lines.n < 2 OR lines.n <> lines.line_count OR lines.debit <> lines.credit THEN "
            f"RAISE EXCEPTION 'accounting_entry %: not balanced', NEW.{entry_column} "
            "USING ERRCODE = 'check_violation'; END IF; RETURN NULL;"
        ),
    )


class EntryCounter(CompanyOwnedModel):
    """Last number given in a journal and a year: a row, so that a rollback leaves no gap."""

    journal = models.CharField("journal", max_length=20)
    year = models.PositiveSmallIntegerField("exercice")
    last = models.PositiveIntegerField("dernier numéro", default=0)

    class Meta:
        db_table = "accounting_counter"
        verbose_name = "compteur d'écritures"
        verbose_name_plural = "compteurs d'écritures"
        constraints = (
            models.UniqueConstraint(
                fields=("company", "journal", "year"), name="accounting_counter_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.journal} {self.year}"


class Entry(CompanyOwnedModel):
    """A balanced entry of a journal, dated in the company's time zone."""

    operation = models.ForeignKey(
        Operation, on_delete=models.PROTECT, related_name="entries", verbose_name="opération"
    )
    journal = models.CharField("journal", max_length=20)
    year = models.PositiveSmallIntegerField("exercice")
    number = models.PositiveIntegerField("numéro")
    date = models.DateField("date")
    type = models.CharField("type", max_length=12, choices=EntryType)
    label = models.CharField("libellé", max_length=160)
    line_count = models.PositiveSmallIntegerField("nombre de lignes")

    class Meta:
        db_table = "accounting_entry"
        verbose_name = "écriture"
        verbose_name_plural = "écritures"
        ordering = ("-date", "-number", "-id")
        triggers = (
            audit(),
            append_only(),
            no_truncate(),
            balanced("id"),
            whole_booking("operation_id"),
        )
        constraints = (
            one_of("type", EntryType),
            models.UniqueConstraint(
                fields=("company", "journal", "year", "number"), name="accounting_entry_number"
            ),
            models.UniqueConstraint(fields=("id", "company"), name="accounting_entry_id_company"),
        )
        indexes = (
            models.Index(fields=("company", "date", "number"), name="entry_export"),
            models.Index(fields=("-date", "-id"), name="entry_recent"),
        )

    def __str__(self) -> str:
        return f"{self.journal} {self.year}-{self.number:06d}"


class Line(CompanyOwnedModel):
    """A line of an entry: two columns, never negative, one of them zero.

    A main line also carries what the files of Annexe F show: product, partner, VAT, cost center.
    """

    entry = models.ForeignKey(
        Entry, on_delete=models.PROTECT, related_name="lines", verbose_name="écriture"
    )
    position = models.PositiveSmallIntegerField("ordre")
    role = models.CharField("rôle", max_length=12, choices=LineRole)
    account = models.CharField("compte", max_length=20)
    auxiliary = models.CharField("compte auxiliaire", max_length=120, blank=True, default="")
    debit = models.DecimalField("débit", max_digits=18, decimal_places=4, default=0)
    credit = models.DecimalField("crédit", max_digits=18, decimal_places=4, default=0)
    product_label = models.CharField("produit", max_length=80, blank=True, default="")
    partner_label = models.CharField("partenaire", max_length=160, blank=True, default="")
    cost_center = models.CharField("centre de coûts", max_length=20, blank=True, default="")
    tax_code = models.CharField("code TVA", max_length=10, blank=True, default="")
    tax_rate = models.DecimalField("taux de TVA (%)", max_digits=5, decimal_places=2, default=0)
    tax_base = models.DecimalField("base HT", max_digits=18, decimal_places=4, default=0)
    tax_amount = models.DecimalField("TVA", max_digits=18, decimal_places=4, default=0)

    log_title = ("{entry}", "{account}")

    class Meta:
        db_table = "accounting_line"
        verbose_name = "ligne d'écriture"
        verbose_name_plural = "lignes d'écriture"
        ordering = ("entry", "position")
        triggers = (
            audit(),
            owner_from("accounting_entry", "entry_id"),
            append_only(),
            no_truncate(),
            balanced("entry_id"),
        )
        constraints = (
            one_of("role", LineRole),
            models.UniqueConstraint(fields=("entry", "position"), name="accounting_line_position"),
            models.CheckConstraint(
                condition=models.Q(debit__gte=0, credit__gte=0)
                & (models.Q(debit=0) | models.Q(credit=0)),
                name="accounting_line_one_side",
                violation_error_message="Une ligne est au débit ou au crédit, jamais négative.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.account} D {self.debit} C {self.credit}"
