"""Which documents a publication must have, and what is wrong with those it has (B.2, B.3, B.8; D-02).

Requirements are data (family × channel × type); the floor of A.4 holds whatever they say.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from catalog.domain.publication import Finding, Part, Rule, failed, said

WEB = "web"
# « DIPA ou CG » of A.4: every kind of general conditions counts as CG (`domain.md` §8).
FLOOR = frozenset({"DIPA", "CG", "CGV", "CGU", "CGA", "COND_STD"})
TARGET = "documents.productdocument"
_OWNER = "Juriste ou ADV"

MISSING = Rule(
    "documents.missing",
    Part.DOCUMENTS,
    "Il manque le document « {type} » ({channels}).",
    "B.2, B.3, B.8.",
    _OWNER,
    "Déposez-le sur la version, puis publiez-le.",
)
NOT_PUBLISHED = Rule(
    "documents.not_published",
    Part.DOCUMENTS,
    "Le document « {type} » est déposé, mais pas publié ({channels}).",
    "B.2, B.3, B.8.",
    _OWNER,
    "Publiez-le.",
)
EXPIRED = Rule(
    "documents.expired",
    Part.DOCUMENTS,
    "Le document « {type} » n'est plus valide au début de la publication ({channels}).",
    "C.5.",
    _OWNER,
    "Remplacez-le par un document valide.",
)
EXPIRES = Rule(
    "documents.expires",
    Part.DOCUMENTS,
    "Le document « {type} » n'est valide que jusqu'au {day} inclus, avant la fin de la publication.",
    "B.4, C.5 : document expirant lors de la publication.",
    _OWNER,
    "Préparez son remplacement dans une nouvelle version, ou terminez la publication ce jour-là.",
    blocking=False,
)
NOT_PDFA = Rule(
    "documents.not_pdfa",
    Part.DOCUMENTS,
    "Le document « {type} » n'est pas un PDF/A.",
    "B.7 : documents légaux en PDF/A.",
    _OWNER,
    "Remplacez-le par un fichier PDF/A.",
)
TO_REPLACE = replace(
    NOT_PDFA,
    message="Le document « {type} » est déposé, mais n'est pas un PDF/A ({channels}).",
    cure="Déposez-le en PDF/A, puis publiez ce nouveau fichier.",
)
HASH = Rule(
    "documents.hash_mismatch",
    Part.DOCUMENTS,
    "Le fichier du document « {type} » a changé ou n'est plus là.",
    "B.4 : empreinte de chaque document.",
    "IT",
    "Retrouvez le fichier d'origine, ou remplacez le document.",
)
WEB_FLOOR = Rule(
    "documents.web_floor",
    Part.DOCUMENTS,
    "Sur le web, il faut au moins un DIPA ou des conditions générales.",
    "A.4.",
    _OWNER,
    "Déposez l'un d'eux sur la version, puis publiez-le.",
)


@dataclass(frozen=True, slots=True)
class Required:
    """A type of document required on a channel (None: on all); `pdfa` where it must be a PDF/A."""

    type: str
    label: str
    channel: str | None = None
    pdfa: bool = False
    ground: str = ""

    @property
    def why(self) -> str:
        """What the ground says after the clauses that it names, as a sentence."""
        return said(self.ground)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A document of the version that is a draft or in force; `valid_until` is its last day."""

    id: UUID
    type: str
    channels: frozenset[str]
    published: bool
    valid_until: date | None = None
    pdfa: bool = True
    intact: bool = True


def document_findings(
    required: Sequence[Required],
    kept: Sequence[Kept],
    channels: Iterable[str],
    on: date,
    *,
    labels: dict[str, str],
    until: date | None = None,
) -> list[Finding]:
    """Return what the documents lack on the channels of a sale that begins on a local day.

    A type is told once, with all its channels (`labels` names them); then what is wrong with the
    documents that serve, and which of them end before the last day of the sale, `until`.
    """
    sold = sorted(channels, key=list(labels).index)
    found: dict[tuple[str, str], list[str]] = {}
    grounds: dict[tuple[str, str], list[str]] = {}
    names: dict[str, Required] = {}
    serving: dict[UUID, tuple[Kept, Required]] = {}
    for need in {(need.type, need.channel): need for need in reversed(required)}.values():
        names.setdefault(need.type, need)
        for channel in sold:
            if need.channel in (None, channel):
                rule, document = _serve(need, kept, channel, on)
                if rule is not None:
                    key = (rule.code, need.type)
                    found.setdefault(key, []).append(channel)
                    grounds.setdefault(key, []).append(_ground(rule, need))
                elif document is not None:
                    serving[document.id] = (document, need)
    findings = [
        _lack(key, names[key[1]], _together(grounds[key]), _places(places, sold, labels))
        for key, places in found.items()
    ]
    for document, need in serving.values():
        findings += _flaws(document, need, until)
    if WEB in sold and not _has_floor(kept, on) and not FLOOR & {type_ for _, type_ in found}:
        findings.append(failed(WEB_FLOOR))
    return findings


def _serve(
    need: Required, kept: Sequence[Kept], channel: str, on: date
) -> tuple[Rule | None, Kept | None]:
    """Return the document that serves on the channel, or the rule that none keeps."""
    own = [one for one in kept if one.type == need.type and channel in one.channels]
    published = [one for one in own if one.published]
    valid = [one for one in published if _is_valid(one, on)]
    if valid:
        return None, valid[0]
    if published:
        return EXPIRED, None
    if not own:
        return MISSING, None
    is_fit = not need.pdfa or any(one.pdfa for one in own)
    return (NOT_PUBLISHED if is_fit else TO_REPLACE), None


def _ground(rule: Rule, need: Required) -> str:
    """Return what asks for the document, or what asks that it be a PDF/A."""
    return rule.ground if rule is TO_REPLACE else need.ground or rule.ground


def _lack(key: tuple[str, str], need: Required, ground: str, where: str) -> Finding:
    rules = {rule.code: rule for rule in (MISSING, NOT_PUBLISHED, EXPIRED, TO_REPLACE)}
    rule = replace(rules[key[0]], ground=ground)
    return failed(rule, target=TARGET, type=need.label, channels=where)


def _together(grounds: Sequence[str]) -> str:
    """Return one ground for those of several channels, each told once."""
    first, *others = dict.fromkeys(grounds)
    if not others:
        return first
    return " ".join([f"{first.rstrip('.')}.", *filter(None, map(said, others))])


def _places(places: Sequence[str], sold: Sequence[str], labels: dict[str, str]) -> str:
    """Return channels in words, in the order of the sale."""
    if len(set(places)) == len(sold):
        return "tous les canaux"
    return ", ".join(labels[one] for one in sold if one in places)


def _flaws(document: Kept, need: Required, until: date | None) -> list[Finding]:
    found = []
    last = document.valid_until
    if last is not None and until is not None and last < until:
        told = {"type": need.label, "day": f"{last:%d/%m/%Y}"}
        found.append(failed(EXPIRES, target=TARGET, key=document.id, **told))
    if need.pdfa and not document.pdfa:
        found.append(failed(NOT_PDFA, target=TARGET, key=document.id, type=need.label))
    if not document.intact:
        found.append(failed(HASH, target=TARGET, key=document.id, type=need.label))
    return found


def _has_floor(kept: Sequence[Kept], on: date) -> bool:
    return any(
        one.type in FLOOR and one.published and WEB in one.channels and _is_valid(one, on)
        for one in kept
    )


def _is_valid(document: Kept, on: date) -> bool:
    return document.valid_until is None or on <= document.valid_until
