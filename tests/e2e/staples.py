"""OCSP responses for the servers of the tests, signed by the issuer of the certificate.

openssl's own responder can only say what holds now; an expired response needs python3-cryptography.
"""
import datetime

WORDS = ("good", "revoked", "unknown", "expired", "early", "other")


def make(cert_pem, issuer_pem, issuer_key_pem, word):
    """DER of a response about cert_pem that is what the word says; ImportError without python3-cryptography."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.x509 import ocsp

    if word not in WORDS:
        raise ValueError(word)
    cert, issuer = x509.load_pem_x509_certificate(cert_pem), x509.load_pem_x509_certificate(issuer_pem)
    key = serialization.load_pem_private_key(issuer_key_pem, None)
    now, day = datetime.datetime.utcnow().replace(microsecond=0), datetime.timedelta(days=1)
    since = {"expired": now - 9 * day, "early": now + day}.get(word, now - day)
    status = {"revoked": ocsp.OCSPCertStatus.REVOKED, "unknown": ocsp.OCSPCertStatus.UNKNOWN}.get(word, ocsp.OCSPCertStatus.GOOD)
    revoked = word == "revoked"
    response = ocsp.OCSPResponseBuilder().add_response(
        cert=cert, issuer=issuer, algorithm=hashes.SHA1(), cert_status=status, this_update=since, next_update=since + 7 * day,
        revocation_time=now - 3 * day if revoked else None,
        revocation_reason=x509.ReasonFlags.key_compromise if revoked else None,
    ).responder_id(ocsp.OCSPResponderEncoding.HASH, issuer).sign(key, hashes.SHA256())
    return response.public_bytes(serialization.Encoding.DER)
