"""Every kind of row, in one module: a query returns only kinds that are imported, and one client serves them all."""

from collections.abc import Mapping
from typing import Any, Self

from pynamodb.attributes import DiscriminatorAttribute, MapAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model

from attune import deadline
from attune.settings import settings
from attune.store import attributes
from attune.store.attributes import (
    BinaryAttribute,
    BooleanAttribute,
    JSONAttribute,
    ListAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)

SCHEMA = 1
"""The version of the rows' shape. A row that is newer than the code is refused, never cut."""


BEYOND = 1 << 31
"""The schema version of what stands in the place of a row that is gone: no write of any release passes over it."""


class Index(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]
    """The keys of the index, for `table.indexed`: it holds keys alone, which no kind of row can be made of."""

    class Meta:
        index_name = "gsi1"
        projection = KeysOnlyProjection()

    pk = UnicodeAttribute(hash_key=True, attr_name="gsi1pk")
    sk = UnicodeAttribute(range_key=True, attr_name="gsi1sk")


class Item(Model):
    """One row. `expires_at` is in epoch seconds and also honoured on read, since the table deletes late.

    `came_over` is the write that brought a guest's row to an account: nothing new happened by it.
    """

    class Meta:
        table_name = settings.table
        connect_timeout_seconds = 1
        read_timeout_seconds = deadline.ONE_TRY
        max_retry_attempts = 2
        max_pool_connections = 64

    kind = DiscriminatorAttribute()
    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    schema_version = NumberAttribute(default=SCHEMA)
    write_id = UnicodeAttribute(null=True)
    expires_at = NumberAttribute(null=True)
    index_pk = UnicodeAttribute(null=True, attr_name="gsi1pk")
    index_sk = UnicodeAttribute(null=True, attr_name="gsi1sk")
    came_over = UnicodeAttribute(null=True)
    index = Index()

    @classmethod
    def from_raw_data(cls, data: Mapping[str, Any]) -> Self:
        """A row of its own kind, as it is stored. Raises `ValueError` for a kind that is not among these."""
        return attributes.read(cls, data)


class UserItem(Item, discriminator="user"):
    """`creation` is the partition of the record that a repeated creation is recognised by.

    `token_at` is when a guest was last given a token; rows of earlier releases do not say.
    """

    user_id = UnicodeAttribute()
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute()
    creation = UnicodeAttribute(null=True)
    token_at = UnicodeAttribute(null=True)


class ErasedItem(Item, discriminator="erased"):
    """Stands in the place of a row of a kind (`was`) while its learner is being erased, so that one read tells."""

    was = UnicodeAttribute()


class LinkedItem(Item, discriminator="linked"):
    """Stands in the place of a guest's row, once the guest is part of an account (`to`)."""

    to = UnicodeAttribute()


class LinkItem(Item, discriminator="link"):
    """`state` is linking or linked; `merged` counts what came over; `courses` are those to be folded anew."""

    state = UnicodeAttribute()
    merged: MapAttribute[str, Any] = MapAttribute(default=dict)  # type: ignore[no-untyped-call]
    courses = UnicodeSetAttribute(null=True)
    updated_at = UnicodeAttribute()


class TombstoneItem(Item, discriminator="tombstone"):
    """`receipt` names the erasure for as long as it is not done."""

    receipt = UnicodeAttribute(null=True)


class ErasureItem(Item, discriminator="erasure"):
    """`learners` and `creations` say what is left to be done; once `state` is done, neither is there."""

    state = UnicodeAttribute()
    requested_at = UnicodeAttribute()
    swept_at = UnicodeAttribute(null=True)
    done_at = UnicodeAttribute(null=True)
    learners = UnicodeSetAttribute(null=True)
    creations = UnicodeSetAttribute(null=True)
    courses = UnicodeSetAttribute(null=True)
    deleted: MapAttribute[str, Any] = MapAttribute(default=dict)  # type: ignore[no-untyped-call]


class IdempotencyItem(Item, discriminator="idempotency"):
    """`reference` names what was made; `data` is what was answered, where that is repeated as it was."""

    request_hash = UnicodeAttribute()
    reference = UnicodeAttribute()
    data = BinaryAttribute(null=True, legacy_encoding=False)


