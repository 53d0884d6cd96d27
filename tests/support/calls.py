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
