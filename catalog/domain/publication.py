"""What a publication must have, told whole: each problem with its ground, its owner and its cure.

`design/domain.md` §2. Which checks there are stands in the applications that make them; a problem
that blocks keeps the version from being published, any other is only told.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from winvest.core.errors import Reason


class Part(StrEnum):
    """What a problem is about, in the order of the checklist."""

    LIFECYCLE = "lifecycle"
    PRICING = "pricing"
    CHANNEL = "channel"
    AGREEMENT = "agreement"
    BLACKLIST = "blacklist"
    RISK = "risk"
    PARTNER = "partner"
    INTEGRATION = "integration"
    DOCUMENTS = "documents"
    COMMISSIONS = "commissions"
    ACCOUNTING = "accounting"
    CQ = "cq"
    APPROVALS = "approvals"


PART_LABELS = {
    Part.LIFECYCLE: "Cycle de vie",
    Part.PRICING: "Formules et prix",
    Part.CHANNEL: "Canaux",
    Part.AGREEMENT: "Accord de la propriétaire",
    Part.BLACKLIST: "Liste noire",
    Part.RISK: "Famille de risques",
    Part.PARTNER: "Partenaire",
    Part.INTEGRATION: "Intégration",
    Part.DOCUMENTS: "Documents",
    Part.COMMISSIONS: "Commissions",
    Part.ACCOUNTING: "Comptabilité",
    Part.CQ: "Règles ADV et qualité",
    Part.APPROVALS: "Approbations",
}


NEW_VERSION = " dans une nouvelle version"


@dataclass(frozen=True, slots=True)
class Rule:
    """A check: its stable code, and what is told to whom when it fails.

    `message` takes parameters; `ground` is the text that asks for it, `owner` who mends it, `cure`
    what to do. Without `blocking` it is a warning.
    """

    code: str
    part: Part
    message: str
    ground: str
    owner: str
    cure: str
    blocking: bool = True

    def cure_on(self, *, is_draft: bool) -> str:
        """Return what to do: the content of a draft changes in place, another's in a new version."""
        return self.cure.replace(NEW_VERSION, "") if is_draft else self.cure

    @property
    def why(self) -> str:
        """What the ground says, without the clauses that it names."""
        return said(self.ground)


@dataclass(frozen=True, slots=True)
class Finding:
    """A check that failed; `target` is what to open to mend it (`version`, a model's label…)."""

    rule: Rule
    message: str
    target: str = "version"
    target_id: UUID | None = None

    def reason(self) -> Reason:
        """Return it as a reason of a refusal."""
        return Reason(self.rule.code, f"{self.message} {self.rule.cure}", self.rule.part.value)


def said(ground: str) -> str:
    """Return what a ground says after the clauses that it names, as a sentence; else nothing."""
    words = ground.partition(" : ")[2].rstrip(".")
    return f"{words[0].upper()}{words[1:]}." if words else ""


def failed(rule: Rule, *, target: str = "version", key: UUID | None = None, **told: Any) -> Finding:
    """Return the finding of a rule, with the parameters of its message."""
    return Finding(rule, rule.message.format(**told), target, key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """What is to be published: by whom, on which channels, from when; instants are aware."""

    seller: UUID
    channels: frozenset[str]
    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Checklist:
    """Every problem of a publication, in the order of the parts."""

    findings: list[Finding] = field(default_factory=list)

    @property
    def blocking(self) -> list[Finding]:
        """What keeps the version from being published."""
        return [one for one in self.findings if one.rule.blocking]

    @property
    def is_clear(self) -> bool:
        """Whether nothing blocks."""
        return not self.blocking

    def by_part(self) -> dict[Part, list[Finding]]:
        """Return the problems of each part, those without a problem included."""
        return {part: [one for one in self.findings if one.rule.part is part] for part in Part}


def checklist(findings: Iterable[Finding]) -> Checklist:
    """Return the findings once each, in the order of the parts, what blocks first."""
    order = list(Part)
    once = dict.fromkeys(findings)
    ranked = sorted(
        once, key=lambda one: (order.index(one.rule.part), not one.rule.blocking, one.rule.code)
    )
    return Checklist(ranked)
