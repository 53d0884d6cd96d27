"""The six types of §2.2 in the form of a price (2.2-04, reading P-01).

« Récurrent » is a fixed price of a plan that is due more than once; « Bundle » is the price of the
plan itself, made of its components, and has no row of its own.
"""

from copy import copy
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminSelectWidget

from catalog.choices import BundleKind, PricingModel, PricingType, Recurrence
from catalog.models import PricingRule, ProductPlan, ProductVersion

BUNDLE_FIELDS = {"bundle_kind": "bundle_kind", "bundle_value": "bundle_value"}
ONCE = "Cette formule est due une seule fois : donnez-lui d'abord une récurrence."
NO_PLAN = "Choisissez la formule que ce bundle vend."
PRICED = "Cette formule a déjà un tarif : retirez-le d'abord, un bundle n'en a pas."
STAYS = "Un tarif ne devient pas un bundle : retirez-le, puis ajoutez le bundle."


def comes_again(version: ProductVersion, plan: ProductPlan | None) -> bool:
    """Whether what a price is for is due more than once; a price of the whole version: one plan."""
    if plan is not None:
        return plan.recurrence != Recurrence.ONE_SHOT
    return version.plans.exclude(recurrence=Recurrence.ONE_SHOT).exists()


def told_type(price: PricingRule, *, again: bool) -> str:
    """Return the type of a price in the words of §2.2: « Récurrent », « Usage, récurrent »."""
    if not again:
        return price.get_type_display()
    recurring = str(PricingModel.RECURRING.label)
    if price.type == PricingType.FIXED:
        return recurring
    return f"{price.get_type_display()}, {recurring.lower()}"


class SixTypes(forms.ModelForm):  # type: ignore[type-arg]
    """Mixin of the form of a price: its type is one of §2.2."""

    type = forms.ChoiceField(
        label="Type",
        choices=[("", "---------"), *PricingModel.choices],
        widget=UnfoldAdminSelectWidget(),
    )
    bundle_kind = forms.ChoiceField(
        label="Prix du bundle",
        required=False,
        choices=[("", "---------"), *BundleKind.choices],
        widget=UnfoldAdminSelectWidget(),
    )
    bundle_value = forms.DecimalField(
        label="Valeur du bundle",
        required=False,
        max_digits=18,
        decimal_places=4,
        help_text="La formule devient un bundle ; ses composants se choisissent plus bas.",
        widget=UnfoldAdminDecimalFieldWidget(),
    )
    # The plan whose price this form gives, when it is a bundle.
    bundle: ProductPlan | None = None

    def clean(self) -> Any:
        """Read « Récurrent » as a fixed price, and check the plan of a bundle."""
        chosen, plan = self.cleaned_data.get("type"), self.cleaned_data.get("plan")
        if chosen == PricingModel.BUNDLE:
            self._check_bundle(plan)
            return self.cleaned_data
        if chosen == PricingModel.RECURRING:
            if not self._comes_again(plan):
                self.add_error("type", forms.ValidationError(ONCE, "pricing.once"))
            else:
                self.cleaned_data["type"] = PricingType.FIXED.value
        return super().clean()

    def save_bundle(self) -> None:
        """Give the plan, as it is now, its price."""
        if self.bundle is not None:
            plan = ProductPlan.objects.get(pk=self.bundle.pk)
            self._price(plan)
            plan.save()

    def _comes_again(self, plan: ProductPlan | None) -> bool:
        """Ask what the same page says of the plan before what it was."""
        key = None if plan is None else str(plan.pk)
        for name, value in self.data.items():
            if key is not None and value == key and name.startswith("plans-"):
                told = self.data.get(f"{name.removesuffix('-id')}-recurrence")
                return told != Recurrence.ONE_SHOT
        return comes_again(self.instance.product_version, plan)

    def _check_bundle(self, plan: ProductPlan | None) -> None:
        for name in self.errors.keys() - {"plan", *BUNDLE_FIELDS}:
            del self.errors[name]
        if not self.instance._state.adding:
            self.add_error("type", forms.ValidationError(STAYS, "bundle.stays"))
        elif plan is None:
            self.add_error("plan", forms.ValidationError(NO_PLAN, "required"))
        elif plan.pricing_rules.exists():
            self.add_error("plan", forms.ValidationError(PRICED, "bundle.own_price"))
        elif not self.errors:
            self.bundle = copy(plan)
            self._price(self.bundle)
            self._refuse_wrong(self.bundle)

    def _refuse_wrong(self, plan: ProductPlan) -> None:
        for name in BUNDLE_FIELDS:
            if self.cleaned_data.get(name) in (None, ""):
                self.add_error(name, forms.ValidationError("Ce champ est obligatoire.", "required"))
        if self.errors:
            return
        try:
            plan.full_clean()
        except forms.ValidationError as error:
            for name, problems in error.error_dict.items():
                for problem in problems:
                    self.add_error(name if name in BUNDLE_FIELDS else None, problem)

    def _price(self, plan: ProductPlan) -> None:
        for name, column in BUNDLE_FIELDS.items():
            setattr(plan, column, self.cleaned_data.get(name))
        plan.bundle_tax_included = bool(self.cleaned_data.get("tax_included"))

    def _post_clean(self) -> None:
        """A bundle has no row of its own to check."""
        if self.cleaned_data.get("type") != PricingModel.BUNDLE:
            super()._post_clean()  # type: ignore[misc]
