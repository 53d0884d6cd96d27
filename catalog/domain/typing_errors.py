"""What a hurried hand types: two letters in each other's place (« Intrenet »)."""


def swaps(text: str) -> list[str]:
    """Return the text with each two neighbouring letters of a word swapped, once each."""
    found = (
        text[:place] + text[place + 1] + text[place] + text[place + 2 :]
        for place in range(len(text) - 1)
        if text[place].isalpha() and text[place + 1].isalpha() and text[place] != text[place + 1]
    )
    return list(dict.fromkeys(found))
