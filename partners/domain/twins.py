"""The warnings of a partner that is accepted and yet looks like another (E.3-01, M-11)."""

from collections.abc import Iterable

from winvest.core.domain.identity import siren_warnings
from winvest.core.errors import Problem, Reason


class TwinProblem(Problem):
    """A partner that may be there already."""

    SAME_SIREN = "partner.same_siren", "Le partenaire « {name} » ({company}) a le même SIREN."
    NEAR_NAME = "partner.near_name", "Un partenaire au nom proche existe : « {name} » ({company})."


def partner_warnings(
    siren: str | None, others: Iterable[tuple[str, str, str | None]]
) -> list[Reason]:
    """Return what is doubtful: the key of the SIREN, and each likely twin.

    `others` gives the name, the managing company's code and the SIREN of the partners alike.
    """
    warnings = siren_warnings(siren)
    for name, company, other_siren in others:
        same = bool(siren) and other_siren == siren
        problem = TwinProblem.SAME_SIREN if same else TwinProblem.NEAR_NAME
        message = problem.message.format(name=name, company=company)
        warnings.append(Reason(problem.value, message, "siren" if same else "name"))
    return warnings
