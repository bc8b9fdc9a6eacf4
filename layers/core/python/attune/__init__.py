"""Attune: lessons written for each reader, skills measured from practice."""
