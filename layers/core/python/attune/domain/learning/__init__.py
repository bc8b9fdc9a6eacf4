"""The learner model: what answers say of a learner, and what may be expected of the next one."""
