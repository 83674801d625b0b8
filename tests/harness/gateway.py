"""What stands in front of the functions on AWS: the console's own function, and an authorizer before the API.

The API behind it is the local server. As API Gateway's JWT authorizer does, the gateway checks signature, issuer,
audience and time of a token and hands its claims on as flat texts; the local server gets them in a token of its own.
"""

import base64
import json
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


class Gateway:
    """One address for the console and the API, listening until `end`."""

    def __init__(self, local, provider, environment, folder):
        self.local, self.provider = local, provider
        self.function = Function("console", environment, folder)
        # Seconds by which the authorizer's clock is ahead: a token ends while a test looks.
        self.ahead = 0
        self.refusals = []
        self._key = OctKey.import_key(bytes.fromhex((local.data / "token.key").read_text()))
        self._server = serve(self._handler())
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"

    def end(self):
        """Closes it."""
        self._server.shutdown()
        self._server.server_close()
        self.function.end()

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

    def own_token(self, claims):
        """The same claims in a token of the local server."""
        ours = {"iss": "mensageria-local", "aud": "mensageria", "iat": int(time.time()), "exp": int(time.time()) + 60}
        return jwt.encode({"alg": "HS256"}, {name: flat(value) for name, value in claims.items()} | ours, self._key)

    def _handler(self):
        gateway = self

        class Front(Handler):
            def _serve(self):
                path = urlsplit(self.path).path
                content = self.body()
                if self.command == "GET" and (path == "/" or path == "/app" or path.startswith("/app/")):
                    self.answer(*gateway._console(self))
                    return
                headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
                kind, _, token = headers.pop("Authorization", "").partition(" ")
                if kind.lower() == "bearer":
                    claims, refusal = gateway.authorize(token)
                    if refusal:
                        gateway.refusals.append(refusal)
                        self.answer(401, b'{"message":"Unauthorized"}', [("Content-Type", "application/json")])
                        return
                    headers["Authorization"] = f"Bearer {gateway.own_token(claims)}"
                upstream = HTTPConnection("127.0.0.1", gateway.local.port, timeout=60)
                try:
                    upstream.request(self.command, self.path, content, headers)
                    answer = upstream.getresponse()
                    told = [(name, value) for name, value in answer.getheaders() if name.lower() not in HOP]
                    self.answer(answer.status, answer.read(), told)
                finally:
                    upstream.close()

            do_GET = do_POST = do_PUT = do_DELETE = _serve

        return Front

    def _console(self, request):
        """What the function answers: status, content, headers."""
        url = urlsplit(request.path)
        headers = {name.lower(): value for name, value in request.headers.items()}
        http = {"method": "GET", "path": url.path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "browser"}
        answer = self.function.invoke({
            "version": "2.0", "routeKey": "$default", "rawPath": url.path, "rawQueryString": url.query, "headers": headers,
            "requestContext": {
                "accountId": "000000000000", "apiId": "api", "domainName": headers["host"], "domainPrefix": "api", "http": http,
                "requestId": "1", "routeKey": "$default", "stage": "$default", "time": "26/Nov/2026:10:00:00 +0000", "timeEpoch": 0,
            },
            "isBase64Encoded": False,
        })  # fmt: skip
        body = answer.get("body") or ""
        content = base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()
        return answer["statusCode"], content, list((answer.get("headers") or {}).items())


def flat(value):
    """A claim as API Gateway hands it on: a list is one text in brackets, an object one too."""
    if isinstance(value, list):
        return f"[{' '.join(str(item) for item in value)}]"
    if isinstance(value, dict):
        return f"map[{' '.join(f'{name}:{flat(item)}' for name, item in value.items())}]"
    return str(value).lower() if isinstance(value, bool) else str(value)
