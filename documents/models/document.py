"""Documents of a version and their files (§2.1, Annexe A.2.2; readings D-04 to D-08)."""

from typing import Any
from uuid import UUID

import pgtrigger
from django.core.exceptions import ValidationError
from django.db import models

from catalog.choices import Channel
from catalog.models.checks import IsSetOf, known
from catalog.models.publication import Publication
from catalog.models.version import ProductVersion, record_author
from documents.choices import DocumentState
from documents.models.reference import DocumentType
from winvest.core import scoping
from winvest.core.models.access import User
from winvest.core.models.base import (
    CompanyOwnedModel,
    audit,
    history,
    no_truncate,
    one_of,
    owner_from,
)
from winvest.core.models.columns import filled, kinds

HASH = r"\Asha256:[0-9a-f]{64}\Z"
# Images of one version are many; of every other type one is in force by channel (D-05).
MEDIA = "MEDIA"
PDF = "application/pdf"

# What is written once: another file is another row.
_FILE = (
    *("product_version_id", "company_id", "type", "version", "replaces_id", "author_id"),
    *("file_url", "file_hash", "file_name", "content_type", "size", "pdfa"),
)
# What a release fixes of a required document; its state stays open (decision 4).
_CONTENT = ("title", "mandatory", "channels", "valid_until")


def every_channel() -> list[str]:
    """Return all the channels: a document goes with every sale unless it says otherwise."""
    return list(Channel.values)


def _differ(names: tuple[str, ...]) -> str:
    old, new = (", ".join(f"{row}.{name}" for name in names) for row in ("OLD", "NEW"))
    return f"({old}) IS DISTINCT FROM ({new})"


KEEP_FILES = pgtrigger.Trigger(
    name="keep_files",
    when=pgtrigger.Before,
    operation=pgtrigger.Update | pgtrigger.Delete,
    func=(
        "IF TG_OP = 'DELETE' THEN "
        "IF OLD.published_at IS NOT NULL THEN RAISE EXCEPTION "
        "'product_document %: what was published is kept', OLD.id "
        "USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END IF; "
        f"IF {_differ(_FILE)} OR (OLD.published_at IS NOT NULL AND "
        "OLD.published_at IS DISTINCT FROM NEW.published_at) THEN RAISE EXCEPTION "
        "'product_document %: a file never changes', OLD.id "
        "USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW;"
    ),
)

FREEZE_REQUIRED = pgtrigger.Trigger(
    name="freeze_released",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
    declare=[("released", "boolean")],
    func=(
        f"IF TG_OP = 'UPDATE' AND NOT {_differ(_CONTENT)} THEN RETURN NEW; END IF; "
        "IF OLD.mandatory OR NEW.mandatory THEN "
        "FOR released IN SELECT released_at IS NOT NULL FROM product_version "
        "WHERE id IN (OLD.product_version_id, NEW.product_version_id) ORDER BY id FOR UPDATE "
        "LOOP IF released THEN RAISE EXCEPTION '%: released content is frozen', TG_TABLE_NAME "
        "USING ERRCODE = 'restrict_violation'; END IF; END LOOP; END IF; "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;"
    ),
)


