"""Flips one bit of what a signature covers, and decides whether the request still means the same."""

from urllib.parse import quote_from_bytes, unquote_to_bytes

# The server's code for an unknown route, which is decided before authentication.
NO_ROUTE = "APIGW.0101"
# The last two occur where a flip made a line end, so that the headers ended before the signature. IAM's code is a
# number.
SIGNED_WRONGLY = "APIGW.0301"
REFUSED = (SIGNED_WRONGLY, "CH.00000002", "401")


def flip(chance, message):
    """The part and the changed bytes; None for a flip that does not change the meaning of the request."""
    part, start, end = chance.choice(message.parts)
    place = chance.randrange(start, end)
    # A flip of the lower seven bits is more often text.
    bit = 1 << chance.choice((0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5, 6, 7))
    changed = bytearray(message.bytes)
    changed[place] ^= bit
    changed = bytes(changed)
    if part in ("path", "query"):
        target = changed.split(b" ", 1)[1].split(b" HTTP/1.1\r\n", 1)[0]
        if meaning(target) == meaning(message.target):
            return None
    return part, changed


def meaning(target):
    """The decoded path and query, without the slash at the end of the path."""
    path, _, query = target.partition(b"?")
    path = unquote_to_bytes(path)
    pieces = [piece.partition(b"=") for piece in query.split(b"&")] if query else []
    pieces = [(unquote_to_bytes(key), unquote_to_bytes(value)) for key, _, value in pieces]
    return quote_from_bytes(path.removesuffix(b"/")), pieces


def is_accepted(response):
    """Whether the server authenticated the request: it succeeded, or failed for another reason."""
    if response is None or response.status in (401, 405) or response.status >= 500:
        return False
    return response.status < 400 or response.code not in ("", NO_ROUTE)


def is_refused(response):
    """Whether the server refused the request: its signature is wrong, its route unknown, or it is not HTTP. A closed
    connection does not count: it may be a crash."""
    if response is None:
        return False
    if response.status == 401:
        return response.code in REFUSED
    # The flip made the path of a page, as `/?...` of `/v...`, which redirects everybody. No API call is redirected.
    if response.status == 303:
        return True
    if response.status in (404, 405):
        return response.code == NO_ROUTE
    return response.status in (400, 431, 501) and response.code == ""


def is_whole(response):
    """Whether the server read the flipped bytes as one request, so that the next response belongs to the next
    request.
    """
    return response is not None and response.code == SIGNED_WRONGLY
