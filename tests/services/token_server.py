"""A token service for Debian's registry, as its specification describes one.

usage: token_server.py PORT CERTIFICATE_FILE   (writes the certificate it signs with)
Lets in `u` with the password `secret`, to pull and to push whatever is asked for.
"""
import base64, datetime, json, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

port, path = int(sys.argv[1]), sys.argv[2]
key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "tokens")])
now = datetime.datetime.now(datetime.timezone.utc)
certificate = (
    x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
    .not_valid_after(now + datetime.timedelta(days=1))
    .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    .sign(key, hashes.SHA256())
)
with open(path, "wb") as file:
    file.write(certificate.public_bytes(serialization.Encoding.PEM))


def part(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def token(query):
    scopes = [s.split(":") for s in query.get("scope", [])]
    access = [{"type": s[0], "name": s[1], "actions": s[2].split(",")} for s in scopes if len(s) == 3]
    chain = [base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()]
    head = {"typ": "JWT", "alg": "RS256", "x5c": chain}
    claims = {"iss": "tokens", "sub": "u", "aud": query["service"][0], "exp": int(time.time()) + 300,
              "nbf": int(time.time()) - 10, "iat": int(time.time()), "jti": "1", "access": access}
    text = b".".join(part(json.dumps(p).encode()) for p in (head, claims))
    return (text + b"." + part(key.sign(text, padding.PKCS1v15(), hashes.SHA256()))).decode()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        known = self.headers.get("authorization") == "Basic " + base64.b64encode(b"u:secret").decode()
        body = json.dumps({"token": token(parse_qs(urlparse(self.path).query)), "expires_in": 300} if known else {})
        self.send_response(200 if known else 401)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
