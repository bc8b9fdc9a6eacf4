"""Everything that is generated from the source: `python -m tools.docs [--check]`."""

import sys

from tools import data_model, docs_page, endpoints, generated, openapi, problems


def _make() -> generated.Files:
    """Write the contract, the pages of the API, of problems and of the data model, and the table in README.md."""
    contract, raised = openapi.document(), problems.collect()
    return {
        **openapi.files(contract),
        **docs_page.files(contract, raised),
        **problems.files(raised),
        **data_model.files(),
        **endpoints.files(contract),
    }


if __name__ == "__main__":
    sys.exit(generated.main("docs", _make))
