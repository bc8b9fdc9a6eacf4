"""Who rewrites a section: `rules`, deterministic and built in, or `openai`, any OpenAI-compatible model."""
