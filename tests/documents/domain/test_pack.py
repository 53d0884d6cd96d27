"""Which documents a contract is joined, by the rule alone (`domain.md` §8)."""

from datetime import date
from uuid import UUID

import pytest

from documents.domain.pack import Piece, contract_pack
from documents.domain.requirements import Required
from documents.domain.state import DocumentState

DAY = date(2026, 11, 27)
PUBLISHED = DocumentState.PUBLISHED


def piece(number, code, state=PUBLISHED, *, channels=("field",), until=None, legal=True):
    return Piece(
        id=UUID(int=number),
        type=code,
        channels=frozenset(channels),
        state=state,
        valid_until=until,
        legal=legal,
    )


@pytest.mark.requirement("3.5-05")
@pytest.mark.parametrize(
    ("pieces", "joined", "lacking"),
    [
        ([], [], ["documents.missing"]),
        ([piece(1, "CGV")], [(1, True)], []),
        ([piece(1, "CGV", channels=["web"])], [], ["documents.missing"]),
        ([piece(1, "CGV", DocumentState.DRAFT)], [], ["documents.not_published"]),
        ([piece(1, "CGV", until=date(2026, 11, 26))], [], ["documents.expired"]),
        ([piece(1, "CGV", until=DAY)], [(1, True)], []),
        ([piece(1, "CGV", DocumentState.EXPIRED, until=DAY)], [], ["documents.expired"]),
        ([piece(1, "CGV", DocumentState.ARCHIVED)], [], ["documents.missing"]),
        # The one that follows serves while it is over, whatever waits.
        (
            [
                piece(1, "CGV", DocumentState.EXPIRED),
                piece(2, "CGV"),
                piece(3, "CGV", DocumentState.DRAFT),
            ],
            [(2, True)],
            [],
        ),
        ([piece(1, "CGV"), piece(2, "FIP")], [(1, True), (2, False)], []),
        ([piece(1, "CGV"), piece(2, "FAQ", legal=False)], [(1, True)], []),
        # Each contract writes its own particular conditions; a script is not the client's.
        ([piece(1, "CGV"), piece(2, "CP"), piece(3, "SCRIPT")], [(1, True)], []),
    ],
)
def test_what_is_joined_and_what_is_missing(pieces, joined, lacking):
    required = [
        Required("CGV", "Conditions générales de vente", ground="B.8"),
        Required("CGV", "Conditions générales de vente", "field", ground="B.3"),
        Required("CGU", "Conditions générales d'utilisation", "web"),
        Required("CP", "Conditions particulières"),
        Required("SCRIPT", "Script"),
    ]
    found = contract_pack(required, pieces, "field", DAY, of_contract=frozenset({"CP"}))
    assert [(one.id.int, one.required) for one in found.documents] == joined
    assert [one.ground for one in found.documents if one.required] == ["B.8"] * sum(
        required for _, required in joined
    )
    assert [one.rule.code for one in found.missing] == lacking
    assert found.is_complete is (not lacking)
