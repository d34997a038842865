#include "probes/bodies.h"

#define BYTES(s) { (const uint8_t *)(s), sizeof(s) - 1 }
#define EMPTY { NULL, 0 }

#define TEN "\x5a\xc3\x17\x8e\x21\xd4\x6b\x90\x3f\x72"
#define SIXTY_FOUR TEN TEN TEN TEN TEN TEN "\x0d\x4e\x88\xb1"

/*
 * What a client without a configuration sends so that others do not stand out (RFC 9849 section 6.2): outer, HKDF-SHA256
 * with AES-128-GCM, a configuration nobody published, an X25519 value, and a payload of the usual size.
 */
#define ECH_OUTER "\x00\x00\x01\x00\x01\x7b\x00\x20" TEN TEN TEN "\x44\x09\x00\xc0" SIXTY_FOUR SIXTY_FOUR SIXTY_FOUR

/* As much as the share of ML-KEM-768 (FIPS 203) makes a hello larger: tolerance.post_quantum reads off it that this is borne. */
static const uint8_t padding[1216];

const struct body bodies[] = {
	/* 4096 bytes: the least that hinders nobody */
	{ EXT_MAX_FRAGMENT_LENGTH, BODY_BOTH, BYTES("\x04"), "RFC 6066 section 4" },
	{ 2, BODY_CLEAR, EMPTY, "RFC 6066 section 5" },
	/* one authority, known to both without being named */
	{ EXT_TRUSTED_CA_KEYS, BODY_CLEAR, BYTES("\x00\x01\x00"), "RFC 6066 section 6" },
	{ EXT_TRUNCATED_HMAC, BODY_CLEAR, EMPTY, "RFC 6066 section 7" },
	{ 6, BODY_CLEAR, BYTES("\x01\x40"), "RFC 4681 section 2" },
	{ 7, BODY_CLEAR, BYTES("\x02\x00\x01"), "RFC 5878 section 2" },
	{ 8, BODY_CLEAR, BYTES("\x02\x00\x01"), "RFC 5878 section 2" },
	{ 9, BODY_CLEAR, BYTES("\x02\x01\x00"), "RFC 6091 section 3" },
	{ EXT_HEARTBEAT, BODY_BOTH, BYTES("\x01"), "RFC 6520 section 2" },
	/* ocsp_multi, no responders named, no extensions */
	{ EXT_STATUS_REQUEST_V2, BODY_CLEAR, BYTES("\x00\x07\x02\x00\x04\x00\x00\x00\x00"), "RFC 6961 section 2.2" },
	{ EXT_CLIENT_CERTIFICATE_TYPE, BODY_BOTH, BYTES("\x02\x02\x00"), "RFC 7250 section 3" },
	{ EXT_SERVER_CERTIFICATE_TYPE, BODY_BOTH, BYTES("\x02\x02\x00"), "RFC 7250 section 3" },
	{ 24, BODY_CLEAR, BYTES("\x01\x00\x03\x02\x01\x00"), "RFC 8472 section 2" },
	{ 26, BODY_CLEAR, EMPTY, "draft-gutmann-tls-lts section 3" },
	{ EXT_COMPRESS_CERTIFICATE, BODY_TLS13, BYTES("\x06\x00\x02\x00\x01\x00\x03"), "RFC 8879 section 3" },
	/* as much as a record can hold: from TLS 1.3 on one more byte says what it holds */
	{ EXT_RECORD_SIZE_LIMIT, BODY_CLEAR, BYTES("\x40\x00"), "RFC 8449 section 4" },
	{ EXT_RECORD_SIZE_LIMIT, BODY_TLS13, BYTES("\x40\x01"), "RFC 8449 section 4" },
	{ 32, BODY_TLS13, EMPTY, "RFC 8672 section 3" },
	{ EXT_DELEGATED_CREDENTIAL, BODY_TLS13, BYTES("\x00\x0c\x04\x03\x05\x03\x06\x03\x08\x07\x08\x08\x08\x04"),
		"RFC 9345 section 4.1.1" },
	{ 50, BODY_TLS13, BYTES("\x00\x1a\x04\x03\x05\x03\x06\x03\x08\x07\x08\x08\x08\x04\x08\x05\x08\x06\x08\x09\x08\x0a"
				"\x08\x0b\x04\x01\x05\x01"), "RFC 8446 section 4.2.3" },
	{ 52, BODY_BOTH, EMPTY, "RFC 9162 section 6.5" },
	{ 58, BODY_TLS13, BYTES("\x01\x01"), "RFC 9149 section 3" },
	{ 59, BODY_BOTH, BYTES("\x01\xbb"), "RFC 9102 section 2" },
	{ EXT_NPN, BODY_CLEAR, EMPTY, "draft-agl-tls-nextprotoneg-04 section 3" },
	{ 0x754F, BODY_CLEAR, EMPTY, "draft-balfanz-tls-channelid-00" },
	{ 0x7550, BODY_CLEAR, EMPTY, "draft-balfanz-tls-channelid-01" },
	{ 0xCA34, BODY_TLS13, BYTES("\x00\x00"), "draft-ietf-tls-trust-anchor-ids section 4" },
	{ 0xF300, BODY_CLEAR, EMPTY, "draft-perrin-tls-tack-02 section 4.2" },
	{ EXT_ECH, BODY_TLS13, BYTES(ECH_OUTER), "RFC 9849 section 6.2" },
	{ EXT_PADDING, BODY_TLS13, { padding, sizeof padding }, "RFC 7685 section 3" },
};
const size_t bodies_count = sizeof bodies / sizeof *bodies;

