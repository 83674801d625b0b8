"""What the handlers share: the table, roles, answers. Written as a Python team would write it."""

import json
import os
import time
import uuid
from datetime import UTC, datetime

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.config import Config

TABLE = os.environ["TABLE_NAME"]
ONCE = Config(connect_timeout=3, read_timeout=4, retries={"total_max_attempts": 1})
dynamodb = boto3.client("dynamodb", config=ONCE)
_decode = TypeDeserializer().deserialize
_encode = TypeSerializer().serialize


def key(pk, sk):
    """A key of the table."""
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def ticket_key(ticket):
    """The key of a ticket."""
    return key(f"T#{ticket}", "TICKET")


PARAMETERS = key("CONFIG", "PARAMETERS")


def decode(attributes):
    """An item as Python values."""
    return {name: _decode(value) for name, value in attributes.items()}


def get(wanted):
    """One item, strongly consistent; None when it is absent."""
    answer = dynamodb.get_item(TableName=TABLE, Key=wanted, ConsistentRead=True)
    return decode(answer["Item"]) if "Item" in answer else None


def get_all(*wanted):
    """Items by (pk, sk), strongly consistent."""
    answer = dynamodb.batch_get_item(RequestItems={TABLE: {"Keys": list(wanted), "ConsistentRead": True}})
    items = map(decode, answer["Responses"][TABLE])
    return {(item["pk"], item["sk"]): item for item in items}


def item(wanted, entity, data, **index):
    """An item with a version of its own, as attributes."""
    attributes = {"entity": entity, "version": uuid.uuid4().hex, "data": data} | index
    return wanted | {name: _encode(value) for name, value in attributes.items()}


def put(attributes, version=None):
    """A write of a transaction: over this version, or where nothing is."""
    write = {"TableName": TABLE, "Item": attributes}
    if version is None:
        return {"Put": write | {"ConditionExpression": "attribute_not_exists(pk)"}}
    return {
        "Put": write
        | {
            "ConditionExpression": "#v = :v",
            "ExpressionAttributeNames": {"#v": "version"},
            "ExpressionAttributeValues": {":v": {"S": version}},
        }
    }


def commit(*writes):
    """All writes or none."""
    dynamodb.transact_write_items(TransactItems=list(writes))


def now():
    """The time as it is stored."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def new_id():
    """A UUIDv7."""
    value = (int(time.time() * 1000) << 80) | (uuid.uuid4().int & ((1 << 80) - 1))
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return str(uuid.UUID(int=value))


def caller(event):
    """The claims of the caller, and the groups as a set."""
    claims = event["requestContext"]["authorizer"]["jwt"]["claims"]
    return claims, set(claims["groups"].strip("[]").split())


def answer(status, body):
    """A response of the API."""
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json"},
        "body": json.dumps(body, default=int, ensure_ascii=False),
    }


def problem(status, code):
    """An error of the API (RFC 9457)."""
    body = {"type": "about:blank", "title": code, "status": status, "code": code}
    return answer(status, body) | {"headers": {"content-type": "application/problem+json"}}
