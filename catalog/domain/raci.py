"""Who does, answers for, is asked and is told at each step (Annexe D.3.1 to D.3.3, D.3.5, D.4).

The letters are those of the tables. Where a line names nobody accountable, Annexe D.4 does (R-04):
the product's manager for the life of a product, ADV for its documents, IT for its integration.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from winvest.core.domain.roles import Role


class Actor(StrEnum):
    """A column of the tables (D.2)."""

    PRODUCT = "Produit"
    ACCOUNTING = "Compta"
    ADV = "ADV"
    IT = "IT"
    MARKETING = "Marketing"


# ADV's legal check is the jurist's where there is one; the company's administrator stands in
# for the product's manager (§11).
ROLES: dict[Actor, frozenset[Role]] = {
    Actor.PRODUCT: frozenset({Role.CATALOG_MANAGER, Role.COMPANY_ADMIN}),
    Actor.ACCOUNTING: frozenset({Role.ACCOUNTING}),
    Actor.ADV: frozenset({Role.ADV, Role.LEGAL}),
    Actor.IT: frozenset({Role.IT}),
    Actor.MARKETING: frozenset({Role.MARKETING}),
}


class Step(StrEnum):
    """A line of the tables."""

    NEEDS = "D.3.1-01"
    SHEET = "D.3.1-02"
    PRICING = "D.3.1-03"
    COMMISSIONS = "D.3.1-04"
    DOCUMENTS = "D.3.1-05"
    MAPPING = "D.3.1-06"
    PARTNER_API = "D.3.1-07"
    PUBLICATION = "D.3.1-08"
    PROPOSAL = "D.3.2-01"
    FINANCIAL_IMPACT = "D.3.2-02"
    IMPLEMENTATION = "D.3.2-03"
    COMMUNICATION = "D.3.2-04"
    COLLECTION = "D.3.3-01"
    VERIFICATION = "D.3.3-02"
    DIFFUSION = "D.3.3-03"
    RETIREMENT = "D.3.5-01"
    SALES_STOP = "D.3.5-02"
    CLIENTS = "D.3.5-03"
    ARCHIVE = "D.3.5-04"


@dataclass(frozen=True, slots=True)
class Line:
    """A step: its French name, its letters in the order of `Actor`, and D.4's accountable."""

    label: str
    letters: tuple[str, ...]
    governed_by: Actor = Actor.PRODUCT

    def of(self, letter: str) -> frozenset[Actor]:
        """Return the actors who have this letter."""
        return frozenset(
            actor
            for actor, letters in zip(Actor, self.letters, strict=True)
            if letter in letters.split("/")
        )


RACI: dict[Step, Line] = {
    Step.NEEDS: Line("Définition besoins & business case", ("R/A", "C", "C", "C", "C")),
    Step.SHEET: Line("Création fiche produit (CRM)", ("R", "I", "C", "C", "I")),
    Step.PRICING: Line("Définition modèle tarifaire & formules", ("R", "C", "C", "I", "I")),
    Step.COMMISSIONS: Line("Paramétrage commissions", ("R", "C", "I", "I", "I")),
    Step.DOCUMENTS: Line("Validation documentaire (CG/DIPA)", ("C", "I", "R/A", "I", "I")),
    Step.MAPPING: Line("Mapping comptable (comptes, TVA)", ("C", "R/A", "I", "I", "I")),
    Step.PARTNER_API: Line("Déploiement API partenaire", ("C", "I", "I", "R/A", "I")),
    Step.PUBLICATION: Line("Publication catalogue", ("R", "C", "A", "I", "I")),
    Step.PROPOSAL: Line("Proposition ajustement", ("R", "C", "C", "I", "C")),
    Step.FINANCIAL_IMPACT: Line("Validation impact financier", ("C", "R/A", "I", "I", "I")),
    Step.IMPLEMENTATION: Line("Implémentation dans CRM", ("R", "C", "I", "R", "I")),
    Step.COMMUNICATION: Line("Communication interne", ("I", "I", "I", "I", "R/A")),
    Step.COLLECTION: Line("Rédaction/collecte documents", ("R", "I", "C", "I", "C"), Actor.ADV),
    Step.VERIFICATION: Line(
        "Vérification légale / conformité", ("C", "I", "R/A", "I", "I"), Actor.ADV
    ),
    Step.DIFFUSION: Line("Archivage & publication", ("I", "I", "R", "I", "I"), Actor.ADV),
    Step.RETIREMENT: Line("Décision retrait", ("R/A", "C", "C", "I", "C")),
    Step.SALES_STOP: Line("Blocage nouvelles ventes", ("R", "I", "A", "I", "I")),
    Step.CLIENTS: Line("Information clients", ("I", "I", "R", "I", "A")),
    Step.ARCHIVE: Line("Archivage produit & documents", ("I", "C", "R", "I", "I"), Actor.ADV),
}


def responsible(step: Step) -> frozenset[Actor]:
    """Return who does the step."""
    return RACI[step].of("R")


def accountable(step: Step) -> Actor:
    """Return who answers for the step: the table's A, else D.4's (R-04)."""
    named = RACI[step].of("A")
    return next(iter(named)) if named else RACI[step].governed_by


def consulted(step: Step) -> frozenset[Actor]:
    """Return who is asked an opinion."""
    return RACI[step].of("C")


def informed(step: Step) -> frozenset[Actor]:
    """Return who is told."""
    return RACI[step].of("I")


def roles_of(actors: Iterable[Actor]) -> frozenset[Role]:
    """Return the roles of the product that the actors hold."""
    return frozenset[Role]().union(*(ROLES[actor] for actor in actors))


def doing_roles(step: Step) -> frozenset[Role]:
    """Return the roles of whoever does the step or answers for it."""
    return roles_of({accountable(step), *responsible(step)})


def told_roles(step: Step) -> frozenset[Role]:
    """Return the roles told that a step is done: who was consulted, and who is informed."""
    return roles_of(consulted(step) | informed(step))


def team_roles(step: Step) -> frozenset[Role]:
    """Return the roles of all who have a letter in the step."""
    return doing_roles(step) | told_roles(step)


def consulted_roles(steps: Iterable[Step]) -> frozenset[Role]:
    """Return the roles whose opinion is asked before the steps are taken."""
    return roles_of(actor for step in steps for actor in consulted(step))


def informed_roles(steps: Iterable[Step]) -> frozenset[Role]:
    """Return the roles informed of the steps, and consulted on none of them."""
    found = roles_of(actor for step in steps for actor in informed(step))
    return found - consulted_roles(steps)


def submitted_steps(*, first: bool) -> tuple[Step, ...]:
    """Return the steps that a submission closes: all the writing of a new product, or a proposal."""
    return (Step.NEEDS, Step.SHEET, Step.PRICING, Step.COMMISSIONS) if first else (Step.PROPOSAL,)


def approval_step(domain: str, *, first: bool) -> Step:
    """Return the step that an approval closes: of a new product (`first`), or of a change (D.3.2)."""
    if domain == "accounting":
        return Step.MAPPING if first else Step.FINANCIAL_IMPACT
    if domain == "compliance":
        return Step.DOCUMENTS if first else Step.VERIFICATION
    if domain == "integration":
        return Step.PARTNER_API
    return Step.SHEET if first else Step.PROPOSAL