static const char dtls[] = "it belongs to DTLS";
static const char names_a_user[] = "it names a user, and the server breaks off at one it has not";

const struct withheld withheld[] = {
	{ EXT_SRP, "a probe of its own asks: a server that has it breaks off at a user it has not" },
	{ 14, dtls },
	{ EXT_ALPN, "a probe of its own asks, and it keeps the older NPN from being answered" },
	{ 25, "the server answers only to the hash of what it is going to send" },
	{ 29, names_a_user },
	{ 30, names_a_user },
	{ 31, names_a_user },
	{ 33, "it takes a pre-shared key" },
	{ 36, "it takes a middlebox" },
	{ 37, "it takes a middlebox" },
	{ 38, "it takes a middlebox" },
	{ 39, dtls },
	{ 40, "drafts of TLS 1.3 alone had it" },
	{ EXT_PRE_SHARED_KEY, "it takes a pre-shared key; resumption asks" },
	{ EXT_EARLY_DATA, "it takes a pre-shared key; resumption asks" },
	{ EXT_COOKIE, "it follows a HelloRetryRequest" },
	{ 46, "drafts of TLS 1.3 alone had it, and only servers sent it" },
	{ 47, "it has no answer, and narrows which certificate is served" },
	{ 48, "only a server sends it" },
	{ 49, "it has no answer, and lets the server ask for a certificate afterwards" },
	{ 53, dtls },
	{ 54, dtls },
	{ 55, "it takes a session that was set up by other means" },
	{ 56, "it takes a session that was set up by other means" },
	{ 57, "over TCP it is an error (RFC 9001 section 8.2)" },
	{ 60, dtls },
	{ 61, dtls },
	{ 62, "it carries flags, and a client without one sends none" },
	{ 0x12E0, "an experiment that is over" },
	{ 0x4469, "once granted it takes one more message of the client" },
	{ 0x44CD, "once granted it takes one more message of the client" },
	{ 0x8A3B, "it takes a password" },
	{ 0xFD00, "it stands in an encrypted hello only" },
	{ 0xFF03, "an experiment that is over, which changed the form of records" },
	{ 0xFFA5, "over TCP it is an error (RFC 9001 section 8.2)" },
	{ 0xFFCE, "drafts alone had it, and it takes a key from the DNS" },
};
const size_t withheld_count = sizeof withheld / sizeof *withheld;
