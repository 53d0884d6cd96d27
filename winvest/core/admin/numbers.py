"""Numbers typed in the boxes of a form: a French comma or a point, spaces between thousands."""

import re
from decimal import Decimal
from typing import Any

_NUMBER = re.compile(r"-?[0-9]{1,30}(?:[.,][0-9]{1,20})?", re.ASCII)


def as_number(text: str) -> int | Decimal | str:
    """Return the number that is written, or the text itself where it is none."""
    plain = re.sub(r"[ \u00a0\u202f]", "", text)
    if not _NUMBER.fullmatch(plain):
        return text
    return Decimal(plain.replace(",", ".")) if "," in plain or "." in plain else int(plain)


def as_text(value: Any) -> str:
    """Return a stored value as the box shows it: « 10,5 », « true », the text itself."""
    if value is None or value is False:
        return ""
    if value is True:
        return "true"
    if isinstance(value, Decimal | float):
        return f"{Decimal(str(value)).normalize():f}".replace(".", ",")
    return str(value)
