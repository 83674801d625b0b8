"""A bucket of S3 as a browser meets it: over TLS on 127.0.0.1, with moto behind it that keeps the objects.

moto takes whatever comes. In front of it this checks what S3 does where the console could be wrong: the signature of
a presigned address with every header that it covers (the length is one), the checksum, and the rules of CORS.
"""

import hashlib
import hmac
import ssl
import threading
import time
from base64 import b64encode
from calendar import timegm
from fnmatch import fnmatchcase
from http.client import HTTPConnection
from urllib.parse import parse_qsl, quote, urlsplit

from .gateway import HOP, Handler
from .oidc import QuietServer, certificate

SECRET = "test"
TIME = "%Y%m%dT%H%M%SZ"


class Refusal(Exception):
    """An answer of S3 that is an error."""

    def __init__(self, status, code, message):
        super().__init__(code)
        self.status = status
        self.document = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'


class Bucket:
    """One S3 endpoint, listening until `end`. A test changes the public fields to make it fail."""

    def __init__(self, moto, folder, rules):
        self.moto = moto
        # The rules of CORS, as the template has them.
        self.rules = rules
        # Whether uploads break off in their middle. A browser tries once more by itself on a connection that it used before.
        self.breaks = False
        # Seconds by which its clock is ahead.
        self.ahead = 0
        self.uploads, self.refusals = [], []
        self.certificate, key = certificate(folder)
        self._server = QuietServer(("127.0.0.1", 0), self._handler())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, key)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.origin = f"https://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def end(self):
        """Closes it."""
        self._server.shutdown()
        self._server.server_close()

    def rule(self, origin, method, headers):
        """The first rule that lets a page of this origin ask so."""
        for rule in self.rules:
            wanted = [name.lower() for name in rule.get("AllowedHeaders", [])]
            if (
                any(fnmatchcase(origin, pattern) for pattern in rule["AllowedOrigins"])
                and method in rule["AllowedMethods"]
                and all(any(fnmatchcase(name, pattern) for pattern in wanted) for name in headers)
            ):
                return rule
        return None

    def preflight(self, request):
        """The headers of the answer to a preflight."""
        asked = request.headers
        names = [name.strip().lower() for name in asked.get("Access-Control-Request-Headers", "").split(",") if name.strip()]
        origin, method = asked.get("Origin", ""), asked.get("Access-Control-Request-Method", "")
        rule = self.rule(origin, method, names)
        if rule is None:
            raise Refusal(403, "AccessForbidden", "CORSResponse: This CORS request is not allowed.")
        return [*allowed(rule, origin), ("Access-Control-Allow-Headers", ", ".join(names)), ("Access-Control-Max-Age", str(rule["MaxAge"]))]

    def check_signature(self, method, url, headers):
        """Refuses a request whose presigned address was made for another one, or is over."""
        query = parse_qsl(url.query, keep_blank_values=True)
        given = dict(query)
        signed = given["X-Amz-SignedHeaders"].split(";")
        made = timegm(time.strptime(given["X-Amz-Date"], TIME))
        if time.time() + self.ahead > made + int(given["X-Amz-Expires"]):
            raise Refusal(403, "AccessDenied", "Request has expired")
        unsigned = [name for name in headers if name.startswith("x-amz-") and name not in signed]
        if unsigned:
            raise Refusal(403, "AccessDenied", "There were headers present in the request which were not signed")
        ordered = sorted((quote(name, "-_.~"), quote(value, "-_.~")) for name, value in query if name != "X-Amz-Signature")
        canonical = "\n".join([
            method, url.path, "&".join(f"{name}={value}" for name, value in ordered),
            *(f"{name}:{' '.join(headers.get(name, '').split())}" for name in signed), "",
            ";".join(signed), "UNSIGNED-PAYLOAD",
        ])  # fmt: skip
        _, scope = given["X-Amz-Credential"].split("/", 1)
        key = b"AWS4" + SECRET.encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        text = "\n".join(["AWS4-HMAC-SHA256", given["X-Amz-Date"], scope, hashlib.sha256(canonical.encode()).hexdigest()])
        if not hmac.compare_digest(hmac.digest(key, text.encode(), "sha256").hex(), given["X-Amz-Signature"]):
            raise Refusal(403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided.")

    def forward(self, request, content):
        """What moto answers."""
        upstream = HTTPConnection("127.0.0.1", self.moto.port, timeout=60)
        try:
            headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP}
            upstream.request(request.command, request.path, content, headers)
            answer = upstream.getresponse()
            told = [(name, value) for name, value in answer.getheaders() if name.lower() not in HOP and not name.lower().startswith("access-control-")]
            return answer.status, answer.read(), told
        finally:
            upstream.close()

    def _handler(self):
        bucket = self

        class Front(Handler):
            def _serve(self):
                url = urlsplit(self.path)
                headers = {name.lower(): value for name, value in self.headers.items()}
                origin = headers.get("origin")
                rule = origin and bucket.rule(origin, self.command, [])
                cors = allowed(rule, origin) if rule else []
                try:
                    if self.command == "OPTIONS":
                        self.answer(200, b"", bucket.preflight(self))
                        return
                    if self.command == "PUT" and bucket.breaks and "authorization" not in headers:
                        self.rfile.read(int(headers["content-length"]) // 2)
                        self.close_connection = True
                        self.connection.close()
                        return
                    content = self.body()
                    # The function's own calls are signed by a header; who has no address of a place has no right at all.
                    if "authorization" not in headers:
                        if "X-Amz-Signature" not in url.query:
                            raise Refusal(403, "AccessDenied", "Access Denied")
                        bucket.check_signature(self.command, url, headers)
                        digest = headers.get("x-amz-checksum-sha256")
                        if digest and b64encode(hashlib.sha256(content).digest()).decode() != digest:
                            raise Refusal(400, "BadDigest", "The SHA256 you specified did not match the calculated checksum.")
                        if self.command == "PUT":
                            bucket.uploads.append(url.path)
                    status, answered, told = bucket.forward(self, content)
                    self.answer(status, answered, [*told, *cors])
                except Refusal as refusal:
                    bucket.refusals.append(str(refusal))
                    self.answer(refusal.status, refusal.document.encode(), [("Content-Type", "application/xml"), *cors])

            do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = _serve

        return Front


def allowed(rule, origin):
    """What a rule lets a browser know."""
    everybody = rule["AllowedOrigins"] == ["*"]
    return [
        ("Access-Control-Allow-Origin", "*" if everybody else origin),
        ("Access-Control-Allow-Methods", ", ".join(rule["AllowedMethods"])),
        ("Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"),
    ]
