"""The model for one process that also learns the shared parameters as it goes: for evaluation and for a first estimate.

A request reads the shared parameters and never writes them; this class does what the nightly estimation does, at once.
"""
