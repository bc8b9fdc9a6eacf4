"""Stand-ins that the project owns: a model provider, a store and queue that fail on demand, and a clock."""
