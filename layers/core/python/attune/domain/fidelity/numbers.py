"""Numbers and their units are those of the source, whether written in digits or in words."""

from collections import Counter
from collections.abc import Iterator

from attune.domain.fidelity.case import Case
from attune.domain.quantities import coded, quantities, spelled, values

NUMBERS_KEPT, NUMBERS_NEW = 0.9, 0.15


def faults(case: Case) -> Iterator[str]:
    before, after = quantities(case.before.prose), quantities(case.after.prose)
    words_before = spelled(case.before.prose, case.request.source_language)
    words_after = spelled(case.after.prose, case.request.language)
    old, new = values(before), values(after)
    bare = {value for value, unit in after if not unit} | set(words_after)
    kept = sum(pair in after or pair[0] in bare or (not pair[1] and pair[0] in new) for pair in before)
    added = set(new) - set(old) - set(values(quantities(case.definitions))) - set(words_before)
    # A number that stands there less often while another does more often is a changed one, unless words took its place.
    fewer = any((old - new)[value] > (words_after - words_before)[value] for value in old - new)
    more = added or any(
        (new - old)[value] > (words_before - words_after)[value] for value in (new - old) if value in old
    )
    other_unit = {value for value, unit in before - after if unit} & {value for value, unit in after - before if unit}
    if kept < NUMBERS_KEPT * len(before) or (fewer and more) or other_unit or _said_otherwise(case, old, new):
        yield "A number or a unit of the source is missing or changed."
    elif len(added) > max(1, NUMBERS_NEW * len(new)):
        yield "There are numbers that the source does not have."


def _said_otherwise(case: Case, old: Counter[str], new: Counter[str]) -> bool:
    """Whether a number that is said in words, or a word that holds one, has gone and another has come.

    Words for one and none say more than numbers, and in another language some say something else altogether.
    """
    before, after = coded(case.before.prose), coded(case.after.prose)
    if before - after and after - coded(case.source + case.definitions):
        return True
    if case.translated:
        return False
    words_before, words_after = (spelled(some.prose, case.request.language) for some in (case.before, case.after))
    gone = {value for value in words_before - words_after if value not in words_after and new[value] <= old[value]}
    come = {value for value in words_after - words_before if value not in words_before and new[value] >= old[value]}
    return bool(gone - {"0", "1"} and come - {"0", "1"})
