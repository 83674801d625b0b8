"""An identity provider of the suites: OpenID Connect with the code flow, over TLS, on 127.0.0.1.

It is as strict as the real ones where the console could be wrong: redirect addresses are compared whole, PKCE
(S256) is demanded, a code is good once and for a minute, a refresh token is used once.
"""

import base64
import hashlib
import ipaddress
import json
import secrets
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from html import escape
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT = "mensageria-console"
# The groups by which the kinds of providers name the role of a person.
ENTRA = {"technician": "6f1d1b2e-0f0e-4c0b-9a53-3b0f6a1f2a01", "requester": "8b7c3e7a-5a64-4a57-8f0b-90c8a4c2b702"}


def groups_as(kind, role):
    """The claims in which a kind of provider tells a role."""
    return {
        "cognito": {"cognito:groups": [role], "cognito:username": "x", "token_use": "id"},
        # Entra ID names groups by their object ids, and app roles in a claim of their own.
        "entra": {"groups": [ENTRA.get(role, role)], "roles": ["Other.Role"], "ver": "2.0"},
        # Keycloak with a mapper of groups, beside the roles that it always tells of.
        "keycloak": {"groups": [role], "realm_access": {"roles": ["offline_access"]}, "preferred_username": "x"},
        # What nobody configured: the roles of the realm alone.
        "realm": {"realm_access": {"roles": [role]}},
    }[kind]


class QuietServer(ThreadingHTTPServer):
    """A server that prints nothing when a browser drops a connection, as one does that first sees the certificate."""

    def handle_error(self, request, client_address):
        """Prints nothing."""


