"""Forms of the back-office: the model's whole `full_clean`, errors beside the field."""

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import F, UniqueConstraint
from django.db.models.functions import Lower, Upper
from django.utils.text import capfirst
from unfold.widgets import UnfoldAdminSelectWidget

from winvest.core.admin.fields import LocalInstantField

STALE = (
    "Quelqu'un a modifié cette fiche depuis que vous l'avez ouverte. Vos saisies sont gardées "
    "ci-dessous : comparez avec l'historique, puis enregistrez de nouveau pour les imposer."
)


class CheckedModelForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form that checks the whole row, as the API and the imports do.

    Django leaves out what the form does not show; an error there is shown above the form. Only
    what is still empty there is left to the parent or the database to fill.
    """

    # When the row that the person saw was last changed, as the page said; None: the page of a
    # new row, or one that no browser has shown.
    seen: str | None = None

    def clean(self) -> Any:
        """Refuse a form opened before someone else's change; what was typed stays in it."""
        cleaned = super().clean()
        if self.seen and not self.instance._state.adding and self._is_stale():
            raise ValidationError(STALE, code="stale")
        return cleaned

    def _clean_fields(self) -> None:
        """Keep an instant that nobody touched: the page tells neither its fractions of a second,
        nor which of the two it is of a time that comes twice.
        """
        super()._clean_fields()  # type: ignore[misc]
        if self.instance._state.adding:
            return
        for name in self.cleaned_data.keys() - self.changed_data:
            if isinstance(self.fields[name], LocalInstantField):
                kept = getattr(self.instance, name, self.cleaned_data[name])
                self.cleaned_data[name] = kept

    def _is_stale(self) -> bool:
        """Lock the row until the end of the transaction, and compare."""
        rows = type(self.instance)._base_manager.filter(pk=self.instance.pk)
        current = rows.select_for_update(no_key=True).values_list("updated_at", flat=True).first()
        return current is None or current.isoformat() != self.seen

    def _get_validation_exclusions(self) -> set[str]:
        return {
            name
            for name in super()._get_validation_exclusions()  # type: ignore[misc]
            if name in self.fields or self._is_empty(name)
        }

    def _is_empty(self, name: str) -> bool:
        field = self.instance._meta.get_field(name)
        # The database fills a generated column; reading it on a new row would look for the row.
        return field.generated or getattr(self.instance, field.attname) is None

    def _update_errors(self, errors: ValidationError) -> None:
        if hasattr(errors, "error_dict"):
            shown: dict[str, list[ValidationError]] = {}
            for name, problems in errors.error_dict.items():
                place = self.place_of(name)
                # A field made of several boxes names the one that is wrong.
                worded = getattr(self.fields.get(place), "worded", None)
                told = [worded(one) for one in problems] if worded else problems
                shown.setdefault(place, []).extend(told)
            errors = ValidationError(shown)
        super()._update_errors(errors)  # type: ignore[misc]

    def _post_clean(self) -> None:
        """Say once what a column and a constraint both refuse: beside the field."""
        super()._post_clean()  # type: ignore[misc]
        errors: Any = self.errors
        beside = {one for name, told in errors.items() if name != NON_FIELD_ERRORS for one in told}
        above = errors.get(NON_FIELD_ERRORS)
        if above is not None:
            above.data = [one for one in above.data if not beside.issuperset(one.messages)]
            if not above.data:
                del errors[NON_FIELD_ERRORS]

    def place_of(self, name: str) -> str:
        """Return the field beside which an error of this column is shown; above all by default."""
        return name if name in self.fields else NON_FIELD_ERRORS


class NamedBoxes:
    """Mixin of formsets shown as a table: each box, which has no label of its own, says its column."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Name each box for whoever does not see the heading of its column."""
        super().add_fields(form, index)  # type: ignore[misc]
        for field in form.fields.values():
            widget = getattr(field.widget, "widget", field.widget)
            if field.label and not widget.is_hidden:
                widget.attrs.setdefault("aria-label", capfirst(field.label))


class OwnedInlineFormSet(NamedBoxes):
    """Mixin of formsets: a child belongs to the company of its parent.

    A list of rows to choose from is read once, whatever the number of children.
    """

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        form = super()._construct_form(i, **kwargs)  # type: ignore[misc]
        parent = self.instance  # type: ignore[attr-defined]
        if form.instance.company_id is None:
            form.instance.company_id = parent.company_id
        return form

    def validate_unique(self) -> None:
        """Refuse twins among the rows of the page, case twins too, which Django does not see."""
        super().validate_unique()  # type: ignore[misc]
        deleted = self.deleted_forms  # type: ignore[attr-defined]
        forms_kept = [
            form
            for form in self.forms  # type: ignore[attr-defined]
            if form not in deleted
            and form.is_valid()
            and (form.has_changed() or not form.instance._state.adding)
        ]
        for constraint in self.model._meta.constraints:  # type: ignore[attr-defined]
            # Django looks for the twins of a constraint of plain fields that has no condition.
            if isinstance(constraint, UniqueConstraint) and not (
                constraint.fields and constraint.condition is None
            ):
                _tell_twins(forms_kept, constraint)

    def add_fields(self, form: Any, index: int | None) -> None:
        """Share the lists."""
        super().add_fields(form, index)
        self._share_choices(form)

    def _share_choices(self, form: Any) -> None:
        known = self.__dict__.setdefault("_known_choices", {})
        for name, field in form.fields.items():
            widget = getattr(field.widget, "widget", field.widget)
            if isinstance(field, forms.ModelChoiceField) and isinstance(
                widget, UnfoldAdminSelectWidget
            ):
                if name not in known:
                    choices: Any = field.choices
                    known[name] = list(choices)
                field.choices = known[name]


def _tell_twins(forms_of_page: list[Any], constraint: UniqueConstraint) -> None:
    """Put the sentence of the constraint on each row whose key an earlier one has."""
    seen: dict[tuple[Any, ...], Any] = {}
    for form in forms_of_page:
        key = _key_of(form.instance, constraint)
        twin = seen.setdefault(key, form) if key else form
        if twin is not form and _concerns(constraint, form) and _concerns(constraint, twin):
            code = f"constraint.{constraint.name}"
            message = constraint.get_violation_error_message()
            form.add_error(None, ValidationError(message, code=code))


def _concerns(constraint: UniqueConstraint, form: Any) -> bool:
    """Whether the condition of the constraint holds for the row."""
    row = form.instance
    return constraint.condition is None or constraint.condition.check(
        row._get_field_expression_map(meta=row._meta)
    )


def _key_of(row: Any, constraint: UniqueConstraint) -> tuple[Any, ...]:
    """Return what the constraint wants unique, as PostgreSQL compares it; empty when it is free."""
    key: list[Any] = [getattr(row, row._meta.get_field(name).attname) for name in constraint.fields]
    expressions: Any = constraint.expressions
    for expression in expressions:
        folded = isinstance(expression, Lower | Upper)
        column: Any = expression.get_source_expressions()[0] if folded else expression
        if not isinstance(column, F):
            return ()
        name: str = column.name  # type: ignore[attr-defined]
        value = getattr(row, row._meta.get_field(name).attname)
        key.append(value.lower() if folded and value is not None else value)
    return () if None in key else tuple(key)
