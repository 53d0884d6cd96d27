"""Step 5's table: who sells the version, on which channels, from when (E.2.3-05, reading E-05)."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict

from catalog.choices import Channel
from catalog.models import PlannedSale, ProductVersion
from catalog.selectors.planned_sales import planned_sales, possible_sellers, proposed_sales
from catalog.services.planned_sales import PlannedSaleProblem
from winvest.backoffice.wizard.rows import Row
from winvest.core.models import Company

MAX_SELLERS = 200
UNKNOWN = "Aucune société n'a ce code."
TWICE = "Cette société est déjà dans le tableau."
# The days of the table, by the model's column.
DAYS = {"first_day": "Premier jour", "last_day": "Dernier jour"}


def _day_box(label: str) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, required=False, widget=widget)


class SellerRow(Row):
    """A line: a company, a tick for each channel where it sells, and its days."""

    seller = forms.UUIDField(widget=forms.HiddenInput())

    def __init__(self, *args: Any, opened: list[Channel], **options: Any) -> None:
        """Offer the channels that the version opens."""
        super().__init__(*args, **options)
        for one in opened:
            self.fields[one.value] = forms.BooleanField(label=one.label, required=False)
        for name, label in DAYS.items():
            self.fields[name] = _day_box(label)
        self.dress()
        self.opened = opened

    def channels(self) -> list[str]:
        """Return the channels that are ticked."""
        given = getattr(self, "cleaned_data", {})
        return [one.value for one in self.opened if given.get(one.value)]


SellerRows = forms.formset_factory(
    SellerRow, extra=0, max_num=MAX_SELLERS, validate_max=True, absolute_max=MAX_SELLERS + 1
)


class OtherSeller(forms.Form):
    """A company that the table does not show, by its code."""

    # Typed: a list would name the group's other companies to whoever opens the page.
    code = forms.CharField(label="Autre société, par son code", max_length=12, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Dress the box."""
        super().__init__(*args, **options)
        self.fields["code"].widget.attrs |= {"class": "plain-input", "autocomplete": "off"}

    def clean_code(self) -> Company | None:
        """Find the company."""
        code: str = self.cleaned_data["code"].strip().upper()
        found: Company | None = Company._base_manager.filter(code=code).first() if code else None
        if code and found is None:
            raise forms.ValidationError(UNKNOWN, "unknown")
        return found


class SellerGrid:
    """The table of a version: as it is typed, else what is planned, else what is proposed."""

    def __init__(
        self, version: ProductVersion, typed: Mapping[str, list[str]] | None = None
    ) -> None:
        """Read what is typed, or what is stored."""
        self.version = version
        allowed = version.channels or Channel.values
        self.opened = [one for one in Channel if one.value in allowed]
        self.error = ""
        self.begun = planned_sales(version) or proposed_sales(version)
        sold = {row.seller: row for row in self.begun}
        named = dict.fromkeys([*sold, *possible_sellers(version)])
        self.known = {str(seller.pk): seller for seller in named}
        boxes = MultiValueDict(dict(typed)) if typed else None
        initial = [{"seller": seller.pk, **_ticked(sold.get(seller))} for seller in named]
        self.rows: Any = SellerRows(
            boxes, initial=initial, form_kwargs={"opened": self.opened}, prefix="sellers"
        )
        self.other = OtherSeller(boxes, prefix="other")

    def lines(self) -> list[tuple[Company, Any]]:
        """Return the companies with their boxes; a line of no company that we offer is none."""
        named = ((self.known.get(str(form["seller"].value())), form) for form in self.rows.forms)
        return [(seller, form) for seller, form in named if seller is not None]

    def is_valid(self) -> bool:
        """Whether somebody sells, and every line is right; errors stand in the boxes."""
        if not (self.rows.is_valid() and self.other.is_valid()):
            return False
        if self._added() in {seller for seller, form in self.lines() if form.channels()}:
            self.other.add_error("code", TWICE)
            return False
        sales = self.sales()
        if not sales:
            self.error = PlannedSaleProblem.NONE.message
        are_right = [self._is_right(one) for one in sales]
        return bool(sales) and all(are_right)

    def sales(self) -> list[PlannedSale]:
        """Return the sales that the lines ask for, not written yet."""
        found = [
            self._sale(seller, channels, {name: form.cleaned_data.get(name) for name in DAYS})
            for seller, form in self.lines()
            if (channels := form.channels())
        ]
        if (added := self._added()) is not None:
            found.append(self._sale(added, [one.value for one in self.opened], {}))
        return found

    def _is_right(self, sale: PlannedSale) -> bool:
        """Whether the model takes the sale; what it refuses stands beside the company's boxes."""
        try:
            sale.clean_fields()
            sale.clean()
        except ValidationError as error:
            form = next((form for seller, form in self.lines() if seller == sale.seller), None)
            for name, told in error.error_dict.items():
                if form is None:
                    self.other.add_error("code", told)
                else:
                    form.add_error(name if name in form.fields else None, told)
            return False
        return True

    def _added(self) -> Company | None:
        return getattr(self.other, "cleaned_data", {}).get("code")

    def _sale(self, seller: Company, channels: list[str], days: dict[str, Any]) -> PlannedSale:
        return PlannedSale(
            product_version=self.version,
            company_id=self.version.company_id,
            seller=seller,
            channels=channels,
            **days,
        )


def _ticked(row: PlannedSale | None) -> dict[str, Any]:
    if row is None:
        return {}
    days = {name: getattr(row, name) for name in DAYS}
    return {**dict.fromkeys(row.channels, True), **days}
