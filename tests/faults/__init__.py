"""The faults that the service survives, each under its id: rows B (input), C (repetition), D (store), L (operation).

A row that a neighbouring suite shows already has its id in the test's name there: `pytest -k d13` finds it wherever it
is. What stands here holds for every function of the template, also for those that will be added: it is called with its
file in events/.
"""
