"""SIREN, SIRET and VAT number: what blocks, and what only warns (reading M-11)."""

import re

from stdnum.eu import vat as vat_numbers
from stdnum.fr import siren as siren_numbers
from stdnum.fr import siret as siret_numbers

from winvest.core.errors import Problem, Reason

_siren = re.compile(r"[0-9]{9}", re.ASCII)
_siret = re.compile(r"[0-9]{14}", re.ASCII)
_french_vat = re.compile(r"FR[0-9A-Z]{2}(?P<siren>[0-9]{9})", re.ASCII)


class IdentityProblem(Problem):
    """What is wrong, or doubtful, with an official number."""

    SIREN_KEY = (
        "identity.siren_key",
        "La clé de contrôle du SIREN « {siren} » est fausse : à vérifier.",
    )
    SIRET = "identity.siret", "Ce SIRET n'est pas valide."
    SIRET_OTHER = "identity.siret_other", "Un SIRET commence par le SIREN de son entreprise."
    VAT_NUMBER = "identity.vat_number", "Ce numéro de TVA n'est pas valide."


def siren_warnings(siren: str | None) -> list[Reason]:
    """Return the warning of a SIREN whose control key (Luhn) is wrong, which is accepted (M-11)."""
    if not siren or not _siren.fullmatch(siren) or siren_numbers.is_valid(siren):
        return []
    problem = IdentityProblem.SIREN_KEY
    return [Reason(problem.value, problem.message.format(siren=siren), "siren")]


def siret_problem(siret: str, siren: str) -> IdentityProblem | None:
    """Return what is wrong with the SIRET of the enterprise `siren`.

    A SIREN with a wrong key, once accepted, gives SIRETs whose key is wrong too: their form alone
    is then checked.
    """
    if not _siret.fullmatch(siret):
        return IdentityProblem.SIRET
    if not siret.startswith(siren):
        return IdentityProblem.SIRET_OTHER
    if siren_warnings(siren) or siret_numbers.is_valid(siret):
        return None
    return IdentityProblem.SIRET


def vat_number_problem(number: str, siren: str) -> IdentityProblem | None:
    """Return what is wrong with a VAT number, whose key follows from the SIREN's in France."""
    if vat_numbers.is_valid(number):
        return None
    french = _french_vat.fullmatch(number)
    if french and french["siren"] == siren and siren_warnings(siren):
        return None
    return IdentityProblem.VAT_NUMBER


def compact_number(number: str) -> str:
    """Return an official number as it is kept: capitals, without spaces, dots or dashes."""
    return re.sub(r"[\s.-]", "", number).upper()
