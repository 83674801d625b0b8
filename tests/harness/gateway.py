"""What stands in front of the functions on AWS: the console's own function, and an authorizer before the API.

The API behind it is the local server, or the functions themselves. As API Gateway's JWT authorizer does, the gateway
checks signature, issuer, audience and time of a token and hands its claims on as flat texts; the local server gets them
in a token of its own.
"""

import base64
import json
import re
import threading
import time
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey

from .local import programs
from .oidc import CLIENT
from .process import Process

# What one server says to the next alone.
HOP = ("connection", "transfer-encoding", "content-length", "host", "keep-alive")


class Handler(BaseHTTPRequestHandler):
    """A handler that keeps connections and prints nothing."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """Prints nothing."""

    def body(self):
        """The body of the request, however it is sent."""
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        whole = b""
        while size := int(self.rfile.readline(), 16):
            whole += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return whole

    def answer(self, status, content=b"", headers=()):
        """Answers."""
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def serve(handler):
    """A server on a free port of 127.0.0.1."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class Function:
    """A Lambda function as a process, with the runtime API that it asks for its events."""

    def __init__(self, name, environment, folder):
        self._events, self._answers = Queue(), Queue()
        self._lock = threading.Lock()
        function = self

        class Runtime(Handler):
            def do_GET(self):
                self.answer(200, json.dumps(function._events.get()).encode(), [
                    ("Lambda-Runtime-Aws-Request-Id", "1"),
                    ("Lambda-Runtime-Deadline-Ms", str(int(time.time() * 1000) + 30_000)),
                    ("Lambda-Runtime-Invoked-Function-Arn", f"arn:aws:lambda:us-east-1:000000000000:function:{name}"),
                ])  # fmt: skip

            def do_POST(self):
                function._answers.put((self.path.rsplit("/", 1)[1], json.loads(self.body())))
                self.answer(202)

        self._server = serve(Runtime)
        runtime = {
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._server.server_address[1]}",
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        }
        self._process = Process([programs()[name]], folder / f"{name}.log", environment | runtime)

    def invoke(self, event):
        """The function's answer to an event, one at a time."""
        with self._lock:
            self._events.put(event)
            kind, answer = self._answers.get(timeout=30)
        assert kind == "response", answer
        return answer

    def end(self):
        """Ends the process and what it asks."""
        self._process.end()
        self._server.shutdown()
        self._server.server_close()


class LocalApi:
    """The API of a local server."""

    def __init__(self, local):
        self.local = local
        self._key = OctKey.import_key(bytes.fromhex((local.data / "token.key").read_text()))

    def call(self, request, content, claims):
        """What it answers to a request of somebody with these claims: status, content, headers."""
        headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP}
        headers.pop("Authorization", None)
        if claims:
            headers["Authorization"] = f"Bearer {self.own_token(claims)}"
        upstream = HTTPConnection("127.0.0.1", self.local.port, timeout=60)
        try:
            upstream.request(request.command, request.path, content, headers)
            answer = upstream.getresponse()
            return answer.status, answer.read(), [one for one in answer.getheaders() if one[0].lower() not in HOP]
        finally:
            upstream.close()

    def own_token(self, claims):
        """The same claims in a token of the local server."""
        ours = {"iss": "mensageria-local", "aud": "mensageria", "iat": int(time.time()), "exp": int(time.time()) + 60}
        return jwt.encode({"alg": "HS256"}, {name: flat(value) for name, value in claims.items()} | ours, self._key)

    def end(self):
        """The server is its owner's to end."""


class Functions:
    """The API of the functions themselves, each a process that starts with its first request."""

    def __init__(self, template, environment, settings, folder):
        self._environment, self._settings, self._folder = environment, settings, folder
        self._routes = [
            (route["Method"], pattern(route["Path"]), function)
            for function in template.functions
            for route in (event["Properties"] for event in function.events.values() if event["Type"] == "HttpApi")
        ]
        self._lock, self._running = threading.Lock(), {}

    def call(self, request, content, claims):
        """What the function of the most specific route answers: status, content, headers."""
        path = urlsplit(request.path).path
        found = [(at, function) for method, at, function in self._routes if method == request.command and at.fullmatch(path)]
        if not found:
            return 404, b'{"message":"Not Found"}', [("Content-Type", "application/json")]
        _, function = max(found, key=lambda one: (".+" not in one[0].pattern, len(one[0].pattern)))
        with self._lock:
            if function.name not in self._running:
                environment = self._environment | self._settings[function.logical_id]
                self._running[function.name] = Function(function.name, environment, self._folder)
        return answered(self._running[function.name].invoke(event(request, content, claims)))

    def end(self):
        """Ends the functions."""
        for function in self._running.values():
            function.end()


