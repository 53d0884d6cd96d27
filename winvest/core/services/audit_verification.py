"""Verifying the seal of the legal log: every tampering is found and named (G.3).

The hashes are computed here, outside the database: whoever rewrites its functions changes nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.core.files.storage import default_storage

from winvest.core.domain import seal
from winvest.core.selectors import audit_seal as selectors
from winvest.core.selectors.audit_seal import SealedEntry
from winvest.core.services.audit_retention import first_kept
from winvest.core.services.audit_seal import ROOTS
from winvest.core.snapshot import snapshot

MAX_FINDINGS = 1_000


@dataclass(slots=True)
class Verification:
    """What the verification saw: seals read, entries that wait or were purged, faults in French.

    `notes` are what it cannot tell from a fault.
    """

    sealed: int = 0
    waiting: int = 0
    purged: int = 0
    findings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether nothing was tampered with."""
        return not self.findings


def verify_audit() -> Verification:
    """Compute the whole chain again from one instant of the database and name what is wrong.

    An edited, deleted, swapped, added or truncated entry, a changed or missing seal, and a chain
    that a daily root contradicts. At most `MAX_FINDINGS` are told.
    """
    with snapshot() as reader:
        return verify_chain(reader)


def verify_chain(reader: psycopg.Connection[Any]) -> Verification:
    """Verify what this connection sees; the caller's transaction makes it one instant."""
    result = Verification(waiting=selectors.waiting(reader))
    for finding in _findings(reader, result):
        result.findings.append(finding)
        if len(result.findings) >= MAX_FINDINGS:
            result.findings.append("Il y en a davantage : la suite n'est pas listée.")
            break
    return result


def _findings(reader: psycopg.Connection[Any], result: Verification) -> Iterator[str]:
    changed: list[tuple[SealedEntry, bytes]] = []
    yield from _chain(reader, result, changed)
    yield from _edited(reader, changed)
    for stray in selectors.unsealed_entries(reader):
        yield (
            f"Entrée {stray.entry_id} du {stray.at} ({stray.table} {stray.record_id}) : ajoutée "
            "hors du journal ou redatée, aucun sceau ne la connaît."
        )
    for stray in selectors.lost_entries(reader):
        yield f"Entrée {stray.entry_id} du {stray.at} : supprimée avant son scellement."
    yield from _head(reader, result.sealed)
    yield from _given(reader, result)
    yield from _roots(reader, result.sealed)


def _chain(
    reader: psycopg.Connection[Any],
    result: Verification,
    changed: list[tuple[SealedEntry, bytes]],
) -> Iterator[str]:
    """Follow the chain; the entries whose content changed are kept for `_edited`.

    After a broken link the chain goes on from what is written, so that one fault is named once.
    """
    number, chain = 0, seal.GENESIS
    oldest = first_kept().isoformat()
    for row in selectors.sealed_entries(reader):
        if row.number != number + 1:
            yield f"Sceaux {number + 1} à {row.number - 1} : supprimés."
        else:
            expected = seal.link(
                chain,
                number=row.number,
                entry_id=row.entry_id,
                at=row.at,
                content=row.digest,
            )
            if expected != row.chain:
                yield f"Sceau {row.number} (entrée {row.entry_id} du {row.at}) : modifié."
        number, chain = row.number, row.chain
        if row.content is None:
            if row.at < oldest:  # ten years have passed: a purge may have taken it (G.3-03)
                result.purged += 1
            else:
                yield f"Entrée {row.entry_id} du {row.at} (sceau {row.number}) : supprimée."
        elif (found := seal.digest(row.content)) != row.digest:
            changed.append((row, found))
    result.sealed = number


def _edited(
    reader: psycopg.Connection[Any], changed: list[tuple[SealedEntry, bytes]]
) -> Iterator[str]:
    """Name the entries whose content is no longer what was sealed, and with which they swapped."""
    owners = selectors.sealed_as(reader, [found for _, found in changed]) if changed else {}
    for row, found in changed:
        table, record_id = (row.content or ("", ""))[:2]
        what = f"Entrée {row.entry_id} du {row.at} ({table} {record_id}, sceau {row.number})"
        other = owners.get(found)
        if other is None:
            yield f"{what} : modifiée."
        else:
            yield f"{what} : échangée, elle porte le contenu de l'entrée {other}."


def _head(reader: psycopg.Connection[Any], last: int) -> Iterator[str]:
    """Compare the last seal with the head, which remembers the seals that were removed with it."""
    head = selectors.head(reader)
    if head is None:
        if last:
            yield f"Tête des sceaux : supprimée, la chaîne va jusqu'au sceau {last}."
        return
    number, chain = head
    if number > last:
        yield f"Sceaux {last + 1} à {number} : supprimés, la fin du journal est tronquée."
    elif number < last or chain != selectors.chain_at(reader, last):
        yield f"Tête des sceaux : modifiée, elle n'est pas celle du sceau {last}."


def _given(reader: psycopg.Connection[Any], result: Verification) -> Iterator[str]:
    """Tell the ids that were given after the last one known.

    A transaction that was rolled back leaves the same hole as an entry removed before its seal:
    only a log that remembers nothing at all is surely emptied.
    """
    given, known = selectors.ids(reader)
    if given <= known:
        return
    if not known:
        yield f"Journal vidé : {given} numéros d'entrée donnés, aucune entrée ni aucun sceau."
        return
    result.notes.append(
        f"Numéros {known + 1} à {given} : donnés sans entrée. Écritures annulées ou en cours, "
        "ou fin du journal supprimée avant son scellement."
    )


def _roots(reader: psycopg.Connection[Any], last: int) -> Iterator[str]:
    """Compare the chain with the daily roots, those of the database and those of the files."""
    for root in selectors.roots(reader):
        yield from _compare(f"{root.day:%d/%m/%Y}", root.number, root.chain, root.found, last)
    for name, text in _root_files():
        try:
            day, number, chain = text.split()
            kept, at = bytes.fromhex(chain), int(number)
        except ValueError:
            yield f"Fichier de racine {name} : illisible."
            continue
        yield from _compare(f"{day} (fichier)", at, kept, selectors.chain_at(reader, at), last)


def _compare(day: str, number: int, chain: bytes, found: bytes | None, last: int) -> Iterator[str]:
    if number > last:
        yield (
            f"Racine du {day} : elle va jusqu'au sceau {number}, la chaîne s'arrête au {last} : "
            "sa fin est tronquée."
        )
    elif found != chain:
        yield f"Racine du {day} : la chaîne n'est plus celle du sceau {number}, elle est réécrite."


def _root_files() -> Iterator[tuple[str, str]]:
    if not default_storage.exists(ROOTS):
        return
    for name in sorted(default_storage.listdir(ROOTS)[1]):
        with default_storage.open(f"{ROOTS}/{name}") as file:
            yield name, file.read().decode("ascii", "replace")
