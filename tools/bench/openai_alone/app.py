"""The openai client alone: one call with what Attune's worker sends, and what the model said."""

import os
from typing import Any

from openai import OpenAI

client = OpenAI(base_url=os.environ["LLM_BASE_URL"], api_key="none", max_retries=0)


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """No table, no checks, no tokens, no budget."""
    answer = client.chat.completions.create(**event)
    return {"statusCode": 200, "body": answer.choices[0].message.content}
