"""Bank details: IBAN (mod 97 and the key of the French RIB), BIC, and how an IBAN is shown."""

from schwifty import BIC, IBAN
from schwifty.exceptions import SchwiftyException

from winvest.core.errors import Invalid, Problem

DOTS = "••••"
# What the database checks of them (ISO 9362, and `masked_iban`).
BIC_SHAPE = "^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$"
MASKED_IBAN = f"^[A-Z]{{2}}[0-9]{{2}} {DOTS} [A-Z0-9]{{4}}$"


class BankProblem(Problem):
    """What is wrong with bank details; no message repeats them."""

    IBAN = "partner.iban", "Cet IBAN n'est pas valide (clé ou longueur fausse)."
    BIC = "partner.bic", "Ce BIC n'est pas valide."


def checked_iban(text: str) -> str:
    """Return the IBAN in its compact form; a wrong length, country or key is refused."""
    try:
        return str(IBAN(text, validate_bban=True).compact)
    except (SchwiftyException, ValueError) as error:
        raise Invalid(BankProblem.IBAN, path="iban") from error


def checked_bic(text: str) -> str:
    """Return the BIC in its compact form, or refuse it."""
    try:
        return str(BIC(text).compact)
    except (SchwiftyException, ValueError) as error:
        raise Invalid(BankProblem.BIC, path="bic") from error


def bic_of(iban: str) -> str:
    """Return the BIC of a valid IBAN's bank where the library knows it, else an empty text."""
    found = IBAN(iban).bic
    return str(found.compact) if found else ""


def masked_iban(iban: str) -> str:
    """Show an IBAN by its country, its key and its four last signs: « FR76 •••• 0189 »."""
    return f"{iban[:4]} {DOTS} {iban[-4:]}"