class SettingsItem(Item, discriminator="settings"):
    """Answers and preferences are maps of real attributes, so that a change is one conditional write without a read."""

    answers: MapAttribute[str, Any] = MapAttribute()  # type: ignore[no-untyped-call]
    answers_rev = NumberAttribute(default=0)
    answered_at = UnicodeAttribute(null=True)
    onboarded_at = UnicodeAttribute(null=True)
    preferences: MapAttribute[str, Any] = MapAttribute()  # type: ignore[no-untyped-call]
    preferences_rev = NumberAttribute(default=0)
    personalization = BooleanAttribute(default=True)
    regenerated_at = UnicodeAttribute(null=True)
    arms = JSONAttribute(null=True)
    arms_rev = NumberAttribute(null=True)
    updated_at = UnicodeAttribute()


class PointerItem(Item, discriminator="pointer"):
    course_version = NumberAttribute()
    answers_rev = NumberAttribute()
    style = UnicodeAttribute()
    variant = UnicodeAttribute()
    edition = NumberAttribute(default=0)
    cached = BooleanAttribute()
    regenerated_at = UnicodeAttribute(null=True)
    given_at = UnicodeAttribute(null=True)


class ProfileItem(Item, discriminator="profile"):
    """`data` is the gist of the practice and the claims, `rev` how often they changed. While `rebuild`, one is due."""

    data = BinaryAttribute(legacy_encoding=False)
    rev = NumberAttribute()
    rebuild = UnicodeAttribute(null=True)


class LogItem(Item, discriminator="log"):
    """The newest attempts and the state before them; `late` names answers that came too late for them."""

    data = BinaryAttribute(legacy_encoding=False)


class SessionItem(Item, discriminator="session"):
    """`data` holds the attempts; times are those of the earliest start and the latest end that were sent.

    `measured` is what was expected of the attempts that came with the last write, and what they changed.
    """

    data = BinaryAttribute(legacy_encoding=False)
    started_at = UnicodeAttribute()
    ended_at = UnicodeAttribute(null=True)
    subject = UnicodeAttribute(null=True)
    recommendation = UnicodeAttribute(null=True)
    attempts = NumberAttribute()
    measured = BinaryAttribute(null=True, legacy_encoding=False)


class RecommendationsItem(Item, discriminator="recommendations"):
    """`data` is the ledger of what was recommended; `refreshed` names the last run that looked after it.

    `pending` and `accepted` name what can be answered now, the accepted with when (ms) they run out; `answers` were
    given since `data` was written. So an answer is one conditional write without a read.
    """

    data = BinaryAttribute(legacy_encoding=False)
    pending = UnicodeSetAttribute(null=True)
    accepted: MapAttribute[str, Any] = MapAttribute(default=dict)  # type: ignore[no-untyped-call]
    answers = ListAttribute(of=attributes.TEXT, default=list)
    active_on = UnicodeAttribute()
    refreshed = UnicodeAttribute(null=True)


class RecommendationItem(Item, discriminator="recommendation"):
    data = BinaryAttribute(legacy_encoding=False)
    status = UnicodeAttribute()


class ProgressItem(Item, discriminator="progress"):
    """`data` is what is told of every lesson that was begun, the days of activity, and how many paths there are."""

    data = BinaryAttribute(legacy_encoding=False)


class LessonProgressItem(Item, discriminator="lesson_progress"):
    """`data` holds marks of the newest events beside what they add up to; `tracked_at` is when the last one came."""

    data = BinaryAttribute(legacy_encoding=False)
    tracked_at = UnicodeAttribute(null=True)


class PathsItem(Item, discriminator="paths"):
    """`data` holds the paths that are active, and those that have come to their end since the learner last chose."""

    data = BinaryAttribute(legacy_encoding=False)


class PathItem(Item, discriminator="path"):
    """`data` is a path that is paused, over or deleted."""

    data = BinaryAttribute(legacy_encoding=False)


class SnapshotItem(Item, discriminator="snapshot"):
    data = BinaryAttribute(legacy_encoding=False)


