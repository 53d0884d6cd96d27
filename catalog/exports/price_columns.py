"""The columns of a price grid as an import reads them, in words."""

from catalog.domain.price_grid import Column

KEYS = (Column.SKU, Column.VERSION, Column.PLAN, Column.RULE, Column.TIER, Column.PRICE)
EXPLAINED: list[tuple[str, bool, str]] = [
    (Column.SKU.value, True, "Produit de la société ; ne change pas."),
    (Column.VERSION.value, True, "Version exportée : celle qui est toujours en vigueur."),
    (Column.PLAN.value, True, "Code de la formule, vide pour un produit sans formule."),
    (Column.RULE.value, True, "Rang du tarif dans la formule, tel qu'exporté."),
    (Column.TIER.value, True, "Rang du palier, tel qu'exporté."),
    (
        Column.EXTRA.value,
        False,
        "Option, surcharge ou remise et son code, tel qu'exporté ; un code nouveau l'ajoute.",
    ),
    (
        Column.MODE.value,
        False,
        "Pour lire, sauf d'un supplément ajouté : libellé, puis les mots de l'export ; vidé avec "
        "« Prix », il ôte le supplément.",
    ),
    (Column.PRICE.value, True, "À changer : 1234,5, quatre décimales au plus, dans la base dite."),
    (Column.MINIMUM.value, False, "À changer, pour un prix à l'usage ; vide : aucun minimum."),
    (
        Column.LOW.value,
        False,
        "À changer : début du palier. Un rang de palier nouveau en ajoute un ; « De », « À » et "
        "« Prix » vides l'ôtent.",
    ),
    (Column.HIGH.value, False, "À changer : fin du palier ; vide pour le dernier."),
    (
        Column.DRAFT.value,
        False,
        "Numéro du brouillon à modifier ; vide : une nouvelle version est préparée.",
    ),
    (
        "Autres colonnes",
        False,
        "Pour lire : laissées telles quelles, ou ôtées. Un type, une base, un code TVA, une "
        "récurrence ou une devise qui change refuse la ligne.",
    ),
]
