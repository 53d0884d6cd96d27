"""Logos of companies: PNG or JPEG by their content, drawn again so that nothing else is kept."""

import hashlib
import io
import warnings

from PIL import Image

from winvest.core.errors import Invalid, Problem

MAX_BYTES = 1024 * 1024
MAX_SIDE = 2000
FORMATS = {"PNG": "png", "JPEG": "jpg"}
CONTENT_TYPES = {"png": "image/png", "jpg": "image/jpeg"}


class LogoProblem(Problem):
    """Why a logo is refused."""

    TOO_HEAVY = "logo.too_heavy", "Un logo pèse 1 Mo au plus."
    NOT_AN_IMAGE = "logo.not_an_image", "Un logo est une image PNG ou JPEG ; le SVG est refusé."
    TOO_LARGE = "logo.too_large", "Un logo a {limit} points de côté au plus."


def logo_name(content: bytes, extension: str) -> str:
    """Return the name of a logo: its content's, so that another one has another address."""
    return f"{hashlib.sha256(content).hexdigest()[:32]}.{extension}"


def redrawn(content: bytes) -> tuple[bytes, str]:
    """Return the image drawn again, and its extension `png` or `jpg`.

    The type comes from the content, never from the name. Metadata and whatever follows the image
    in the file are lost. The size is read before anything is decoded.
    """
    if len(content) > MAX_BYTES:
        raise Invalid(LogoProblem.TOO_HEAVY, path="logo")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=tuple(FORMATS))
    except (OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError) as error:
        raise Invalid(LogoProblem.NOT_AN_IMAGE, path="logo") from error
    if max(image.size) > MAX_SIDE:
        raise Invalid(LogoProblem.TOO_LARGE, path="logo", limit=MAX_SIDE)
    kind = str(image.format)
    output = io.BytesIO()
    try:
        image.convert("RGBA" if kind == "PNG" else "RGB").save(output, kind, optimize=True)
    except (OSError, ValueError, SyntaxError) as error:
        raise Invalid(LogoProblem.NOT_AN_IMAGE, path="logo") from error
    return output.getvalue(), FORMATS[kind]
