"""Makes the table of `template.yaml` in an emulator: `create_table.py ENDPOINT NAME`."""

import sys
from pathlib import Path

import boto3

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from harness.template import Template  # noqa: E402


def main(endpoint, name):
    """Creates the table as the one of the template."""
    template = Template.read(Path(__file__).resolve().parents[2] / "template.yaml")
    client = boto3.client(
        "dynamodb",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    client.create_table(TableName=name, **template.table)
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})


if __name__ == "__main__":
    main(*sys.argv[1:])
