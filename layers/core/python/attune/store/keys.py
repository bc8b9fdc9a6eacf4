"""Every key of the table is made here and nowhere else.

Accepted ids hold no `#`, so that no two different ids ever make one key; a prefix ends with its delimiter.
"""

import hashlib
from typing import NamedTuple

PK = "pk"
SK = "sk"


class Key(NamedTuple):
    pk: str
    sk: str


def user(learner: str) -> Key:
    """The learner: kind, creation, state."""
    return Key(f"USER#{learner}", "USER")


def settings(learner: str, course: str) -> Key:
    """What a learner told and chose for a course: answers, preferences, the personalization switch."""
    return Key(f"USER#{learner}", f"COURSE#{course}#SETTINGS")


def pointer(learner: str, course: str, slug: str) -> Key:
    """Which personalized lesson a learner last asked for."""
    return Key(f"USER#{learner}", f"POINTER#{course}#{slug}")


def pointer_prefix(learner: str, course: str) -> Key:
    """All pointers of a learner in a course."""
    return Key(f"USER#{learner}", f"POINTER#{course}#")


def course_prefix(learner: str, course: str) -> Key:
    """All that ranking needs of a learner in a course: settings, profile, recommendations."""
    return Key(f"USER#{learner}", f"COURSE#{course}#")


def profile(learner: str, course: str) -> Key:
    """What is measured of a learner in a course."""
    return Key(f"USER#{learner}", f"COURSE#{course}#PROFILE")


def recommendations(learner: str, course: str) -> Key:
    """The recommendations that are made to a learner, and what became of them."""
    return Key(f"USER#{learner}", f"COURSE#{course}#RECOMMENDATIONS")


def log(learner: str, course: str) -> Key:
    """The newest attempts of a learner in a course, and the state before them. Not read on the hot path."""
    return Key(f"USER#{learner}", f"LOG#{course}")


def session(learner: str, course: str, session_id: str) -> Key:
    """A session with its attempts."""
    return Key(f"USER#{learner}", f"SESSION#{course}#{session_id}")


def session_prefix(learner: str, course: str) -> Key:
    """All sessions of a learner in a course."""
    return Key(f"USER#{learner}", f"SESSION#{course}#")


def recommendation(learner: str, course: str, id_: str) -> Key:
    """A recommendation that was answered or expired; its id sorts by time."""
    return Key(f"USER#{learner}", f"RECOMMENDATION#{course}#{id_}")


def recommendation_prefix(learner: str, course: str) -> Key:
    """All of them, the oldest first."""
    return Key(f"USER#{learner}", f"RECOMMENDATION#{course}#")


def progress(learner: str, course: str) -> Key:
    """How far a learner is in a course."""
    return Key(f"USER#{learner}", f"COURSE#{course}#PROGRESS")


def lesson_progress(learner: str, course: str, slug: str) -> Key:
    """What a learner did in one lesson."""
    return Key(f"USER#{learner}", f"PROGRESS#{course}#{slug}")


def lesson_progress_prefix(learner: str, course: str) -> Key:
    """All of it in a course."""
    return Key(f"USER#{learner}", f"PROGRESS#{course}#")


def paths(learner: str, course: str) -> Key:
    """The active learning paths of a learner in a course, in one row: few, and changed by each session of practice."""
    return Key(f"USER#{learner}", f"PATHS#{course}")


def active_paths_prefix(learner: str) -> Key:
    """The active learning paths of a learner in all courses."""
    return Key(f"USER#{learner}", "PATHS#")


def path(learner: str, course: str, id_: str) -> Key:
    """A learning path that is not active; its id sorts by when it was made."""
    return Key(f"USER#{learner}", f"PATH#{course}#{id_}")


def path_prefix(learner: str, course: str) -> Key:
    """All of them, the oldest first."""
    return Key(f"USER#{learner}", f"PATH#{course}#")


def snapshot(learner: str, course: str, day: str) -> Key:
    """A learner's ratings on a day."""
    return Key(f"USER#{learner}", f"SNAPSHOT#{course}#{day}")


def link(account: str, guest: str) -> Key:
    """A guest that was joined to an account, or is being joined."""
    return Key(f"USER#{account}", f"LINK#{guest}")


def link_prefix(account: str) -> Key:
    """All guests of an account."""
    return Key(f"USER#{account}", "LINK#")


def joining(begun_at: str, guest: str) -> Key:
    """A link in the index, from its request until all has come over."""
    return Key(JOININGS, f"{begun_at}#{guest}")


JOININGS = "JOININGS"
"""The partition of the index that lists links which are not done."""


def hot_prefix(learner: str) -> Key:
    """What is read of a learner with every request, in all courses."""
    return Key(f"USER#{learner}", "COURSE#")


def tombstone(name: str) -> Key:
    """That a learner was erased, under a keyed hash of their id."""
    return Key(f"TOMB#{name}", "TOMB")


def erasure(receipt: str) -> Key:
    """How far an erasure is; once it is done, how much was deleted."""
    return Key(f"ERASURE#{receipt}", "ERASURE")


