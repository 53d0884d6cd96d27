"""What a version lacks, by the matrix of D-02."""

import pytest

from documents.domain.lacking import Held, Required, missing

WEB, FIELD = "web", "field"


@pytest.mark.requirement("B.3-01", "B.8-01")
@pytest.mark.parametrize(
    ("required", "held", "channels", "expected"),
    [
        ([], [], [WEB], []),
        ([Required("CG")], [], [WEB], ["CG"]),
        ([Required("CG"), Required("DIPA")], [], [WEB, FIELD], ["CG", "DIPA"]),
        ([Required("CG")], [Held("CG", [WEB])], [WEB], []),
        ([Required("CG")], [Held("CG", [WEB])], [WEB, FIELD], ["CG"]),
        ([Required("CG")], [Held("CG", [WEB]), Held("CG", [FIELD])], [WEB, FIELD], []),
        ([Required("CG")], [Held("CGV", [WEB])], [WEB], ["CG"]),
        ([Required("CGV", FIELD)], [], [WEB], []),
        ([Required("CGV", FIELD)], [], [WEB, FIELD], ["CGV"]),
        ([Required("CG"), Required("CG", WEB)], [], [WEB], ["CG"]),
        ([Required("CG")], [], [], []),
    ],
)
def test_what_lacks_where_the_version_is_sold(required, held, channels, expected):
    assert missing(required, held, channels) == expected
