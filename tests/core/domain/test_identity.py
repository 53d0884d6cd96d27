"""Official numbers: their form blocks, the key of a SIREN only warns (reading M-11)."""

import io

import pytest
from PIL import Image

from winvest.core.domain.identity import (
    IdentityProblem,
    compact_number,
    siren_warnings,
    siret_problem,
    vat_number_problem,
)
from winvest.core.domain.logo import MAX_BYTES, LogoProblem, redrawn
from winvest.core.errors import Invalid

RIGHT, WRONG = "800397291", "530895710"


@pytest.mark.requirement("2.1-company-01", "A.2.1-company-03")
@pytest.mark.parametrize(
    ("siren", "warned"),
    [
        (RIGHT, False),
        (WRONG, True),
        (None, False),
        ("", False),
        ("12", False),
        ("٨٠٠٣٩٧٢٩١", False),
    ],
)
def test_a_wrong_key_of_a_siren_is_a_warning(siren, warned):
    found = siren_warnings(siren)
    assert [(reason.code, reason.path) for reason in found] == [
        ("identity.siren_key", "siren")
    ] * warned
    assert all(WRONG in reason.message for reason in found)


@pytest.mark.parametrize(
    ("siret", "siren", "problem"),
    [
        (RIGHT + "00017", RIGHT, None),
        (RIGHT + "00011", RIGHT, IdentityProblem.SIRET),
        (WRONG + "00011", WRONG, None),
        (WRONG + "0001", WRONG, IdentityProblem.SIRET),
        (RIGHT + "00017", WRONG, IdentityProblem.SIRET_OTHER),
        ("８" + RIGHT[1:] + "00017", RIGHT, IdentityProblem.SIRET),
    ],
)
def test_a_siret_follows_its_siren(siret, siren, problem):
    assert siret_problem(siret, siren) == problem


@pytest.mark.parametrize(
    ("number", "siren", "problem"),
    [
        ("FR50800397291", RIGHT, None),
        ("FR56800397291", RIGHT, IdentityProblem.VAT_NUMBER),
        ("BE0403019261", RIGHT, None),
        ("FR12" + WRONG, WRONG, None),
        ("FR12" + WRONG, RIGHT, IdentityProblem.VAT_NUMBER),
        ("FR1" + WRONG, WRONG, IdentityProblem.VAT_NUMBER),
        ("12", RIGHT, IdentityProblem.VAT_NUMBER),
    ],
)
def test_a_vat_number_follows_its_siren(number, siren, problem):
    assert vat_number_problem(number, siren) == problem


def test_numbers_are_kept_compact():
    assert compact_number("fr 50 800.397-291") == "FR50800397291"


def picture(kind="PNG", size=(40, 20), mode="RGBA") -> bytes:
    output = io.BytesIO()
    Image.new(mode, size, "red").save(output, kind)
    return output.getvalue()


def test_a_logo_is_drawn_again_without_what_follows_it():
    for kind, mode, extension in (("PNG", "P", "png"), ("JPEG", "L", "jpg")):
        content, found = redrawn(picture(kind, mode=mode) + b"<script>alert(1)</script>")
        assert found == extension
        assert b"<script>" not in content
        assert Image.open(io.BytesIO(content)).size == (40, 20)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (SVG, LogoProblem.NOT_AN_IMAGE),
        (b"", LogoProblem.NOT_AN_IMAGE),
        (picture()[:60], LogoProblem.NOT_AN_IMAGE),
        (picture("GIF", mode="P"), LogoProblem.NOT_AN_IMAGE),
        (picture(size=(2001, 10)), LogoProblem.TOO_LARGE),
        (picture(size=(20_000, 20_000), mode="1"), LogoProblem.NOT_AN_IMAGE),
        (b"x" * (MAX_BYTES + 1), LogoProblem.TOO_HEAVY),
    ],
    ids=["svg", "empty", "cut", "gif", "wide", "bomb", "heavy"],
)
def test_what_is_no_logo_is_refused(content, problem):
    with pytest.raises(Invalid) as refused:
        redrawn(content)
    assert refused.value.code == problem
