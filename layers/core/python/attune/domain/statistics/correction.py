"""Several questions to one experiment: each gets a share of the error that all may make together."""


def shared(alpha: float, questions: int) -> float:
    """The error that each of so many may make, for all together to make at most `alpha` (Bonferroni).

    It holds for intervals that are looked at at any time too, and however the questions depend on each other.
    """
    return alpha / max(1, questions)
