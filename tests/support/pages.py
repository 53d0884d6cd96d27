"""Pages of the back-office as a person fills them."""

from django.urls import reverse

from tests.support.forms import form_of


def spaced(text):
    """Return a text with plain spaces: an amount is written with others, which hold it together."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def page_of(row):
    meta = row._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])


def add_row(browser, page, prefix, row):
    """Post the page with one more row below it."""
    data = form_of(browser.get(page))
    number = int(data[f"{prefix}-TOTAL_FORMS"])
    data[f"{prefix}-TOTAL_FORMS"] = number + 1
    return browser.post(page, data | {f"{prefix}-{number}-{k}": v for k, v in row.items()})


def errors_of_rows(answer, prefix):
    (formset,) = [
        one.formset
        for one in answer.context["inline_admin_formsets"]
        if one.formset.prefix == prefix
    ]
    return {name: list(found) for errors in formset.errors for name, found in errors.items()}
