"""Attune: lessons written for each reader, skills measured from practice."""

from attune import start

start.begin()
