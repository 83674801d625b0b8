"""What the deployed functions did, held against `tests/permissions.json`.

It runs late (see `LATE` in conftest.py): the emulator has checked each call against the function's policy, and
the recorder has kept it. `UPDATE_PERMISSIONS=1` writes the file anew, to be reviewed.
"""

import fnmatch
import hashlib
import json
import os

from conftest import REPO

FILE = REPO / "tests/permissions.json"
# Left in a policy although no test makes the call, and why.
UNTRIED = {
    # An event that takes a participant off a ticket: tried over HTTP, by the same code.
    ("events", "table"): {"DeleteItem"},
    # Good news of a delivery that somebody should have looked at takes it off their list: tried on the
    # store of one machine, by the same code.
    ("feedback", "table"): {"DeleteItem"},
}


def done(ministack, stack):
    """Operations by function and by what they are about."""
    keys = {function.name: access_key(stack, function) for function in stack.template.functions}
    return {
        name: {
            target: sorted({call.operation for call in ministack.recorder.calls if call.access_key == key and call.target == target})
            for target in ("table", "index", "mail", "files")
        }
        for name, key in sorted(keys.items())
    }


def access_key(stack, function):
    """The access key that the emulator gave a function (its `execution_credentials`)."""
    arn = stack.function_arn(function.logical_id)
    role = stack.ministack.client("lambda").get_function(FunctionName=arn)["Configuration"]["Role"]
    return "ASIA" + hashlib.sha256(f"{arn}:{role}".encode()).hexdigest()[:16].upper()


def test_no_call_was_refused_for_lack_of_a_permission(ministack, stack):
    calls = ministack.recorder.calls
    assert calls
    assert [call for call in calls if call.status == 403] == []
    assert [call for call in calls if call.target == "other"] == []


def test_a_function_that_is_held_to_some_partitions_asks_for_no_other(ministack, stack):
    """The emulator does not evaluate `dynamodb:LeadingKeys`, so the calls are compared here."""
    held = 0
    for function in stack.template.functions:
        key = access_key(stack, function)
        asked = {one for call in ministack.recorder.calls if call.access_key == key for one in call.partitions}
        conditions = [statement.get("Condition", {}).get("ForAllValues:StringLike", {}) for statement in function.statements]
        allowed = {like for condition in conditions for like in condition.get("dynamodb:LeadingKeys", [])}
        if allowed:
            held += 1
            assert asked, function.name
            assert [one for one in asked if not any(fnmatch.fnmatchcase(one, like) for like in allowed)] == [], function.name
    assert held


def test_the_file_names_what_was_done(ministack, stack):
    recorded = done(ministack, stack)
    if os.environ.get("UPDATE_PERMISSIONS"):
        FILE.write_text(json.dumps(recorded, indent=2) + "\n")
    listed = json.loads(FILE.read_text())
    different = {}
    for name, targets in listed.items():
        for target, operations in targets.items():
            expected = set(recorded[name][target]) | UNTRIED.get((name, target), set())
            if set(operations) != expected:
                different[f"{name}, {target}"] = {"listed": operations, "done": sorted(expected)}
    assert different == {}
