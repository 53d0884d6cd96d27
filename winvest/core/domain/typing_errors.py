"""What a hurried hand types: a letter too many, forgotten, taken for another, or two swapped (E.3-01)."""

from itertools import takewhile
from operator import eq


def swaps(text: str) -> list[str]:
    """Return the text with each two neighbouring letters of a word swapped, once each."""
    found = (
        text[:place] + text[place + 1] + text[place] + text[place + 2 :]
        for place in range(len(text) - 1)
        if text[place].isalpha() and text[place + 1].isalpha() and text[place] != text[place + 1]
    )
    return list(dict.fromkeys(found))


def one_slip_apart(typed: str, there: str) -> bool:
    """Whether two texts are one but for a letter of a word, or for two letters that are swapped.

    A digit, or a letter by itself, tells two offers of a range apart: « Forfait 2 », « Option B ».
    Spaces count for nothing: « Oggo Data » is « OggoData ».
    """
    if _one_letter_apart(typed, there) or there in swaps(typed):
        return True
    if typed.count(" ") == there.count(" "):
        return False
    return _one_letter_apart(typed.replace(" ", ""), there.replace(" ", ""))


def _one_letter_apart(typed: str, there: str) -> bool:
    first = _common(typed, there)
    rest, other = typed[first:], there[first:]
    last = _common(rest[::-1], other[::-1])
    letters = (rest[: len(rest) - last], other[: len(other) - last])
    if any(len(one) > 1 or not (one.isalpha() or not one) for one in letters):
        return False
    beside = typed[max(first - 1, 0) : first] + (rest[len(letters[0]) :] + " ")[0]
    return any(one.isalpha() for one in beside)


def _common(one: str, other: str) -> int:
    """Return how many signs two texts begin with alike."""
    return sum(takewhile(bool, map(eq, one, other)))
