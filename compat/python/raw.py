"""Requests as bytes: signed by the SDK, formatted as `requests` sends them, and written to a keep-alive connection."""

import re
import socket
import zlib

import requests

# IAM's code is a number.
CODE = re.compile(rb'"(?:error_code|code)": ?"?([^",}]*)')


class Message:
    """The bytes of a signed request, and the ranges that a signature covers: `(name, start, end)`."""

    def __init__(self, session, signed):
        given = requests.Request(signed.method, signed.url, headers=signed.header_params, data=signed.body)
        prepared = session.prepare_request(given)
        self.target = prepared.path_url.encode("ascii")
        self.body = prepared.body or b""
        self.parts = []
        self._bytes = bytearray()
        path, mark, query = self.target.partition(b"?")
        self._add(prepared.method.encode(), "method")
        self._add(b" ")
        self._add(path, "path")
        self._add(mark + query, "query")
        self._add(b" HTTP/1.1\r\n")
        covered = re.search("SignedHeaders=([^,]*)", signed.header_params["Authorization"])[1].split(";")
        for name, value in prepared.headers.items():
            name, value = as_bytes(name), as_bytes(value)
            self._add(name + b": ")
            self._add_value(name.decode().lower(), value, covered)
            self._add(b"\r\n")
        self._add(b"\r\n")
        self._add(self.body, "body")
        self.bytes = bytes(self._bytes)

    def _add(self, piece, part=None):
        if part and piece:
            self.parts.append((part, len(self._bytes), len(self._bytes) + len(piece)))
        self._bytes += piece

    def _add_value(self, name, value, covered):
        if name == "authorization":
            for piece in re.split(rb"(, SignedHeaders=|, Signature=)", value):
                self._add(piece, f"authorization {len(piece)}" if not piece.startswith(b", ") else None)
            places = [place for place in self.parts if place[0].startswith("authorization ")]
            names = ("algorithm and access key", "list of headers", "signature")
            self.parts = [part for part in self.parts if part not in places]
            self.parts += [(name, start, end) for name, (_, start, end) in zip(names, places, strict=False)]
        else:
            self._add(value, ("date" if name == "x-sdk-date" else "header") if name in covered else None)


def as_bytes(text):
    return text if isinstance(text, bytes) else text.encode("latin-1")


class Response:
    """Status, error code and body of a response; `ends` tells that the connection cannot be used again."""

    def __init__(self, status, headers, body):
        self.status, self.body = status, body
        if headers.get(b"content-encoding") == b"gzip":
            self.body = zlib.decompress(body, wbits=31)
        code = CODE.search(self.body)
        self.code = code[1].decode() if code else ""
        self.ends = headers.get(b"connection", b"").lower() == b"close"

    def __str__(self):
        return f"{self.status} {self.body[:300]!r}"


class Connection:
    """Sends one request at a time; connects again after a response that ended the connection."""

    def __init__(self, host, port):
        self._address = (host, port)
        self._socket = None
        self._got = b""
        self.opened = 0

    def send(self, message):
        """The response, or None when the server closed the connection without one."""
        for last in (False, True):
            fresh = self._socket is None
            if fresh:
                self._socket = socket.create_connection(self._address, timeout=60)
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._got = b""
                self.opened += 1
            try:
                self._socket.sendall(message)
                response = self._read()
            except (ConnectionResetError, BrokenPipeError):
                response = None
            if response is None or response.ends or self._got:
                self.close()
            if response is not None or fresh or last:
                return response
        return None

    def close(self):
        if self._socket:
            self._socket.close()
            self._socket = None

    def _read(self):
        while b"\r\n\r\n" not in self._got:
            more = self._socket.recv(65536)
            if not more:
                return None
            self._got += more
        head, _, rest = self._got.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines[1:])}
        if b"transfer-encoding" in headers:
            raise AssertionError(f"an response without Content-Length: {head!r}")
        length = int(headers.get(b"content-length", b"0"))
        while len(rest) < length:
            more = self._socket.recv(65536)
            if not more:
                return None
            rest += more
        self._got = rest[length:]
        return Response(int(lines[0].split()[1]), headers, rest[:length])
