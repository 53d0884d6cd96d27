"""Quality rules with their call script, which is a document (A.2.2, `cq_rule.call_script_id`)."""

from typing import Any, ClassVar
from uuid import UUID

from django import forms
from unfold.widgets import UnfoldAdminSelect2Widget

from catalog.admin.quality import CqRuleAdmin, CqRuleForm
from catalog.models import CqRule
from documents.models import ProductDocument
from documents.selectors.documents import CALL_SCRIPT
from winvest.core.admin.display import display
from winvest.core.admin.formatting import EMPTY

MAX_SCRIPTS = 500


class QualityRuleForm(CqRuleForm):
    """A rule whose script is chosen by its title; the model refuses another company's."""

    call_script_id = forms.TypedChoiceField(
        label="Script d'appel",
        required=False,
        coerce=UUID,
        empty_value=None,
        help_text="Un document de type SCRIPT de la société.",
        widget=UnfoldAdminSelect2Widget(),
    )

    class Meta:
        model = CqRule
        exclude = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the scripts of the rule's company; of those in scope for a new rule."""
        super().__init__(*args, **kwargs)
        field: Any = self.fields.get("call_script_id")
        if field is not None:
            field.choices = [("", "Aucun"), *_scripts(self.instance.company_id)]


class QualityRuleAdmin(CqRuleAdmin):
    """The page of the catalogue's rules, with their scripts."""

    form = QualityRuleForm
    readable: ClassVar[dict[str, str | None]] = {
        **CqRuleAdmin.readable,
        "call_script_id": "shown_script",
    }
    readonly_fields: ClassVar[tuple[str, ...]] = (*CqRuleAdmin.readonly_fields, "shown_script")

    @display(description="script d'appel")
    def shown_script(self, obj: CqRule) -> str:
        """Show the title of the script."""
        if obj.call_script_id is None:
            return EMPTY
        script = ProductDocument.objects.filter(pk=obj.call_script_id).first()
        return EMPTY if script is None else script.title


def _scripts(company: UUID | None) -> list[tuple[str, str]]:
    scripts = ProductDocument.objects.filter(type=CALL_SCRIPT).order_by("title", "-version")
    if company is not None:
        scripts = scripts.filter(company=company)
    rows = scripts.values_list("pk", "title", "product_version__product__sku", "version")
    return [
        (str(pk), f"{title} ({sku}, v{number})") for pk, title, sku, number in rows[:MAX_SCRIPTS]
    ]
