"""What is joined to a contract of a version on a channel, and what it lacks (`domain.md` §8; 3.5-05).

Particular conditions (CP) are written for each contract, which brings them itself (D-02).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from catalog.domain.publication import Finding, failed
from documents.domain.requirements import (
    EXPIRED,
    FLOOR,
    HASH,
    MISSING,
    NOT_PUBLISHED,
    TARGET,
    WEB,
    WEB_FLOOR,
    Required,
)
from documents.domain.state import DocumentState, Standing, standing
from winvest.core.errors import Problem

# What the company works with; the client is never given it.
INTERNAL = frozenset({"SCRIPT", "FACTURE"})
IN_FORCE = frozenset({Standing.VALID, Standing.EXPIRING})

LACKING = replace(MISSING, message="Il manque le document « {type} ».")
WAITING = replace(NOT_PUBLISHED, message="Le document « {type} » est déposé, mais pas publié.")
OVER = replace(EXPIRED, message="Le document « {type} » n'est plus valide.")


class PackProblem(Problem):
    """Why a version has no pack for a channel."""

    CHANNEL = (
        "contract_pack.channel",
        "Cette version ne se vend pas sur ce canal : {channel}.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A document of the version; `legal` says whether its type is."""

    id: UUID
    type: str
    channels: frozenset[str]
    state: DocumentState
    valid_until: date | None = None
    legal: bool = False


@dataclass(frozen=True, slots=True)
class Joined:
    """A document to join; `ground` is what asks for it, empty where nothing does."""

    id: UUID
    required: bool
    ground: str = ""


@dataclass(frozen=True, slots=True)
class Pack:
    """The documents to join, in the order given, and each one that is required and not there."""

    documents: tuple[Joined, ...]
    missing: tuple[Finding, ...]

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


def without(pack: Pack, altered: Mapping[UUID, str]) -> Pack:
    """Return the pack without the documents whose file is no longer the one that came (B.4).

    `altered` names their types; nobody is handed such a file, so that it is missing.
    """
    joined = tuple(one for one in pack.documents if one.id not in altered)
    lost = (
        failed(HASH, target=TARGET, key=one.id, type=altered[one.id])
        for one in pack.documents
        if one.id in altered
    )
    return Pack(joined, (*pack.missing, *lost))


def contract_pack(
    required: Sequence[Required],
    pieces: Sequence[Piece],
    channel: str,
    on: date,
    *,
    of_contract: frozenset[str],
) -> Pack:
    """Return the pack of a channel on a local day.

    Joined are the documents in force of a required type, and the legal ones that nothing asks for
    (a FIP or a notice, conditional): never what the contract brings itself (`of_contract`), nor
    what is not for the client.
    """
    out = of_contract | INTERNAL
    needs: dict[str, Required] = {}
    for need in required:
        if need.type not in out and need.channel in (None, channel):
            needs.setdefault(need.type, need)
    own = [one for one in pieces if one.type not in out and channel in one.channels]
    in_force = [one for one in own if _standing(one, on) in IN_FORCE]
    joined = tuple(
        Joined(one.id, one.type in needs, needs[one.type].ground if one.type in needs else "")
        for one in in_force
        if one.type in needs or one.legal
    )
    return Pack(joined, tuple(_missing(needs, own, channel, on)))


def _missing(
    needs: dict[str, Required], own: Sequence[Piece], channel: str, on: date
) -> Iterator[Finding]:
    for code, need in needs.items():
        stands = {_standing(one, on) for one in own if one.type == code}
        if stands & IN_FORCE:
            continue
        rule = LACKING
        if Standing.EXPIRED in stands:
            rule = OVER
        elif Standing.DRAFT in stands:
            rule = WAITING
        grounded = replace(rule, ground=need.ground or rule.ground)
        yield failed(grounded, target=TARGET, type=need.label)
    there = {one.type for one in own if _standing(one, on) in IN_FORCE}
    if channel == WEB and not FLOOR & (there | needs.keys()):
        yield failed(WEB_FLOOR)


def _standing(piece: Piece, on: date) -> Standing:
    return standing(piece.state, piece.valid_until, on=on)
