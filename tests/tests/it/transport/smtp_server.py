"""A real SMTP server (aiosmtpd) that a test starts.

Arguments: a mode (plain, starttls, tls, no-starttls) and a folder, into which the certificate of
its own authority is written (ca.pem). Prints a line of JSON with its port, then one for each mail.
Ends when its standard input does. What it answers depends on the local part of the recipient.
"""

import asyncio
import base64
import datetime
import ipaddress
import json
import ssl
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

USER, PASSWORD = b"desk@example.com", b"p/:@ \xc3\xa9"


def certificate(name, issuer, issuer_key, key, extensions):
    start = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=30))
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=True)
    return builder.sign(issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def tls(folder):
    authority, server = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = x509.BasicConstraints(ca=True, path_length=0)
    names = x509.SubjectAlternativeName(
        [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    )
    (folder / "ca.pem").write_bytes(certificate("tests", "tests", authority, authority, [root]))
    own = certificate("localhost", "tests", authority, server, [names])
    key = server.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "server.pem").write_bytes(own + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context


def say(line):
    print(json.dumps(line), flush=True)


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        match address.split("@")[0]:
            case "greylisted":
                return "450 4.2.0 <" + address + ">: try again later"
            case "nobody":
                return "550 5.1.1 <" + address + ">: user unknown"
            case "cut-before":
                server.transport.abort()
                return "421 4.3.0 never seen"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        match envelope.rcpt_tos[0].split("@")[0]:
            case "full":
                return "452 4.3.1 insufficient storage"
            case "spam":
                return "554 5.7.1 rejected as spam"
        say(
            {
                "from": envelope.mail_from,
                "to": envelope.rcpt_tos,
                "raw": base64.b64encode(envelope.original_content).decode("ascii"),
                "tls": server.transport.get_extra_info("ssl_object") is not None,
                "user": (session.auth_data.login.decode() if session.auth_data else None),
            }
        )
        if envelope.rcpt_tos[0].startswith("cut-after"):
            server.transport.abort()
        return "250 2.0.0 OK: queued as 4F3B1"


def authenticate(server, session, envelope, mechanism, data):
    right = (data.login, data.password) == (USER, PASSWORD)
    return AuthResult(success=right, handled=False, auth_data=data)


async def main(mode, folder):
    options = {"hostname": "localhost", "enable_SMTPUTF8": False}
    context = tls(folder) if mode != "plain" else None
    if mode == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    if mode in ("starttls", "tls"):
        options |= {
            "authenticator": authenticate,
            "auth_required": True,
            "auth_require_tls": mode == "starttls",
        }
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(
        lambda: SMTP(Handler(), **options),
        "127.0.0.1",
        0,
        ssl=context if mode == "tls" else None,
    )
    say({"port": listener.sockets[0].getsockname()[1]})
    await loop.run_in_executor(None, sys.stdin.read)
    listener.close()


asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
