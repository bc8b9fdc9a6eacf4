"""Counts that alarms can stand on: CloudWatch finds them in the log. Dimensions are few and name no learner."""

from aws_lambda_powertools.metrics import MetricUnit, single_metric

NAMESPACE = "Attune"


def supplier_opened(reason: str) -> None:
    """A model is not asked any more, for this reason."""
    with single_metric(name="ModelNotAsked", unit=MetricUnit.Count, value=1, namespace=NAMESPACE) as metric:
        metric.add_dimension(name="reason", value=reason)
