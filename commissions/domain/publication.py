"""What a publication asks of the commission schemes (§3.4, `design/domain.md` §2, §5)."""

from catalog.domain.publication import Part, Rule

_OWNER = "Produit"
# Whoever checks a publication may not read commissions (`domain.md` §11): no share nor amount is told.

NO_SCHEME = Rule(
    "commissions.none",
    Part.COMMISSIONS,
    "Aucun barème de commission reçue ne s'applique ({channels}).",
    "§3.4 : commissions d'un produit « commission » ou « mixte ».",
    _OWNER,
    "Ajoutez un barème dans une nouvelle version.",
)
NO_TIERS = Rule(
    "commissions.no_tiers",
    Part.COMMISSIONS,
    "Barème « {name} » : aucun palier, il ne dit pas ce qui est dû.",
    "§3.3, §3.4 : un barème a ses paliers.",
    _OWNER,
    "Ajoutez ses paliers dans une nouvelle version.",
)
SPLIT = Rule(
    "commissions.split_sum",
    Part.COMMISSIONS,
    "Barème « {name} » : sa répartition est fausse.",
    "A.4 : somme des parts = 1.",
    _OWNER,
    "Corrigez la répartition dans une nouvelle version.",
)
CASE = Rule(
    "commissions.test_case",
    Part.COMMISSIONS,
    "Barème « {name} » : le cas d'essai n° {rank} échoue.",
    "domain.md §5 : un cas d'essai en échec bloque la publication.",
    _OWNER,
    "Corrigez le barème, ou son cas d'essai, dans une nouvelle version.",
)
