"""French departments and the zones made of them: where a product is sold (§2.1, M-09)."""

from collections.abc import Iterable
from dataclasses import dataclass

# Region code, label, departments (INSEE).
_REGIONS: tuple[tuple[str, str, str], ...] = (
    ("auvergne_rhone_alpes", "Auvergne-Rhône-Alpes", "01 03 07 15 26 38 42 43 63 69 73 74"),
    ("bourgogne_franche_comte", "Bourgogne-Franche-Comté", "21 25 39 58 70 71 89 90"),
    ("bretagne", "Bretagne", "22 29 35 56"),
    ("centre_val_de_loire", "Centre-Val de Loire", "18 28 36 37 41 45"),
    ("corse", "Corse", "2A 2B"),
    ("grand_est", "Grand Est", "08 10 51 52 54 55 57 67 68 88"),
    ("hauts_de_france", "Hauts-de-France", "02 59 60 62 80"),
    ("ile_de_france", "Île-de-France", "75 77 78 91 92 93 94 95"),
    ("normandie", "Normandie", "14 27 50 61 76"),
    ("nouvelle_aquitaine", "Nouvelle-Aquitaine", "16 17 19 23 24 33 40 47 64 79 86 87"),
    ("occitanie", "Occitanie", "09 11 12 30 31 32 34 46 48 65 66 81 82"),
    ("pays_de_la_loire", "Pays de la Loire", "44 49 53 72 85"),
    ("provence_alpes_cote_d_azur", "Provence-Alpes-Côte d'Azur", "04 05 06 13 83 84"),
    ("guadeloupe", "Guadeloupe", "971"),
    ("martinique", "Martinique", "972"),
    ("guyane", "Guyane", "973"),
    ("la_reunion", "La Réunion", "974"),
    ("mayotte", "Mayotte", "976"),
)
_OVERSEAS = frozenset({"971", "972", "973", "974", "976"})

_REGION_DEPARTMENTS = {code: frozenset(codes.split()) for code, _, codes in _REGIONS}
DEPARTMENTS: tuple[str, ...] = tuple(
    sorted({one for codes in _REGION_DEPARTMENTS.values() for one in codes})
)
ZONES: dict[str, frozenset[str]] = {
    "metropole": frozenset(DEPARTMENTS) - _OVERSEAS,
    "outre_mer": _OVERSEAS,
    **_REGION_DEPARTMENTS,
}
ZONE_LABELS: dict[str, str] = {
    "metropole": "France métropolitaine",
    "outre_mer": "Outre-mer",
    **{code: label for code, label, _ in _REGIONS},
}


@dataclass(frozen=True, slots=True)
class Area:
    """Zones and departments together, less the excluded ones; empty, it is everywhere."""

    zones: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    @property
    def is_everywhere(self) -> bool:
        """Whether nothing is restricted."""
        return not (self.zones or self.departments or self.excluded)

    def covers(self, department: str) -> bool:
        """Whether the department is in the area."""
        if department in self.excluded:
            return False
        if not (self.zones or self.departments):
            return True
        return department in self.departments or any(
            department in ZONES.get(zone, ()) for zone in self.zones
        )


EVERYWHERE = Area()


def department_of(postal_code: str) -> str | None:
    """Return the department of a French postal code, None when it names none of ours.

    Corsica is split by its postal codes (20000 to 20190 in the south); a few villages on a border
    are served by the next department's post office, which the code alone cannot tell.
    """
    if len(postal_code) != 5 or not (postal_code.isascii() and postal_code.isdigit()):
        return None
    if postal_code.startswith("20"):
        return "2A" if postal_code < "20200" else "2B"
    code = postal_code[:3] if postal_code.startswith("97") else postal_code[:2]
    return code if code in DEPARTMENTS else None


def labels(zones: Iterable[str]) -> list[str]:
    """Return the French names of the zones."""
    return [ZONE_LABELS.get(zone, zone) for zone in zones]