def under_way(requested_at: str, receipt: str) -> Key:
    """An erasure in the index, from its request until it is done."""
    return Key(UNDER_WAY, f"{requested_at}#{receipt}")


UNDER_WAY = "ERASURES"
"""The partition of the index that lists erasures which are not done."""


def creation(route: str, key: str) -> Key:
    """The record of a public creation under an idempotency key: there is no learner yet to bind it to."""
    return Key(f"IDEMPOTENCY#{route}#{hashlib.sha256(key.encode()).hexdigest()}", "IDEMPOTENCY")


def repetition(learner: str, route: str, key: str) -> Key:
    """The record of what a learner made under an idempotency key."""
    return Key(f"USER#{learner}", f"IDEMPOTENCY#{route}#{hashlib.sha256(key.encode()).hexdigest()}")


def course(course: str) -> Key:
    """Which version of a course is current."""
    return Key(f"COURSE#{course}", "CURRENT")


def version(course: str, number: int) -> Key:
    """One published version: which manifest it is."""
    return Key(f"COURSE#{course}", f"VERSION#{number:08d}")


def version_prefix(course: str) -> Key:
    """All published versions of a course."""
    return Key(f"COURSE#{course}", "VERSION#")


def manifest(course: str, digest: str, chunk: int) -> Key:
    """A piece of a compressed manifest, named by the hash of the whole: written once, never changed."""
    return Key(f"COURSE#{course}", f"MANIFEST#{digest}#{chunk:04d}")


def parameters(course: str, since: str) -> Key:
    """The model's shared parameters, in force from a moment on."""
    return Key(f"COURSE#{course}", f"PARAMETERS#{since}")


def parameters_prefix(course: str) -> Key:
    """All of a course's parameter versions, the oldest first."""
    return Key(f"COURSE#{course}", "PARAMETERS#")


def candidate(course: str) -> Key:
    """The parameters that are being compared with those in force."""
    return Key(f"COURSE#{course}", "CANDIDATE")


def text(course: str, slug: str, text_id: str) -> Key:
    """A lesson's Markdown and translations, named by their hash: written once, never changed."""
    return Key(f"COURSE#{course}", f"TEXT#{slug}#{text_id}")


def staged(course: str, slug: str) -> Key:
    """Which text of a lesson the next publication takes."""
    return Key(f"COURSE#{course}", f"STAGED#{slug}")


def staged_prefix(course: str) -> Key:
    """All staged texts of a course."""
    return Key(f"COURSE#{course}", "STAGED#")


def experiment(course: str, experiment: str) -> Key:
    """An experiment of a course: how it is laid out, and where it is in its life."""
    return Key(f"EXPERIMENTS#{course}", f"EXPERIMENT#{experiment}")


def experiment_prefix(course: str) -> Key:
    """All experiments of a course."""
    return Key(f"EXPERIMENTS#{course}", "EXPERIMENT#")


def tally(course: str, experiment: str, arm: str, shard: int) -> Key:
    """What is counted of an arm, in one of the partitions over which its learners are spread."""
    return Key(_tally_shard(course, experiment, shard), f"STATS#{arm}#")


def group_tally(course: str, experiment: str, arm: str, cluster: str) -> Key:
    """What is counted of one group in an arm, where groups are what is assigned."""
    return Key(_tally_shard(course, experiment, spread(cluster)), f"STATS#{arm}#{cluster}")


def tally_prefix(course: str, experiment: str, shard: int) -> Key:
    """All that is counted of an experiment in one partition."""
    return Key(_tally_shard(course, experiment, shard), "STATS#")


def _tally_shard(course: str, experiment: str, shard: int) -> str:
    return f"STATS#{course}#{experiment}#{shard:02d}"


def outcomes(learner: str, course: str, experiment: str) -> Key:
    """A learner's value of each of an experiment's metrics."""
    return Key(f"USER#{learner}", f"OUTCOMES#{course}#{experiment}")


def outcome(learner: str, course: str, experiment: str, event: str) -> Key:
    """An outcome that was counted, named by a hash of the event's id, so that it counts once."""
    return Key(f"USER#{learner}", f"OUTCOME#{course}#{experiment}#{hashlib.sha256(event.encode()).hexdigest()[:32]}")


def section(key: str) -> Key:
    """A written section, under the hash of everything that shaped it."""
    return Key(f"SECTION#{key}", "SECTION")


def variant(key: str) -> Key:
    """A personalized lesson: its sections' keys and, once they are there, the assembled text."""
    return Key(f"VARIANT#{key}", "VARIANT")


def quota(learner: str, day: str) -> Key:
    """Which lessons were planned for a learner on a day."""
    return Key(f"USER#{learner}", f"QUOTA#{day}")


def rating(learner: str, course: str, variant: str) -> Key:
    """What a learner says of a lesson that was written for them."""
    return Key(f"USER#{learner}", f"RATING#{course}#{variant}")