class ProductDocument(CompanyOwnedModel):
    """A file of a version: `file_url` is its name in the storage, never a public address.

    `valid_until` is its last day, in the company's time zone; `version` counts along `replaces`.
    """

    product_version = models.ForeignKey(
        ProductVersion,
        on_delete=models.PROTECT,
        related_name="documents",
        verbose_name="version du produit",
    )
    type = models.ForeignKey(
        DocumentType,
        on_delete=models.PROTECT,
        to_field="code",
        db_column="type",
        related_name="documents",
        verbose_name="type",
    )
    title = models.CharField("titre", max_length=160)
    version = models.PositiveIntegerField("version", default=1, db_default=1)
    replaces = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="replaced_by",
        verbose_name="remplace",
        error_messages={"unique": "Ce document a déjà été remplacé."},
    )
    mandatory = models.BooleanField("obligatoire", default=False, db_default=False)
    channels = models.JSONField(
        "canaux",
        default=every_channel,
        db_default=models.Value(list(Channel.values), models.JSONField()),
    )
    valid_until = models.DateField("valide jusqu'au", null=True, blank=True)
    state = models.CharField(
        "état",
        max_length=10,
        choices=DocumentState,
        default=DocumentState.DRAFT,
        db_default=DocumentState.DRAFT,
    )
    published_at = models.DateTimeField("publié le", null=True, blank=True)
    file_url = models.TextField("fichier")
    file_hash = models.CharField("empreinte", max_length=96)
    file_name = models.CharField(
        "nom du fichier", max_length=200, blank=True, default="", db_default=""
    )
    content_type = models.CharField("format", max_length=100, blank=True, default="", db_default="")
    size = models.PositiveBigIntegerField("taille (octets)", null=True, blank=True)
    pdfa = models.CharField(
        "PDF/A déclaré",
        max_length=2,
        blank=True,
        default="",
        db_default="",
        help_text="Partie et niveau que le PDF dit suivre, comme 2B ; vide : aucun.",
    )
    author = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="auteur",
    )

    family_path = "product_version__product__risk"

    history = history()

    log_title = ("{product_version}", "{title}")

    class Meta:
        db_table = "product_document"
        verbose_name = "document"
        verbose_name_plural = "documents"
        ordering = ("product_version", "type", "-version")
        triggers = (
            audit(),
            no_truncate(),
            owner_from("product_version", "product_version_id"),
            KEEP_FILES,
            FREEZE_REQUIRED,
            record_author(f"(OLD.mandatory OR NEW.mandatory) AND {_differ(_CONTENT)}"),
        )
        constraints = (
            one_of("state", DocumentState),
            *kinds(channels=list),
            filled("title", "Titre"),
            filled("file_url", "Fichier"),
            models.UniqueConstraint(fields=("id", "company"), name="product_document_id_company"),
            models.CheckConstraint(
                condition=IsSetOf("channels", Channel.values) & ~models.Q(channels=[]),
                name="product_document_channels",
                violation_error_message="Au moins un canal, chacun connu et une seule fois.",
            ),
            models.CheckConstraint(
                condition=models.Q(file_hash__regex=HASH),
                name="product_document_hash",
                violation_error_message="L'empreinte s'écrit sha256: et 64 chiffres hexadécimaux.",
            ),
            models.CheckConstraint(
                condition=models.Q(pdfa__regex=r"\A([1-4][ABUEF]?)?\Z"),
                name="product_document_pdfa",
                violation_error_message="Le PDF/A se dit par sa partie et son niveau, comme 2B.",
            ),
            models.CheckConstraint(
                # A draft that another file replaced is archived without having been published.
                condition=models.Q(state=DocumentState.DRAFT, published_at__isnull=True)
                | models.Q(state=DocumentState.ARCHIVED)
                | (~models.Q(state=DocumentState.DRAFT) & models.Q(published_at__isnull=False)),
                name="product_document_published_is_dated",
                violation_error_message="Un document publié porte la date de sa publication, un "
                "brouillon n'en a pas.",
            ),
            *(
                models.UniqueConstraint(
                    fields=("product_version", "type"),
                    condition=models.Q(
                        state=DocumentState.PUBLISHED, channels__contains=[channel.value]
                    )
                    & ~models.Q(type=MEDIA),
                    name=f"product_document_one_{channel.value}",
                    violation_error_message="Un document de ce type est déjà publié sur ce canal "
                    f"({channel.label}).",
                )
                for channel in Channel
            ),
        )
        indexes = (models.Index(fields=("valid_until",), name="product_document_valid_until"),)

    def __str__(self) -> str:
        file = f" ({self.file_name})" if self.file_name else ""
        return f"{self.type_id} v{self.version} — {self.title}{file}"

    def family_risk(self) -> UUID | None:
        """Return the product's risk (N-02)."""
        return self.family_of("product_version")

    @property
    def is_pdfa(self) -> bool:
        """Whether the file says that it is a PDF/A."""
        return self.content_type == PDF and bool(self.pdfa)

    @property
    def lacks_pdfa(self) -> bool:
        """Whether the type asks for a PDF/A (D-07), and the file is none: it is never published."""
        return self.type.pdfa_required and not self.is_pdfa

    @classmethod
    def readable(cls) -> Any:
        """Owned by a company in scope, or published with a version that one sells (R-10)."""
        sold = Publication._base_manager.filter(
            scoping.InScope("company"), product_version=models.OuterRef("product_version")
        )
        published = models.Q(published_at__isnull=False)
        return scoping.InScope("company") | (published & models.Exists(sold))

    def clean(self) -> None:
        """Refuse unknown or repeated channels, and a predecessor of another product or type."""
        errors: dict[str, Any] = {}
        channels = self.channels
        listed = isinstance(channels, list) and set(map(str, channels)) <= set(Channel.values)
        if not listed or not channels or len(set(channels)) != len(channels):
            errors["channels"] = "Au moins un canal, chacun connu et une seule fois."
        before, version = known(self, "replaces"), known(self, "product_version")
        if before is not None and version is not None:
            same = before.product_version.product_id == version.product_id
            if not same or before.type_id != self.type_id:
                errors["replaces"] = "Un document remplace un document du même produit et type."
        if errors:
            raise ValidationError(errors)
