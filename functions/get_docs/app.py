"""GET /api/docs: the API, readable and ready to try, served from the package."""

from attune.edge import http, static

app = http.api(public=True)


@app.get("/api/docs", tags=["operation"], responses=static.PAGE_ANSWERS)
def get_docs() -> http.Answer:
    """Read the documentation of all routes and problems as one page that needs nothing from elsewhere."""
    return static.page()


lambda_handler = http.handler(app)
