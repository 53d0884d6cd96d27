"""How lists and read-only fields show amounts, rates and companies, with classes of the theme."""

import html
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from winvest.core.selectors import wording

EMPTY = wording.EMPTY


def amount(value: Decimal | None, currency: str = "") -> SafeString:
    """Show an amount in `currency` right-aligned with tabular figures, a dash when it is None."""
    return SafeString(EMPTY) if value is None else number(amount_text(value, currency))


def amount_text(value: Decimal, currency: str = "") -> str:
    """Return an amount as people write it: « 1 234,50 € »."""
    text = number_format(value, decimal_pos=2, force_grouping=True)
    return f"{text}{wording.NO_BREAK}{_sign(currency)}".rstrip()


def rate(value: Decimal | None) -> SafeString:
    """Show a percentage (20 for 20 %) without useless zeros, a dash when it is None."""
    return SafeString(EMPTY) if value is None else number(rate_text(value))


def rate_text(value: Decimal) -> str:
    """Return a percentage as people write it: « 5,5 % »."""
    digits = max(0, -int(value.normalize().as_tuple().exponent))
    return f"{number_format(value, decimal_pos=digits)}{wording.NO_BREAK}%"


@lru_cache(maxsize=4_096)
def day_text(value: date) -> str:
    """Return a day as people write it: « 27 novembre 2026 », « 1er janvier 2027 »."""
    text = date_format(value, "DATE_FORMAT")
    return text.replace("1 ", "1er ", 1) if value.day == 1 else text


def instant_text(value: datetime) -> str:
    """Return an instant as the wall of its zone shows it: « 27 novembre 2026 14:05 »."""
    return f"{day_text(value.date())} {value.hour:02}:{value.minute:02}"


@lru_cache(maxsize=4_096)
def integer_text(value: int) -> str:
    """Return an integer as people write it."""
    return str(number_format(value))


@lru_cache(maxsize=4_096)
def count_text(value: int) -> str:
    """Return how many there are as people write it: « 36 021 »."""
    return str(number_format(value, force_grouping=True))


def number(text: object) -> SafeString:
    """Show `text` right-aligned with tabular figures; the column's heading follows."""
    return format_html('<span class="num">{}</span>', text)


@lru_cache(maxsize=1_024)
def badge(text: str, color: str = "") -> SafeString:
    """Show a status; `color` is info, primary, success, warning, danger or nothing."""
    return format_html('<span class="badge badge-{}">{}</span>', color or "neutral", text)


def two_lines(title: object, detail: object) -> SafeString:
    """Show a title and what stands below it in smaller letters."""
    return SafeString(
        f'<span class="two-lines"><strong>{escape(title)}</strong>'
        f"<span>{escape(detail)}</span></span>"
    )


def escape(text: object) -> str:
    """Return a text escaped, a safe one as it is.

    Django's own first looks for lazy texts, which takes most of its time: a list has a thousand.
    """
    return text if isinstance(text, SafeString) else html.escape(str(text))


@lru_cache(maxsize=1_024)
def company(code: str, name: str = "") -> SafeString:
    """Show a company with its colour dot (`admin:company-theme` gives the colour)."""
    return format_html('<span class="company company-{}">{}</span>', code, name or code)


def logo_address(company: Any) -> str:
    """Return the address of a company's logo, an empty text without one."""
    if not company.logo:
        return ""
    address = reverse("admin:company-logo", args=[company.pk])
    return f"{address}?v={company.logo.name.rpartition('/')[2][:16]}"


def _sign(currency: str) -> str:
    return "€" if currency == "EUR" else currency
