"""Progress: which lessons a learner has begun and finished, how long it took, and on which days."""
