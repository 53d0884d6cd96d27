"""The word lists of `fixtures/large/families.json`, from which offers and partners take names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from winvest.backoffice.demo.files import read_json


@dataclass(frozen=True, slots=True)
class Family:
    """A family of offers: its risk, the company that owns them, and what they are made of.

    The `zones` are the same for all: with them few offers of a company share a name.

    `prices` are the lowest and highest monthly or yearly amounts including VAT; `usage` gives a
    unit and its prices where some plans are billed by use; `share` weighs the families,
    `partner_share` is the percentage of offers that are a partner's.
    """

    risk: str
    company: str
    code: str
    share: int
    partner_share: int
    heads: Sequence[str]
    publics: Sequence[str]
    ranges: Sequence[str]
    plans: Sequence[tuple[str, str]]
    recurrence: str
    prices: tuple[int, int]
    tax_code: str
    usage: Mapping[str, Any] | None
    partners: Mapping[str, Any]
    zones: Sequence[str]

    def name(self, random: Random) -> str:
        """Draw the name of an offer: « Mutuelle santé Famille Confort Bretagne »."""
        words = (self.heads, self.publics, self.ranges, self.zones)
        return " ".join(random.choice(list_) for list_ in words)

    def partner_names(self) -> list[str]:
        """Return the names of the family's partners: « Mutuelle Vauban »."""
        return [
            f"{head} {tail}" for head in self.partners["heads"] for tail in self.partners["tails"]
        ]


def read_families() -> list[Family]:
    """Return the families in the order of the file."""
    zones = read_json("large/zones.json")
    return [Family(**row, zones=zones) for row in read_json("large/families.json")]
