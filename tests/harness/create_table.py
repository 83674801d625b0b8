"""Makes the table of `template.yaml` in an emulator: `create_table.py ENDPOINT NAME`."""

import sys
from pathlib import Path

import boto3

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from harness.template import Template  # noqa: E402

# What CreateTable takes under the name that CloudFormation has for it.
TAKEN = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")


def main(endpoint, name):
    """Creates the table as the one of the template, without what an emulator has no use for."""
    template = Template.read(Path(__file__).resolve().parents[2] / "template.yaml")
    (table,) = template.of_type("AWS::DynamoDB::Table").values()
    properties = table["Properties"]
    client = boto3.client(
        "dynamodb",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    client.create_table(TableName=name, **{key: properties[key] for key in TAKEN})
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})


if __name__ == "__main__":
    main(*sys.argv[1:])
