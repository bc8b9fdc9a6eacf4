"""What is true. Standard library and a Markdown parser; clock, randomness, environment and logging are arguments."""
