"""The catalogue's own rules of a publication: what each asks for, who mends it, and how (§2)."""

from dataclasses import replace

from catalog.domain.approvals import ApprovalDomain, ApprovalsProblem
from catalog.domain.publication import Part, Rule

PRODUCT, ADV, IT, ADMIN = "Produit", "ADV", "IT", "Administrateur de la société"

NOT_ACTIVE = Rule(
    "lifecycle.not_active",
    Part.LIFECYCLE,
    "Le produit ne sera pas actif au début de la publication (statut : {status}).",
    "C.1, M-03 : seul un produit actif se vend.",
    PRODUCT,
    "Passez-le en « Actif », ou planifiez ce passage au plus tard à cette date.",
)
NOT_RELEASED = Rule(
    "version.not_released",
    Part.LIFECYCLE,
    "La version {version} n'est pas en production (état : {state}).",
    "§1, C.1 : on ne vend que ce qui est mis en production.",
    PRODUCT,
    "Faites-la approuver, puis mettez-la en production.",
)
STOPS_SALES = Rule(
    "version.stops_sales",
    Part.LIFECYCLE,
    "À sa date d'effet ({day}), {company} ne vendra plus ce produit sur {channels} : la version "
    "précédente y est publiée, celle-ci pas encore.",
    "§1 : on ne vend que la version en vigueur, là où elle est publiée.",
    ADV,
    "Publiez cette version sur ces canaux avant sa date d'effet.",
    blocking=False,
)
STOPPED_SALES = replace(
    STOPS_SALES,
    message="Depuis sa date d'effet ({day}), {company} ne vend plus ce produit sur {channels} : la "
    "version précédente y était publiée, celle-ci ne l'est pas.",
    cure="Publiez cette version sur ces canaux si la vente doit reprendre.",
)
NO_PRICE = Rule(
    "pricing.none",
    Part.PRICING,
    "La version n'a aucun prix, et aucun tarif ne vient de l'API d'un partenaire.",
    "§3.4 : grilles remplies.",
    PRODUCT,
    "Saisissez les prix, ou liez le produit à l'API de son partenaire.",
)
PLAN_WITHOUT_PRICE = Rule(
    "pricing.plan_without_price",
    Part.PRICING,
    "La formule « {plan} » n'a aucun prix.",
    "§3.4 : grilles remplies.",
    PRODUCT,
    "Saisissez son prix dans une nouvelle version, ou retirez-en la formule.",
)
NO_PLAN_IN_DATES = Rule(
    "pricing.no_plan_in_dates",
    Part.PRICING,
    "Aucune formule n'est proposée au début de la publication.",
    "M-09 : une formule a ses dates.",
    PRODUCT,
    "Changez les dates des formules dans une nouvelle version, ou celle de la publication.",
)
FORMULA = Rule(
    "pricing.formula",
    Part.PRICING,
    "Le prix indexé de {plan} ne donne aucun montant avec « {formula} » quand l'indice {index} vaut "
    "{value} (valeur du {day}).",
    "A.3.3, P-05 : une formule donne un montant, positif ou nul.",
    PRODUCT,
    "Changez la formule ou sa « base » dans une nouvelle version, ou corrigez la valeur de l'indice.",
)
BUNDLE = Rule(
    "pricing.bundle",
    Part.PRICING,
    "Le bundle « {plan} » n'aurait pas de prix au début de la publication. {reason}",
    "§1, P-01 : un bundle se compte de ses composants, en vente ce jour-là.",
    PRODUCT,
    "Mettez le composant en vente pour cette date, ou changez le bundle dans une nouvelle version.",
)
NO_INDEX = Rule(
    "pricing.no_index",
    Part.PRICING,
    "Le prix indexé de {plan} lit l'indice {index}, qui n'a aucune valeur le {day}.",
    "A.3.3, P-05 : dernière valeur connue de l'indice.",
    ADMIN,
    "Saisissez la valeur de l'indice avant le début de la publication.",
    blocking=False,
)
VAT = Rule(
    "pricing.vat_not_in_force",
    Part.PRICING,
    "Le code TVA « {code} » n'a aucun taux en vigueur le {day} ({country}).",
    "A.4 : TVA conforme au pays.",
    "Compta",
    "Complétez les taux de TVA, ou changez le code dans une nouvelle version.",
)
CONTENT = Rule(
    "content.invalid",
    Part.PRICING,
    "{reason}",
    "§3.1 : contenu conforme à sa famille et à ses règles.",
    PRODUCT,
    "Corrigez-le dans une nouvelle version.",
)
CHANNEL = Rule(
    "channel.not_allowed",
    Part.CHANNEL,
    "La version ne se vend pas sur ce canal : {channels}.",
    "§2.1, §13 : canaux autorisés du produit.",
    PRODUCT,
    "Retirez ce canal de la publication, ou ouvrez-le dans une nouvelle version.",
)
AGREEMENT = Rule(
    "publication.agreement",
    Part.AGREEMENT,
    "{owner}, qui possède le produit, n'a pas donné son accord à {seller} pour toute la durée.",
    "R-10 : la vendeuse publie avec l'accord de la propriétaire.",
    "Administrateur ou ADV de la société propriétaire",
    "Demandez-lui d'enregistrer un accord de vente, ou donnez à la publication la fin de l'accord.",
)
BANNED = Rule(
    "blacklist.banned",
    Part.BLACKLIST,
    "{ban} : interdit à la vente ({reason}).",
    "§8 : listes noires de produits et de canaux.",
    ADV,
    "Retirez ce canal de la publication, ou levez l'interdiction.",
)
COMPANY_FAMILY = Rule(
    "risk.company_family",
    Part.RISK,
    "Personne dans {company} n'est habilité à vendre la famille « {family} ».",
    "Notes, N-02, R-09 : familles de risques par société.",
    ADMIN,
    "Donnez un rôle dans cette famille à une personne de la société.",
)
PARTNER = Rule(
    "partner.inactive",
    Part.PARTNER,
    "Le partenaire {partner} n'est pas actif pour {company}.",
    "§2.1, M-01 : activation par société.",
    PRODUCT,
    "Activez le partenaire pour la société.",
)
SANDBOX = Rule(
    "integration.sandbox",
    Part.INTEGRATION,
    "Le code « {code} » ({system}) n'a pas d'essai réussi en sandbox.",
    "§4, domain.md §8 : un tarif par API demande un essai réussi.",
    IT,
    "Faites l'essai, puis enregistrez son résultat sur le code externe.",
)
NO_CQ_RULE = Rule(
    "cq.none",
    Part.CQ,
    "Aucune règle ADV / qualité : ni pièces exigées, ni contrôles.",
    "§3.6 : pièces et contrôles de la vente.",
    ADV,
    "Ajoutez-en dans une nouvelle version si la vente en demande.",
    blocking=False,
)
NO_SCRIPT = Rule(
    "cq.no_script",
    Part.CQ,
    "Télévente sans script d'appel.",
    "§3.6 : scripts d'appels.",
    ADV,
    "Liez un script d'appel à une règle ADV / qualité dans une nouvelle version.",
    blocking=False,
)


def _approval(problem: ApprovalsProblem, ground: str, owner: str) -> Rule:
    cure = "Demandez-la : l'auteur du contenu ne l'approuve pas."
    return Rule(problem.value, Part.APPROVALS, problem.message, ground, owner, cure)


APPROVALS = {
    ApprovalDomain.PRODUCT: _approval(ApprovalsProblem.PRODUCT, "§4, R-06.", PRODUCT),
    ApprovalDomain.ACCOUNTING: _approval(ApprovalsProblem.ACCOUNTING, "§4, D.4, R-06.", "Compta"),
    ApprovalDomain.COMPLIANCE: _approval(
        ApprovalsProblem.COMPLIANCE, "B.6, D.4, R-05.", "Juriste, à défaut ADV"
    ),
    ApprovalDomain.INTEGRATION: _approval(
        ApprovalsProblem.INTEGRATION, "C.2, D.4, R-06 : tarif par API.", IT
    ),
}
