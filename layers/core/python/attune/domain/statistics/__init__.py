"""What can be said of differences between groups: exact where it can be, honest about what it rests on."""
