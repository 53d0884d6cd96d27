"""Product codes: the advised form `{SOCIETE}-{RISQUE}-{SEQ}` (A.5-01; reading M-12: never imposed)."""

import re
import unicodedata
from collections.abc import Iterable
from string import ascii_uppercase

from winvest.core.domain.typing_errors import swaps
from winvest.core.errors import Problem


class CodeProblem(Problem):
    """Why a code may not be written."""

    KEPT = (
        "product.sku_kept",
        "Une version de ce produit a été mise en production : ventes, écritures et contrats le "
        "nomment par ce code, qui ne change plus.",
    )


MAX_SKU = 80
# A greater number is a reference that somebody typed, not the last of a sequence.
MAX_SEQUENCE = 999_999
_CODE = re.compile(r"[A-Z0-9][A-Z0-9._/-]*", re.ASCII)
_SEPARATORS = re.compile(r"[^A-Z0-9]")
_SEQUENCE = re.compile(r"[0-9]{1,9}", re.ASCII)
# Signs that one reads for another.
_LOOKS = str.maketrans("OIL", "011")
_PLAIN_LETTERS = ascii_uppercase.translate(dict.fromkeys(map(ord, "OIL")))
WARNING = (
    "Le code produit {sku} ne suit pas le format conseillé {advised} ; il est accepté tel quel."
)


def prefix_of(company_code: str, risk_code: str) -> str:
    """Return `{SOCIETE}-{RISQUE}-` in capitals without accents or signs."""
    return f"{_part(company_code)}-{_part(risk_code)}-"


def propose(company_code: str, risk_code: str, taken: Iterable[str], *, given: int = 0) -> str:
    """Return the next free code of the family: three digits at least, after the greatest taken.

    `given` is the last number that was given, whether its code was used or not.
    """
    prefix = prefix_of(company_code, risk_code)
    used = [number for sku in taken if (number := sequence_of(sku, prefix)) <= MAX_SEQUENCE]
    return f"{prefix}{max([given, *used]) + 1:03d}"


def sequence_of(sku: str, prefix: str) -> int:
    """Return the number that ends a code of the advised form, 0 for any other code."""
    rest = sku.upper().removeprefix(prefix)
    return int(rest) if rest != sku.upper() and _SEQUENCE.fullmatch(rest) else 0


def follows(sku: str, company_code: str, risk_code: str) -> bool:
    """Whether the code has the advised form for its company and family."""
    rest = sku.removeprefix(prefix_of(company_code, risk_code))
    return rest != sku and _SEQUENCE.fullmatch(rest) is not None


def warning(sku: str, company_code: str, risk_code: str) -> str:
    """Return the warning about a code of another form, empty when it has the advised one."""
    if follows(sku, company_code, risk_code):
        return ""
    return WARNING.format(sku=sku, advised=f"{prefix_of(company_code, risk_code)}001")


def typed_code(text: str) -> str:
    """Return the beginning of a code that the text may be, nothing where it is none.

    In capitals without accents, its digits those of every keyboard, a dash for what spaces part.
    """
    plain = unicodedata.normalize("NFKD", "-".join(text.upper().split()))
    code = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return code if _CODE.fullmatch(code) else ""


def bare(sku: str) -> str:
    """Return the code in capitals without separators: twins by sight are equal."""
    return _SEPARATORS.sub("", sku.upper())


def alike(sku: str) -> str:
    """Return the bare code as it looks: O and 0, I, L and 1 are taken for each other."""
    return bare(sku).translate(_LOOKS)


def slips(sku: str) -> frozenset[str]:
    """Return how the codes one slip away look: two letters swapped, one too many or forgotten, or a
    zero before a number. Another digit is another code.
    """
    code = bare(sku)
    found = swaps(code)
    for place in range(len(code) + 1):
        before, sign, after = code[:place], code[place : place + 1], code[place + 1 :]
        begins_number = sign.isdigit() and not before[-1:].isdigit()
        if sign.isalpha() or (begins_number and sign == "0" and after[:1].isdigit()):
            found.append(before + after)
        beside_number = sign.isdigit() or before[-1:].isdigit()
        added = (_PLAIN_LETTERS if beside_number else ascii_uppercase) + "0" * begins_number
        found += [before + one + sign + after for one in added]
    return frozenset(map(alike, found))


def _part(code: str) -> str:
    plain = unicodedata.normalize("NFKD", code).encode("ascii", "ignore").decode()
    return _SEPARATORS.sub("", plain.upper())
