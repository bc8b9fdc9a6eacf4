"""Learning paths: what leads to a goal, in an order that builds, in days that fit, changed only when it helps."""
