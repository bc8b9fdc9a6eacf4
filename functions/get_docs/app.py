"""GET /api/docs: the API, readable and ready to try, served from the package."""

from attune.edge import http, static
from attune.edge.documented import answers

app = http.api(public=True)


@app.get("/api/docs", tags=["operation"], responses=answers({200: "text/html"}))
def get_docs() -> http.Answer:
    """Read the documentation of all routes and problems as one page that needs nothing from elsewhere."""
    return static.page()


lambda_handler = http.handler(app)
