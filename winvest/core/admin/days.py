"""Days as people write them where a page only shows them: « 1er janvier 2027 »."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import DateField

# Django writes « 1 janvier 2027 ».
_FIRST = re.compile(r"^1(?= [^\W\d]+ \d{4})")


def first_of_month(text: Any) -> Any:
    """Return a shown day or instant with its « 1er »."""
    return type(text)(_FIRST.sub("1er", text))


def told_days(model: Any) -> dict[str, Callable[[Any], Any]]:
    """Return what unfold is to do with the text of each date that is read-only."""
    dates = (field for field in model._meta.fields if isinstance(field, DateField))
    return {field.name: first_of_month for field in dates}


class ShownDays:
    """Mixin of the rows inside a form."""

    model: Any

    @property
    def readonly_preprocess_fields(self) -> Mapping[str, Callable[[Any], Any]]:
        """Write their dates as people do."""
        return told_days(self.model)
