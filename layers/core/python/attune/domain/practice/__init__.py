"""Practice: what a learner answered, and all that is measured from it."""
