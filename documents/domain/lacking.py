"""Which documents a version lacks, by the matrix family × channel × type (D-02)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Required:
    """A type of document that a family must have on a channel; None: on all of them."""

    type: str
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A document of the version, and the channels that it goes with."""

    type: str
    channels: Collection[str]


def missing(
    required: Iterable[Required], held: Iterable[Held], channels: Collection[str]
) -> list[str]:
    """Return the types that the version lacks on a channel where it is sold, each once."""
    covered = {(one.type, channel) for one in held for channel in one.channels}
    lacking = {
        one.type: None
        for one in required
        for channel in channels
        if one.channel in (None, channel) and (one.type, channel) not in covered
    }
    return list(lacking)
