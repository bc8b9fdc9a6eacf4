"""The gate: whether a written section still says what its source says, and nothing that it must not.

Every threshold stands beside the rule that it is for; a change of any means a new `GATE_VERSION`.
"""
