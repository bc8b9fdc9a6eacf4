"""Experiments: who is in which arm, what that changes, and what came of it."""
