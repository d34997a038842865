/*
 * What a CertificateRequest asks for, and what of it a key can give: certificate types up to TLS 1.2, signature schemes
 * from TLS 1.2 on (RFC 5246 section 7.4.4, RFC 8422 section 5.5, RFC 8446 section 4.3.2). Pure functions of its lists.
 */
#ifndef TLS_CLIENT_REQUEST_H
#define TLS_CLIENT_REQUEST_H

#include "scanner/tls/answer.h"
#include "scanner/tls/crypt.h"

const char *client_type_name(uint8_t type); /* "rsa_sign"; NULL: the registry has no such type */
/* May a certificate with this key be sent, of the types asked for? */
bool client_type_fits(struct span types, enum cert_key);
/* The first scheme of the list that the key can sign with; 0: none. */
uint16_t client_scheme(const struct private_key *, struct span schemes, bool tls13);

#endif
