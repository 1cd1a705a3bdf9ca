"""A client assertion: a statement signed with the key of a certificate (RFC 7523)."""

import base64
import hashlib
import json


def signed(pem: str, client: str, audience: str, now: int, seconds: int, number: str) -> str:
    """The statement as a JWT, RS256. `pem` holds certificate and private key.

    Raises ImportError without the package `cryptography`, ValueError for a broken file.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    content = pem.encode()
    certificate = x509.load_pem_x509_certificate(content)
    key = serialization.load_pem_private_key(content, password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("the certificate's key is not RSA")
    thumbprint = hashlib.sha1(
        certificate.public_bytes(serialization.Encoding.DER), usedforsecurity=False
    ).digest()
    head = {"alg": "RS256", "typ": "JWT", "x5t": _text(thumbprint)}
    claims = {"aud": audience, "iss": client, "sub": client, "jti": number, "nbf": now,
              "iat": now, "exp": now + seconds}  # fmt: skip
    said = f"{_text(json.dumps(head).encode())}.{_text(json.dumps(claims).encode())}"
    signature = key.sign(said.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{said}.{_text(signature)}"


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
