"""Random requests with unusual contents, made from a seed and signed by the SDK's own signers."""

import json
import string
from urllib.parse import quote

from example import REPOSITORY
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer import signer

SERVICE, REGION = "codehub", "cn-north-4"
PLAIN = string.ascii_letters + string.digits
ODD = "~*+;@:,!'()$&= -_.%/?#[]{}|\\^`\"<>"
WIDE = "任务é☃𐍈ßΩ一二三"
TYPES = ("application/json", "application/json;charset=utf8", "application/json; charset=UTF-8")
UNSIGNED = ("application/octet-stream", "text/plain", "application/x-ndjson", "multipart/form-data; boundary=x")


class Cached:
    """Caches the key, which the SDK derives from the secret for every request: that takes most of the time of a
    signature.
    """

    _kept = None

    def get_signing_key(self):
        if self._kept is None:
            self._kept = super().get_signing_key()
        return self._kept


class P256(Cached, signer.P256SHA256Signer):
    pass


class Sm2(Cached, signer.SM2SM3Signer):
    pass


SIGNERS = {
    "SDK-HMAC-SHA256": signer.Signer,
    "SDK-HMAC-SM3": signer.SM3Signer,
    "SDK-ECDSA-P256-SHA256": P256,
    "SDK-SM2-SM3": Sm2,
    "V11-HMAC-SHA256": signer.DerivationAKSKSigner,
}


def signing(algorithm, ak, sk):
    """A function that signs a request."""
    created = SIGNERS[algorithm](BasicCredentials(ak, sk))
    if algorithm == "V11-HMAC-SHA256":
        return lambda request: created.sign(request, SERVICE, REGION)
    return created.sign


def has_short_point(ak, sk):
    """Whether the SDK signs with this key differently from the standard: it hashes the public key without leading
    zeros, which makes another identity for one key in 128.
    """
    return min(Sm2(BasicCredentials(ak, sk)).get_signing_key()._public_key) >> 248 == 0


class Maker:
    """Requests from one random generator. `refused` marks one whose body the SDK does not sign."""

    def __init__(self, chance, host):
        self._chance = chance
        self._host = host

    def make(self):
        route = self._chance.choice((self._repositories, self._projects, self._keys, self._reports))
        method, path, query, body, content_type = route()
        request = SdkRequest(
            method=method,
            schema="http",
            host=self._host,
            resource_path=path,
            query_params=query,
            header_params=self._headers(content_type),
            body=body,
        )
        request.refused = bool(body) and content_type in UNSIGNED
        return request

    def _repositories(self):
        return "GET", self._slashes("/v4/user/repositories"), self._query(), "", self._type(TYPES)

    def _projects(self):
        return "GET", self._slashes("/v3/projects"), self._query(), "", self._type(TYPES + UNSIGNED)

    def _keys(self):
        word = self._word() or "x"
        # A dot segment is removed after it was signed, before the request is sent.
        if word.strip(".") == "":
            word += "x"
        coded = quote(word, safe=self._chance.choice(("", "", "~*+;@:,!'()$&=", ";@", "*")))
        if self._chance.random() < 0.2:
            coded += self._chance.choice(("%7E", "%7e", "%2a", "%2B", "%e4%BB%bB", "%25", "%252F", "%2f", "%3F"))
        return "GET", self._slashes(f"/native/v1/users/{coded}/keys"), self._query(), "", self._type(TYPES)

    def _reports(self):
        path = self._slashes(f"/native/v1/repositories/{REPOSITORY}/reports")
        kind = self._chance.random()
        if kind < 0.1:
            return "POST", path, self._query(), "", self._type(TYPES + UNSIGNED)
        if kind < 0.2:
            return (
                "POST",
                path,
                self._query(),
                self._chance.randbytes(self._chance.randint(1, 300)),
                self._chance.choice(UNSIGNED),
            )
        if kind < 0.3:
            body = self._chance.randbytes(self._chance.randint(1, 2000))
        else:
            fields = {self._word(): self._word() for _ in range(self._chance.randint(0, 6))}
            body = json.dumps(fields, ensure_ascii=self._chance.random() < 0.5)
        return "POST", path, self._query(), body, self._chance.choice(TYPES)

    def _slashes(self, path):
        """Doubled slashes, as of an endpoint that ends with one."""
        kind = self._chance.random()
        if kind < 0.1:
            return path + "/" * self._chance.randint(1, 2)
        if kind < 0.2:
            places = [place for place, letter in enumerate(path) if letter == "/"]
            place = self._chance.choice(places)
            return path[:place] + "/" + path[place:]
        return path

    def _type(self, types):
        return self._chance.choice(types + (None,))

    def _headers(self, content_type):
        headers = {"User-Agent": "huaweicloud-usdk-python/3.0", "X-Project-Id": f"{self._chance.getrandbits(128):032x}"}
        if content_type:
            headers["Content-Type"] = content_type
        for number in range(self._chance.randint(0, 3)):
            # A name with an underscore is not signed.
            name = self._chance.choice(("X-Custom-%d", "x-lower-%d", "X-UPPER-%d", "X_Loose_%d", "A.b!%d"))
            value = self._word() + self._chance.choice(("", "  inside \t it ", " ", ", ", '"'))
            headers[name % number] = " " * self._chance.randint(0, 2) + value
        items = list(headers.items())
        self._chance.shuffle(items)
        return dict(items)

    def _query(self):
        parameters = []
        for number in range(self._chance.choice((0, 0, 1, 1, 2, 3, 6))):
            key = self._word()
            if self._chance.random() < 0.7:
                key = self._chance.choice(("name", "search", "a", "A", "ab", "a-b", "", "a.b"))
            kind = self._chance.random()
            if kind < 0.6:
                parameters.append((key, self._word()))
            elif kind < 0.7:
                parameters.append((key, ""))
            # One list for a key (this letter is in no other): of two, the signer sends another order than it
            # signed.
            elif kind < 0.8:
                words = [self._word() for _ in range(self._chance.randint(0, 4))]
                parameters.append((f"{key}ü{number}", words))
            elif kind < 0.9:
                numbers = [self._chance.randint(0, 2000) for _ in range(self._chance.randint(1, 4))]
                parameters.append((f"{key}ü{number}", numbers))
            else:
                # The signer sorts the values of a key, and would compare a Boolean with text.
                parameters.append((f"{key}ü{number}", self._chance.random() < 0.5))
        return parameters

    def _word(self):
        alphabet = self._chance.choice((PLAIN, PLAIN, PLAIN + ODD, ODD, WIDE, PLAIN + WIDE + ODD))
        return "".join(self._chance.choices(alphabet, k=self._chance.choice((0, 1, 2, 3, 8, 8, 20))))
