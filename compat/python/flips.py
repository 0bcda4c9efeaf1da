"""One flipped bit in what a signature covers, and whether the request still means the same."""

from urllib.parse import quote_from_bytes, unquote_to_bytes

# No route, in the server's words: told before anybody is asked who they are.
NO_ROUTE = "APIGW.0101"
# The last two where a flip became a line's end, and the headers ended before the signature: IAM's is a number.
SIGNED_WRONGLY = "APIGW.0301"
REFUSED = (SIGNED_WRONGLY, "CH.00000002", "401")


def flip(chance, message):
    """The part, and the bytes with the flip; None for one that changes nothing of what is asked."""
    part, start, end = chance.choice(message.parts)
    place = chance.randrange(start, end)
    # Seven bits make text of text more often.
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
    """What a path and a query ask for, whatever their spelling: escapes read, a slash at the end or not."""
    path, _, query = target.partition(b"?")
    path = unquote_to_bytes(path)
    pieces = [piece.partition(b"=") for piece in query.split(b"&")] if query else []
    pieces = [(unquote_to_bytes(key), unquote_to_bytes(value)) for key, _, value in pieces]
    return quote_from_bytes(path.removesuffix(b"/")), pieces


def is_accepted(answer):
    """Whether the server knew who asks: it did, or told what is wrong with, what was asked."""
    if answer is None or answer.status in (401, 405) or answer.status >= 500:
        return False
    return answer.status < 400 or answer.code not in ("", NO_ROUTE)


def is_refused(answer):
    """Whether the server said that the request is nobody's: signed wrongly, of no route, or no longer HTTP. A hang-up may be a crash."""
    if answer is None:
        return False
    if answer.status == 401:
        return answer.code in REFUSED
    # The path became that of a page, as `/?...` of `/v...`: it leads on, whoever asks. No call of an API is answered so.
    if answer.status == 303:
        return True
    if answer.status in (404, 405):
        return answer.code == NO_ROUTE
    return answer.status in (400, 431, 501) and answer.code == ""


def is_whole(answer):
    """Whether the server read the flipped bytes as one request, so that the next answer is the next request's."""
    return answer is not None and answer.code == SIGNED_WRONGLY
