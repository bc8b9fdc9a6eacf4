"""DynamoDB stream: what changes of rows say that happened is counted for reports, each change once."""

from attune.actions import fold_changes
from attune.edge import stream
from attune.edge.clock import clock


def fold_metrics(told: stream.Told) -> int:
    """Count a batch; says how many events were new."""
    return fold_changes.run(told, clock.now())


lambda_handler = stream.handler("fold_metrics", fold_metrics)
