"""DynamoDB's own rules for one table, in this process: quick enough for thousands of seeds, and atomic under threads.

What it answers is held to moto's word in `test_engine.py`, and the store's suite holds both to MiniStack.
"""
