"""The operator's commands, one module for each of their nouns."""