def ratings(variant: str) -> Key:
    """How many rated a personalized lesson, and how."""
    return Key(f"VARIANT#{variant}", "RATINGS")


def withdrawal(course: str, variant: str) -> Key:
    """A personalized lesson that ratings took out of service."""
    return Key(f"COURSE#{course}", f"WITHDRAWAL#{variant}")


def withdrawal_prefix(course: str) -> Key:
    """All that are out of service in a course."""
    return Key(f"COURSE#{course}", "WITHDRAWAL#")


def budget(month: str) -> Key:
    """What model calls cost in a month, and what is set aside for those under way."""
    return Key(f"BUDGET#{month}", "BUDGET")


def batch(course: str) -> Key:
    """The batch of sections of a course that is under way, or was last."""
    return Key("BATCHES", f"BATCH#{course}")


def batch_prefix() -> Key:
    """Those of all courses."""
    return Key("BATCHES", "BATCH#")


def batched(course: str, variant: str) -> Key:
    """A lesson that the next batch of its course is to hold."""
    return Key("BATCHES", f"WANTED#{course}#{variant}")


def batched_prefix() -> Key:
    """All lessons that wait for a batch."""
    return Key("BATCHES", "WANTED#")


def batched_lesson(sort_key: str) -> tuple[str, str]:
    """The course and the variant in the sort key of one of them."""
    _, course, variant = sort_key.split("#")
    return course, variant


def breaker(place: int) -> Key:
    """What is known of the supplier of texts that is asked in this place."""
    return Key("BREAKER", f"SUPPLIER#{place}")


def breaker_prefix() -> Key:
    """All of them."""
    return Key("BREAKER", "SUPPLIER#")


def breaker_place(sort_key: str) -> int:
    """The place of one of them."""
    return int(sort_key.partition("#")[2])


SHARDS = 16
"""Over how many partitions of the index the learners who are due are spread."""


def session_index(learner: str, course: str, started_at: str, session_id: str) -> Key:
    """A session in the index, by its start."""
    return Key(session_index_pk(learner, course), f"{started_at}#{session_id}")


def session_index_pk(learner: str, course: str) -> str:
    """The index partition of a learner's sessions in a course."""
    return f"SESSIONS#{learner}#{course}"


def due(learner: str, course: str, day: str) -> Key:
    """A learner in the index, on the day from which a refresh is due."""
    return Key(due_shard(spread(learner)), f"{day}#{course}#{learner}")


def spread(name: str) -> int:
    """Which of the partitions a learner or a group is in, where many share a row or an index."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:2]) % SHARDS


def due_shard(shard: int) -> str:
    """One partition of the learners who are due."""
    return f"DUE#{shard:02d}"


def due_learner(sort_key: str) -> tuple[str, str]:
    """The learner and the course of a sort key of the learners who are due."""
    _, course, learner = sort_key.split("#")
    return learner, course


def refresh() -> Key:
    """The last nightly run that was begun."""
    return Key("REFRESH", "LAST")


def shard(run: str, number: int) -> Key:
    """How far a run is in one partition of the learners who are due."""
    return Key(f"REFRESH#{run}", f"SHARD#{number:02d}")


def shard_prefix(run: str) -> Key:
    """All of a run's partitions."""
    return Key(f"REFRESH#{run}", "SHARD#")


def failure(run: str, digest: str) -> Key:
    """A learner whose refresh failed, named by a hash."""
    return Key(f"REFRESH#{run}", f"FAILURE#{digest}")


def sums(run: str, course: str, shard: int) -> Key:
    """What the answers of a day, in one partition of the learners, say of the shared parameters."""
    return Key(f"REFRESH#{run}", f"SUMS#{course}#{shard:02d}")


def sums_prefix(run: str, course: str) -> Key:
    """All of a run's sums of a course."""
    return Key(f"REFRESH#{run}", f"SUMS#{course}#")


def event(course: str, day: str, record: str) -> Key:
    """What one change of a row says that happened on a day; that it is there says that the change was counted."""
    return Key(f"EVENTS#{course}#{day}", f"EVENT#{record}")


def event_prefix(course: str, day: str) -> Key:
    """All that happened in a course on a day."""
    return Key(f"EVENTS#{course}#{day}", "EVENT#")


METRIC_SHARDS = 4
"""Over how many rows the counts of a day are spread: batches of several parts of the stream change them at once."""


def metric(course: str, report: str, day: str, shard: int) -> Key:
    """What is counted for a report on a day, in one of the rows over which it is spread; of a week under its Monday."""
    return Key(f"METRIC#{course}#{report}", f"DAY#{day}#{shard}")


def metric_day(sort_key: str) -> str:
    """The day in the sort key of one of them."""
    return sort_key.split("#")[1]


def presence(course: str, pseudonym: str) -> Key:
    """On which days somebody was there, under the keyed hash that events name them by."""
    return Key(f"PRESENCE#{course}#{pseudonym}", "PRESENCE")


def report(course: str, week: str) -> Key:
    """An owner's report of a week."""
    return Key(f"REPORT#{course}", f"WEEK#{week}")
