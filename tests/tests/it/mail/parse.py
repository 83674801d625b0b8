"""Reads mails with Python's email package, a parser that is not ours.

Input: one base64 mail a line. Output: a JSON list with what a mail program would show of each.
"""

import base64
import email
import email.policy
import email.utils
import json
import sys
from email.header import decode_header, make_header


def part(found):
    kind = found.get_content_type()
    content = found.get_content()
    if isinstance(content, bytes):
        content = base64.b64encode(content).decode("ascii")
    # Lines end with CRLF on the wire; a lone CR or LF would stay and be seen.
    content = content.replace("\r\n", "\n")
    return {
        "type": kind,
        "charset": found.get_content_charset(),
        "disposition": found.get_content_disposition(),
        "filename": found.get_filename(),
        "content": content,
    }


def defects(message):
    headers = [defect for value in message.values() for defect in value.defects]
    return [repr(defect) for defect in [*message.defects, *headers]]


def addresses(raw, name):
    # The older half of the package: the newer one leaves a space between two encoded words of a
    # display name, which RFC 2047, 6.2, says is not there.
    header = email.message_from_bytes(raw, policy=email.policy.compat32)[name]
    found = email.utils.getaddresses([header])
    return [[str(make_header(decode_header(shown))), address] for shown, address in found]


def mail(raw):
    message = email.message_from_bytes(raw, policy=email.policy.default)
    every = list(message.walk())
    return {
        "headers": [[name, str(value)] for name, value in message.items()],
        "from": addresses(raw, "From"),
        "to": addresses(raw, "To"),
        "structure": [found.get_content_type() for found in every],
        "parts": [part(found) for found in every if not found.is_multipart()],
        "defects": [defect for found in every for defect in defects(found)],
    }


json.dump([mail(base64.b64decode(line)) for line in sys.stdin], sys.stdout)