class BudgetItem(Item, discriminator="budget"):
    """In millionths of a dollar. `committed` is spent or set aside; `holds` is what is set aside, by write id.

    `daily` and `lines` hold each figure of what was spent by itself: `<day> <figure>`,
    `<course> <writer> <model> <figure>`. `nights` is what each night planned to spend.
    """

    committed = NumberAttribute(default=0)
    spent = NumberAttribute(default=0)
    calls = NumberAttribute(default=0)
    input_tokens = NumberAttribute(default=0)
    output_tokens = NumberAttribute(default=0)
    days: MapAttribute[str, Any] = MapAttribute(default=dict)  # type: ignore[no-untyped-call]
    courses: MapAttribute[str, Any] = MapAttribute(default=dict)  # type: ignore[no-untyped-call]
    holds: MapAttribute[str, Any] = MapAttribute(default=dict)  # type: ignore[no-untyped-call]
    daily: MapAttribute[str, Any] = MapAttribute(default=dict)  # type: ignore[no-untyped-call]
    lines: MapAttribute[str, Any] = MapAttribute(default=dict)  # type: ignore[no-untyped-call]
    nights: MapAttribute[str, Any] = MapAttribute(default=dict)  # type: ignore[no-untyped-call]


class BatchItem(Item, discriminator="batch"):
    """`data` is all that is known of the batch in `state` (`attune.domain.batch`), compressed."""

    state = UnicodeAttribute()
    data = BinaryAttribute(legacy_encoding=False)


class BatchedItem(Item, discriminator="batched"):
    """That there is such a row is all that it says."""


class BreakerItem(Item, discriminator="breaker"):
    """How the `supplier` in one place does; moments are epoch seconds (`attune.domain.breaker`)."""

    supplier = UnicodeAttribute()
    failures = NumberAttribute(default=0)
    openings = NumberAttribute(default=0)
    open_until = NumberAttribute(default=0)
    probe_until = NumberAttribute(default=0)
    reason = UnicodeAttribute(null=True)
    turn = NumberAttribute(default=0)
    generation = NumberAttribute(default=0)


class ParametersItem(Item, discriminator="parameters"):
    data = BinaryAttribute(legacy_encoding=False)


class CandidateItem(Item, discriminator="candidate"):
    """`run` is the one after which it was proposed; only later ones compare it. `refused` once it lost."""

    data = BinaryAttribute(legacy_encoding=False)
    run = UnicodeAttribute()
    refused = UnicodeAttribute(null=True)


class RefreshItem(Item, discriminator="refresh"):
    """`run` is the day of the run, `scheduled_at` when it was to begin."""

    run = UnicodeAttribute()
    scheduled_at = UnicodeAttribute()
    started_at = UnicodeAttribute()


class ShardItem(Item, discriminator="shard"):
    """The page that was opened last goes from `after` (exclusive) to `last`; `members` are hashes while it is open.

    `learners` counts those of all pages; `done` and `failed` those of pages that were closed, of which no page follows
    without `more`.
    """

    after = UnicodeAttribute()
    last = UnicodeAttribute()
    more = BooleanAttribute()
    members = UnicodeSetAttribute(null=True)
    courses = UnicodeSetAttribute(null=True)
    learners = NumberAttribute(default=0)
    done = NumberAttribute(default=0)
    failed = NumberAttribute(default=0)
    done_at = UnicodeAttribute(null=True)


class FailureItem(Item, discriminator="failure"):
    pass


class SumsItem(Item, discriminator="sums"):
    """`data` holds the sums, the version they were gathered under, and how a candidate would have done."""

    data = BinaryAttribute(legacy_encoding=False)


class CourseItem(Item, discriminator="course"):
    """`experiments` holds those that serving a learner has to know of; `experiments_rev` counts their changes."""

    version = NumberAttribute()
    digest = UnicodeAttribute()
    chunks = NumberAttribute()
    published_at = UnicodeAttribute()
    experiments = BinaryAttribute(null=True, legacy_encoding=False)
    experiments_rev = NumberAttribute(null=True)


class VersionItem(Item, discriminator="version"):
    digest = UnicodeAttribute()
    chunks = NumberAttribute()
    published_at = UnicodeAttribute()


class ManifestItem(Item, discriminator="manifest"):
    data = BinaryAttribute(legacy_encoding=False)


class TextItem(Item, discriminator="text"):
    data = BinaryAttribute(legacy_encoding=False)


class StagedItem(Item, discriminator="staged"):
    text_id = UnicodeAttribute()
    content_hash = UnicodeAttribute()


class ExperimentItem(Item, discriminator="experiment"):
    data = BinaryAttribute(legacy_encoding=False)
    status = UnicodeAttribute()


