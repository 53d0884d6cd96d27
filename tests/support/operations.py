"""Operations posted by another module."""

import json

URL = "/api/catalog/operations"


def post(client, body):
    return client.post(URL, json.dumps(body), content_type="application/json")


def lines(answer):
    """Return the lines of an answer as short texts: side, account, amount."""
    return [
        f"D {line['account']} {line['debit']}"
        if line["debit"] != "0.00"
        else f"C {line['account']} {line['credit']}"
        for entry in answer.json()["entries"]
        for line in entry["lines"]
    ]
