"""A proxy between the deployed functions and the emulator that records what they ask of AWS.

The emulator hands each function credentials of its own, so a call's access key names its function.
Calls go on as they came (their signature covers the host, so that is kept too). Besides the names of
the operations it keeps each mail as the function sent it: the emulator keeps only parts.
"""

import base64
import http.client
import json
import re
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_ACCESS_KEY = re.compile(r"Credential=([^/]+)/")
# A transaction is authorised as what its items do.
_TRANSACTION = {"Put": "PutItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem", "Update": "UpdateItem"}


@dataclass(frozen=True)
class Call:
    """One call: whose access key, on what (`table`, `index`, `mail`, `files`), which operation, what answer.

    `partitions` are the keys of the table's partitions that it names.
    """

    access_key: str
    target: str
    operation: str
    status: int
    partitions: tuple = ()


class Recorder:
    """The proxy, listening until `end`."""

    def __init__(self, upstream_port, address="127.0.0.1"):
        self.calls = []
        self.mails = []
        self._lock = threading.Lock()
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def _forward(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                upstream = http.client.HTTPConnection("127.0.0.1", upstream_port, timeout=60)
                try:
                    upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                    for name, value in self.headers.items():
                        if name.lower() not in ("connection", "transfer-encoding"):
                            upstream.putheader(name, value)
                    upstream.endheaders(body)
                    answer = upstream.getresponse()
                    content = answer.read()
                finally:
                    upstream.close()
                recorder.record(self, body, answer.status)
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("connection", "transfer-encoding", "content-length", "date", "server"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _forward

        self._server = ThreadingHTTPServer((address, 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def record(self, request, body, status):
        """Keeps one call."""
        found = _ACCESS_KEY.search(request.headers.get("Authorization", ""))
        key = found.group(1) if found else ""
        is_table = request.headers.get("X-Amz-Target", "").startswith("DynamoDB_")
        named = tuple(sorted(partitions(json.loads(body or b"{}")))) if is_table else ()
        with self._lock:
            for target, operation in operations(request.command, request.path, request.headers, body):
                self.calls.append(Call(key, target, operation, status, named))
            if request.command == "POST" and request.path == "/v2/email/outbound-emails" and status == 200:
                self.mails.append(json.loads(body))

    def raw_mails(self):
        """The mails that were accepted, as bytes."""
        with self._lock:
            return [base64.b64decode(mail["Content"]["Raw"]["Data"]) for mail in self.mails]

    def end(self):
        """Stops listening."""
        self._server.shutdown()
        self._server.server_close()


def partitions(request):
    """Every key of a partition that a call of DynamoDB names: of items, of their keys, and of a query."""
    found = set()
    if "KeyConditionExpression" in request and "IndexName" not in request:
        name, value = re.search(r"(#?\w+) = (:\w+)", request["KeyConditionExpression"]).groups()
        if request.get("ExpressionAttributeNames", {}).get(name, name) == "pk":
            found.add(request["ExpressionAttributeValues"][value]["S"])
    pending = [request]
    while pending:
        match pending.pop():
            case dict() as part:
                if isinstance(part.get("pk"), dict) and "S" in part["pk"]:
                    found.add(part["pk"]["S"])
                # What a document holds is not a key.
                pending += [one for name, one in part.items() if name != "data"]
            case list() as parts:
                pending += parts
    return found


def operations(method, path, headers, body):
    """What a request does, as pairs of target and operation: several for a transaction."""
    target = headers.get("X-Amz-Target", "")
    if target.startswith("DynamoDB_"):
        operation = target.split(".")[1]
        request = json.loads(body or b"{}")
        if operation == "TransactWriteItems":
            return sorted({("table", _TRANSACTION[kind]) for item in request["TransactItems"] for kind in item})
        return [("index" if "IndexName" in request else "table", operation)]
    if path.startswith("/v2/email/"):
        resource = path.removeprefix("/v2/email/").split("?")[0].split("/")[0]
        names = {
            ("POST", "outbound-emails"): "SendEmail",
            ("GET", "account"): "GetAccount",
            ("GET", "identities"): "GetEmailIdentity",
            ("DELETE", "suppression"): "DeleteSuppressedDestination",
            ("GET", "configuration-sets"): "GetConfigurationSet",
        }
        return [("mail", names.get((method, resource), f"{method} {resource}"))]
    if "/s3/aws4_request" in headers.get("Authorization", ""):
        return [("files", {"GET": "GetObject", "HEAD": "GetObject", "PUT": "PutObject", "DELETE": "DeleteObject"}.get(method, f"{method} object"))]
    return [("other", target or f"{method} {path}")]
