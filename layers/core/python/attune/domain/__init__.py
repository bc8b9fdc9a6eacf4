"""What is true. Standard library only; no clock, randomness, environment or logging: those are arguments."""
