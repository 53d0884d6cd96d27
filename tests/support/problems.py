"""The shape of every error of the API."""


def check_problem(answer, status, code):
    """Every error has the same shape, a French sentence and the id of the request."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert set(body) == {"type", "title", "status", "code", "detail", "errors", "request_id"}
    assert (body["status"], body["code"]) == (status, code)
    assert body["type"] == f"urn:winvest:problem:{code}"
    assert body["request_id"] == answer["X-Request-ID"]
    assert body["title"]
    assert body["detail"]
    return body
