"""What an operator is told when something cannot be done."""


class OperatorError(Exception):
    """One clear sentence for the person at the keyboard, with the next step in it; the command ends with code 2."""
