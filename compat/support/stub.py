"""A server that responds with an unknown job status and an unknown field, as a newer one may."""

import http.server
import json
import threading

from example import DOCUMENTED, PIPELINE, REPOSITORY

STATUS = "paused"
JOB = DOCUMENTED | {"status": STATUS}
RESPONSES = {
    "/v3/projects": {"projects": [{"id": "0123456789abcdef0123456789abcdef", "name": "cn-north-4"}]},
    f"/v4/repositories/{REPOSITORY}/pipelines/{PIPELINE}/jobs": [JOB | {"priority": {"level": 3}}],
}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        found = RESPONSES.get(self.path.partition("?")[0])
        body = json.dumps({"error_code": "APIGW.0101", "error_msg": "unknown"} if found is None else found).encode()
        self.send_response(404 if found is None else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Total", "1")
        self.send_header("X-Request-Id", "0")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Stub:
    """Runs while the block runs, at `url`."""

    def __enter__(self):
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def regions(self):
        """The variables that make it the endpoint of the service, but not of IAM."""
        return {
            "HUAWEICLOUD_SDK_REGION_CODEHUB_CN_NORTH_4": self.url,
            "HUAWEICLOUD_SDK_REGION_CODEARTSREPO_CN_NORTH_4": self.url,
        }