class Gateway:
    """One address for the console and an API, listening until `end`."""

    def __init__(self, api, provider, environment, folder):
        self.api, self.provider = api, provider
        # Seconds by which the authorizer's clock is ahead: a token ends while a test looks.
        self.ahead = 0
        self.refusals = []
        self._server = serve(self._handler())
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.function = Function("console", environment, folder)

    def end(self):
        """Closes it."""
        self._server.shutdown()
        self._server.server_close()
        self.function.end()
        self.api.end()

    def authorize(self, token):
        """The claims of a token that the provider signed for this client and that has not ended; else why it is refused."""
        try:
            claims = jwt.decode(token, KeySet.import_key_set(self.provider.keys), algorithms=["RS256"]).claims
        except (JoseError, ValueError):
            return None, "signature"
        if claims.get("iss") != self.provider.issuer or claims.get("aud") != CLIENT:
            return None, "issuer or audience"
        if claims["exp"] <= time.time() + self.ahead:
            return None, "expired"
        return claims, None

    def _handler(self):
        gateway = self

        class Front(Handler):
            def _serve(self):
                path = urlsplit(self.path).path
                content = self.body()
                if self.command == "GET" and (path == "/" or path == "/app" or path.startswith("/app/")):
                    self.answer(*answered(gateway.function.invoke(event(self, content, None))))
                    return
                kind, _, token = self.headers.get("Authorization", "").partition(" ")
                claims = None
                if kind.lower() == "bearer":
                    claims, refusal = gateway.authorize(token)
                    if refusal:
                        gateway.refusals.append(refusal)
                        self.answer(401, b'{"message":"Unauthorized"}', [("Content-Type", "application/json")])
                        return
                self.answer(*gateway.api.call(self, content, claims))

            do_GET = do_POST = do_PUT = do_DELETE = _serve

        return Front


def pattern(path):
    """The expression that a route's paths match: `{name}` is one segment, `{proxy+}` all that follow."""
    parts = re.split(r"\{(\w+\+?)\}", path)
    return re.compile("".join(re.escape(part) if at % 2 == 0 else ".+" if part.endswith("+") else "[^/]+" for at, part in enumerate(parts)))


def event(request, content, claims):
    """A request as API Gateway hands it to a function (payload 2.0)."""
    url = urlsplit(request.path)
    headers = {name.lower(): value for name, value in request.headers.items()}
    http = {"method": request.command, "path": url.path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "browser"}
    context = {
        "accountId": "000000000000", "apiId": "api", "domainName": headers["host"], "domainPrefix": "api", "http": http,
        "requestId": "1", "routeKey": "$default", "stage": "$default", "time": "26/Nov/2026:10:00:00 +0000", "timeEpoch": 0,
    }  # fmt: skip
    if claims:
        context["authorizer"] = {"jwt": {"claims": {name: flat(value) for name, value in claims.items()}, "scopes": None}}
    return {
        "version": "2.0", "routeKey": "$default", "rawPath": url.path, "rawQueryString": url.query, "headers": headers,
        "requestContext": context, "body": base64.b64encode(content).decode(), "isBase64Encoded": True,
    }  # fmt: skip


def answered(answer):
    """What a function answered: status, content, headers."""
    body = answer.get("body") or ""
    content = base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()
    return answer["statusCode"], content, [one for one in (answer.get("headers") or {}).items() if one[0].lower() not in HOP]


def flat(value):
    """A claim as API Gateway hands it on: a list is one text in brackets, an object one too."""
    if isinstance(value, list):
        return f"[{' '.join(str(item) for item in value)}]"
    if isinstance(value, dict):
        return f"map[{' '.join(f'{name}:{flat(item)}' for name, item in value.items())}]"
    return str(value).lower() if isinstance(value, bool) else str(value)
