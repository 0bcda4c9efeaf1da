"""A program that runs beside the tests, and what it says, line by line: what waits for it needs no clock."""

import shutil
import signal
import subprocess
import tempfile
import threading

STOP_SECONDS = 60


class Process:
    """`streams` says which of its outputs to read, as `subprocess` does; one of them must be a pipe."""

    def __init__(self, command, environment, directory=None, **streams):
        self.said = []
        self._moved = threading.Condition()
        self._ended = False
        self._process = subprocess.Popen(
            command,
            env=environment,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            text=True,
            errors="replace",
            **streams,
        )
        self._output = self._process.stdout or self._process.stderr
        threading.Thread(target=self._read, daemon=True).start()

    def wait_for(self, condition, seconds):
        """Whether `condition` came to hold; it is asked again after every line, and at the end."""
        with self._moved:
            self._moved.wait_for(lambda: condition() or self._ended, seconds)
            return bool(condition())

    def stop(self, seconds):
        """SIGTERM; the exit code."""
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(seconds)

    def kill(self):
        """Whatever it is doing."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def _read(self):
        # To the end, or a full pipe would stop the program.
        for line in self._output:
            with self._moved:
                self.said.append(line)
                self._moved.notify_all()
        with self._moved:
            self._ended = True
            self._moved.notify_all()


class Fixture:
    """A process with a directory of its own. Who makes one sets `process` once it runs."""

    def __init__(self, prefix):
        self.dir = tempfile.mkdtemp(prefix=prefix)
        self.process = None

    @property
    def said(self):
        return self.process.said

    def stop(self):
        """SIGTERM, so that what is on its way arrives; the exit code."""
        try:
            return self.process.stop(STOP_SECONDS)
        finally:
            self.remove()

    def remove(self):
        """Leaves nothing behind, however it went."""
        if self.process:
            self.process.kill()
        shutil.rmtree(self.dir, ignore_errors=True)
