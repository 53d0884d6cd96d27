"""The pack of a contract, its files read again (`design/domain.md` §8; B.4, B.7-03)."""

from dataclasses import replace
from datetime import datetime

from catalog.models import ProductVersion
from documents.domain.pack import without
from documents.selectors.contract_pack import ReadPack, read_pack
from documents.services.integrity import fault_of, tell_altered


def checked_pack(version: ProductVersion, channel: str, *, at: datetime) -> ReadPack:
    """Return the pack of `read_pack`, less the files that nobody would be handed.

    A contract goes with a few files: each is read whole and compared with its hash, so that what
    is told complete can be downloaded. A fault is told as a download tells it.
    """
    found = read_pack(version, channel, at=at)
    faults = [fault for row, _ in found.joined if (fault := fault_of(row)) is not None]
    for fault in faults:
        tell_altered(fault)
    altered = {fault.document.pk: fault.document.type.label for fault in faults}
    return replace(found, pack=without(found.pack, altered)) if altered else found
