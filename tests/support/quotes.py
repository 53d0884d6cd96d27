"""Reading the answers of the API in tests."""


def codes(answer):
    """Return the codes of the reasons, sorted."""
    return sorted(error["code"] for error in answer["errors"])
