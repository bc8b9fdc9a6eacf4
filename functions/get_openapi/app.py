"""GET /api/openapi.json: the contract, for tools."""

from attune.edge import http, static
from attune.edge.documented import answers

app = http.api(public=True)


@app.get("/api/openapi.json", tags=["operation"], responses=answers({200: "application/json", 304: "application/json"}))
def get_openapi(if_none_match: http.IfNoneMatch = None) -> http.Answer:
    """Read the OpenAPI 3.1 document."""
    return static.openapi(if_none_match)


lambda_handler = http.handler(app)
