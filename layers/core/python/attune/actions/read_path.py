"""One path, with the days ahead if they are wanted: these rest on the profile, the path alone does not."""

from datetime import datetime

from attune.domain.course import Course
from attune.domain.errors import NotFound
from attune.domain.learner import NONE
from attune.domain.paths.changed import Changed
from attune.domain.principal import Principal
from attune.store import paths


def run(principal: Principal, course: Course, id_: str, now: datetime, *, agenda: bool) -> Changed:
    """Raises `NotFound`."""
    if agenda:
        # The days ahead are asked for seldom, and a function starts sooner without what plans them.
        from attune.actions import shelved, update_path
        from attune.actions.planning import Planning
        from attune.domain.paths.moved import Moved

        rows = update_path.read(principal, course.id, id_, now, consistent=False)
        if shelved.find(rows, id_) is None:
            # It may be very new, or just have moved from one row to another.
            rows = update_path.read(principal, course.id, id_, now)
        path = update_path.known(rows, id_, None)
        return update_path.shown(Moved(id_, path, path), rows, Planning.of(rows, course, now))
    found = paths.get(principal, course.id, id_, now)
    if found is None:
        raise NotFound("unknown_path", "There is no such path.")
    return Changed(id_, found, NONE)
