"""JSON calls of the catalogue's API."""

PRODUCTS = "/api/catalog/products"


API = "/api/catalog"


VERSIONS = "/api/catalog/versions"


RISKS = "/api/catalog/risks"


def send(client, method, address, body=None, **headers):
    answer = getattr(client, method)(
        address, body, content_type="application/json", headers=headers or None
    )
    return answer.status_code, answer.json() if answer.content else None


def errors(body):
    return {(error["path"], error["code"]) for error in body["errors"]}


def listed(client, query):
    return client.get(PRODUCTS + query).json()["results"]


def count_of(client, name, value, query):
    """Return how many products a value of a filter would leave, as the counts say."""
    answer = client.get(f"{PRODUCTS}/facets", query)
    assert answer.status_code == 200, answer.content
    (found,) = [one for one in answer.json()["facets"] if one["name"] == name]
    assert found["exact"]
    return sum(one["count"] for one in found["values"] if one["value"] == value)
