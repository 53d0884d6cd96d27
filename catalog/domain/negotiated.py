"""What may be said against a negotiated price (§1, 1-12)."""

from winvest.core.errors import Problem


class NegotiatedProblem(Problem):
    """Why a negotiated price may not change, or gives no price."""

    STARTED = (
        "negotiated.started",
        "Ce prix a commencé : seuls son motif et sa fin changent encore.",
    )
    KEPT = "negotiated.kept", "Un prix négocié commencé se termine, il ne s'efface pas."
    TERMS = (
        "negotiated.terms",
        "Le prix négocié et la formule n'ont pas la même base (HT ou TTC) : il faut le renégocier.",
    )