class Provider:
    """One provider, listening until `end`. A test changes the public fields to make it misbehave."""

    def __init__(self, folder, kind="cognito"):
        self.kind = kind
        # Address → name and role.
        self.people = {"maria@example.com": ("Maria Conceição", "requester"), "bia@example.com": ("Bia Araújo", "technician")}
        self.redirects, self.after_sign_out = set(), set()
        self.lifetime, self.gives_refresh = 3600, True
        # Renewals are answered while this is set: a refresh token is used up before.
        self.answers = threading.Event()
        self.answers.set()
        # What stands in answers instead of what was asked for.
        self.wrong_state = self.wrong_nonce = None
        self.calls, self.refusals, self.renewals = [], [], 0
        self._codes, self._refresh, self._lock = {}, {}, threading.Lock()
        self._key = RSAKey.generate_key(2048, {"kid": "of the suite", "use": "sig", "alg": "RS256"})
        self._server = QuietServer(("127.0.0.1", 0), self._handler())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate(folder))
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.issuer = f"https://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def end(self):
        """Closes it."""
        self._server.shutdown()
        self._server.server_close()

    @property
    def keys(self):
        """The public keys, as `jwks_uri` shows them."""
        return KeySet([self._key]).as_dict(private=False)

    def discovery(self):
        """The discovery document. Cognito's managed login names no place to sign out at."""
        prefix = "/oauth2" if self.kind == "cognito" else ""
        known = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}{prefix}/authorize",
            "token_endpoint": f"{self.issuer}{prefix}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }
        return known if self.kind == "cognito" else known | {"end_session_endpoint": f"{self.issuer}/logout"}

    def authorize(self, asked, person):
        """Where the browser is sent with the code for a person; a refusal is shown to them instead."""
        code = secrets.token_urlsafe(24)
        with self._lock:
            self._codes[code] = asked | {"person": person, "until": time.monotonic() + 60}
        answer = {"code": code, "state": self.wrong_state or asked["state"]}
        return f"{asked['redirect_uri']}?{urlencode(answer)}"

    def at_once(self, asked, person):
        """The same for somebody who must not be asked anything: with the code, or with what would have to be asked."""
        if person:
            return self.authorize(asked, person)
        refused = urlencode({"error": "login_required", "state": asked["state"]})
        return f"{asked['redirect_uri']}?{refused}"

    def check(self, asked):
        """Why a request for a code is refused, or nothing."""
        if asked.get("client_id") != CLIENT:
            return "unknown client"
        if asked.get("redirect_uri") not in self.redirects:
            return "redirect_uri is not registered"
        if asked.get("response_type") != "code" or "openid" not in asked.get("scope", "").split():
            return "not the code flow of OpenID Connect"
        if asked.get("code_challenge_method") != "S256" or not asked.get("code_challenge"):
            return "PKCE with S256 is required"
        if not asked.get("state") or not asked.get("nonce"):
            return "state and nonce are required"
        return None

    def token(self, form):
        """The answer of the token endpoint: status and body."""
        with self._lock:
            refusal, known = self._redeem(form)
        if refusal:
            self.refusals.append(refusal)
            return 400, {"error": "invalid_grant", "error_description": refusal}
        person, nonce = known["person"], known.get("nonce")
        answer = {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "expires_in": self.lifetime}
        if self.gives_refresh:
            answer["refresh_token"] = secrets.token_urlsafe(24)
            with self._lock:
                self._refresh[answer["refresh_token"]] = {"person": person}
        return 200, answer | {"id_token": self.id_token(person, self.wrong_nonce or nonce)}

    def _redeem(self, form):
        if form.get("client_id") != CLIENT:
            return "unknown client", None
        if form.get("grant_type") == "refresh_token":
            known = self._refresh.pop(form.get("refresh_token"), None)
            self.renewals += 1
            return (None, known) if known else ("unknown refresh token", None)
        known = self._codes.pop(form.get("code"), None)
        if known is None:
            return "unknown code, or one that was used", None
        if known["until"] < time.monotonic():
            return "the code is too old", None
        if form.get("redirect_uri") != known["redirect_uri"]:
            return "another redirect_uri", None
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != known["code_challenge"]:
            return "the verifier does not match", None
        return None, known

    def id_token(self, person, nonce=None, **changed):
        """A signed ID token for somebody."""
        name, role = self.people[person]
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": hashlib.sha256(person.encode()).hexdigest()[:20], "iat": now,
            "exp": now + self.lifetime, "email": person, "email_verified": True, "name": name,
        }  # fmt: skip
        if nonce:
            claims["nonce"] = nonce
        return jwt.encode({"alg": "RS256", "kid": "of the suite"}, claims | groups_as(self.kind, role) | changed, self._key)

    def _handler(self):
        provider = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def _answer(self, status, content, kind="application/json", **headers):
                body = content.encode() if isinstance(content, str) else json.dumps(content).encode()
                self.send_response(status)
                for name, value in {"Content-Type": kind, "Content-Length": len(body), "Cache-Control": "no-store"}.items():
                    self.send_header(name, str(value))
                # Browsers of public clients call these from another origin.
                self.send_header("Access-Control-Allow-Origin", "*")
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def _asked(self):
                return dict(parse_qsl(urlsplit(self.path).query))

            def _known(self):
                """Whom the browser was signed in as."""
                person = SimpleCookie(self.headers.get("Cookie", "")).get("person")
                return person and person.value

            def do_GET(self):
                path = urlsplit(self.path).path
                provider.calls.append(f"GET {path}")
                if path == "/.well-known/openid-configuration":
                    self._answer(200, provider.discovery())
                elif path == "/jwks":
                    self._answer(200, provider.keys)
                elif path.endswith("/authorize"):
                    asked = self._asked()
                    refusal = provider.check(asked)
                    if refusal:
                        provider.refusals.append(refusal)
                    elif asked.get("prompt") == "none":
                        self._answer(303, "", Location=provider.at_once(asked, self._known()))
                        return
                    self._answer(400 if refusal else 200, escape(refusal) if refusal else page(provider.people), "text/html; charset=utf-8")
                elif path == "/favicon.ico":
                    self._answer(200, "", "image/x-icon")
                elif path == "/logout":
                    asked = self._asked()
                    back = asked.get("post_logout_redirect_uri") or asked.get("logout_uri")
                    good = asked.get("client_id") == CLIENT and back in provider.after_sign_out
                    ended = {"Set-Cookie": "person=; Path=/; Secure; HttpOnly; SameSite=None; Max-Age=0"}
                    self._answer(302 if good else 400, "", **(ended | {"Location": back} if good else {}))
                else:
                    self._answer(404, {})

            def do_POST(self):
                path = urlsplit(self.path).path
                provider.calls.append(f"POST {path}")
                form = dict(parse_qsl(self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()))
                if path.endswith("/authorize"):
                    asked = self._asked()
                    if form.get("person") == "nobody":
                        refused = urlencode({"error": "access_denied", "state": asked["state"]})
                        self._answer(303, "", Location=f"{asked['redirect_uri']}?{refused}")
                    else:
                        known = f"person={form['person']}; Path=/; Secure; HttpOnly; SameSite=None"
                        self._answer(303, "", **{"Location": provider.authorize(asked, form["person"]), "Set-Cookie": known})
                elif path.endswith("/token"):
                    answer = provider.token(form)
                    if form.get("grant_type") == "refresh_token" and answer[0] == 200:
                        provider.answers.wait(60)
                    self._answer(*answer)
                else:
                    self._answer(404, {})

        return Handler


def page(people):
    """The page where somebody says who they are."""
    buttons = "".join(f'<button name="person" value="{address}">{escape(name)}</button>' for address, (name, _) in people.items())
    return f'<!doctype html><title>Provider</title><form method="post">{buttons}<button name="person" value="nobody">Cancel</button></form>'


def certificate(folder):
    """The files of a certificate for 127.0.0.1 that nobody signed, and of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - timedelta(1), now + timedelta(30))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "provider.crt", folder / "provider.key"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths
