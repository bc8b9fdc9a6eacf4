"""What to do next: a ranking of everything a course offers for one learner, with its reasons."""
