"""What a publication asks of the accounts of the company that sells (§3.4, C.6, P-07)."""

from catalog.domain.publication import Part, Rule

_OWNER = "Compta"

NOT_MAPPED = Rule(
    "accounting.not_mapped",
    Part.ACCOUNTING,
    "{company} n'a pas de compte « {nature} » pour cette version.",
    "§3.4 : mapping comptable de la société qui vend.",
    _OWNER,
    "Saisissez le mapping, puis validez-le.",
)
NOT_VALIDATED = Rule(
    "accounting.not_validated",
    Part.ACCOUNTING,
    "Le compte « {nature} » de {company} n'est pas validé (état : {state}).",
    "C.6, D.4 : seul un mapping validé sert.",
    _OWNER,
    "Validez le mapping.",
)
WRONG = Rule(
    "accounting.wrong",
    Part.ACCOUNTING,
    "Compte « {nature} » de {company} : {reason}",
    "§3.1, C.6 : compte et TVA cohérents avec le prix.",
    _OWNER,
    "Changez les comptes, puis validez le nouveau mapping.",
)
