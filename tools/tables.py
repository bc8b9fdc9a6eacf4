"""A table made from the very properties that `template.yaml` deploys, in whatever answers the DynamoDB API."""

from collections.abc import Mapping
from typing import Any

from mypy_boto3_dynamodb import DynamoDBClient

_SAME = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "LocalSecondaryIndexes", "BillingMode")


def create(client: DynamoDBClient, name: str, properties: Mapping[str, Any]) -> None:
    """Creates the table unless it is there, with its indexes, stream and time to live."""
    if name in client.list_tables()["TableNames"]:
        return
    wanted: dict[str, Any] = {key: properties[key] for key in _SAME if key in properties}
    if stream := properties.get("StreamSpecification"):
        wanted["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": stream["StreamViewType"]}
    client.create_table(TableName=name, **wanted)
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    if lives := properties.get("TimeToLiveSpecification"):
        client.update_time_to_live(
            TableName=name,
            TimeToLiveSpecification={"AttributeName": lives["AttributeName"], "Enabled": bool(lives["Enabled"])},
        )