class TallyItem(Item, discriminator="tally"):
    """Whole numbers: learners exposed, left and excluded, the sums of a covariate (tenths) and of its squares.

    `sums` holds three for each metric, in millionths: of the values, of their squares, of their products with the
    covariate.
    """

    n = NumberAttribute(default=0)
    exited = NumberAttribute(default=0)
    excluded = NumberAttribute(default=0)
    z = NumberAttribute(default=0)
    zz = NumberAttribute(default=0)
    sums: MapAttribute[str, Any] = MapAttribute(default=dict)  # type: ignore[no-untyped-call]


class OutcomesItem(Item, discriminator="outcomes"):
    """By metric, in millionths."""

    values = JSONAttribute()


class OutcomeItem(Item, discriminator="outcome"):
    pass


class EventItem(Item, discriminator="event"):
    """`data` holds what one change of a row says that happened."""

    data = BinaryAttribute(legacy_encoding=False)


class MetricItem(Item, discriminator="metric"):
    """`data` holds the cells of a report: sums, and up to five of the learners behind them."""

    data = BinaryAttribute(legacy_encoding=False)


class PresenceItem(Item, discriminator="presence"):
    """Days since 1970, and the first ever."""

    days = JSONAttribute()
    first = NumberAttribute()


class ReportItem(Item, discriminator="report"):
    data = BinaryAttribute(legacy_encoding=False)


class SectionItem(Item, discriminator="section"):
    """`state` is writing, written or original; a claim is held by `owner` under `fence` until `lease_until`.

    `calls` were made or set aside in the `generation` that stands there; all ever made cost so much (millionths of a
    dollar).
    """

    state = UnicodeAttribute()
    owner = UnicodeAttribute(null=True)
    fence = NumberAttribute(default=0)
    lease_until = NumberAttribute(null=True)
    attempts = NumberAttribute(default=0)
    calls = NumberAttribute(default=0)
    generation = NumberAttribute(default=0)
    data = BinaryAttribute(null=True, legacy_encoding=False)
    reason = UnicodeAttribute(null=True)
    retry_at = NumberAttribute(null=True)
    model = UnicodeAttribute(null=True)
    input_tokens = NumberAttribute(default=0)
    output_tokens = NumberAttribute(default=0)
    cost = NumberAttribute(default=0)
    written_at = UnicodeAttribute(null=True)


class VariantItem(Item, discriminator="variant"):
    """`plan` says what is to be written and from what; `data` is the assembled lesson once `state` is ready.

    `out_since` when ratings took it out of service, `cost` what its sections cost (millionths of a dollar).
    """

    state = UnicodeAttribute()
    plan = JSONAttribute()
    cost = NumberAttribute(default=0)
    requeue_at = NumberAttribute(default=0)
    data = BinaryAttribute(null=True, legacy_encoding=False)
    retry_at = NumberAttribute(null=True)
    generated_at = UnicodeAttribute(null=True)
    planned_at = UnicodeAttribute(null=True)
    out_since = UnicodeAttribute(null=True)


class QuotaItem(Item, discriminator="quota"):
    """`lessons` holds the variants, by the start of their keys, and until when (epoch seconds) each has its place."""

    lessons: MapAttribute[str, Any] = MapAttribute(default=dict)  # type: ignore[no-untyped-call]


class RatingItem(Item, discriminator="rating"):
    """`planned_at` is that of the variant that was rated: of one that was planned anew since it says nothing."""

    variant = UnicodeAttribute()
    lesson_slug = UnicodeAttribute()
    stars = NumberAttribute()
    reason = UnicodeAttribute(null=True)
    rated_at = UnicodeAttribute()
    planned_at = UnicodeAttribute(null=True)


class RatingsItem(Item, discriminator="ratings"):
    """`low` of the `rated` are low; `planned_at` as in a rating."""

    rated = NumberAttribute()
    low = NumberAttribute()
    approved = BooleanAttribute(default=False)
    planned_at = UnicodeAttribute(null=True)


class WithdrawalItem(Item, discriminator="withdrawal"):
    """What the owner is shown of a variant that is out of service."""

    lesson_slug = UnicodeAttribute()
    persona = JSONAttribute()
    language = UnicodeAttribute()
    edition = NumberAttribute(default=0)
    rated = NumberAttribute()
    low = NumberAttribute()
    since = UnicodeAttribute()


# One client for all kinds: pynamodb caches it on the class that asks first (pynamodb #1245 asks for a public way).
Item._get_connection()
