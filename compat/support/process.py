"""A program that runs beside the tests, and the lines that it prints, which tests can wait for."""

import shutil
import signal
import subprocess
import tempfile
import threading

STOP_SECONDS = 60


class Process:
    """`streams` says which of its outputs to read, as `subprocess` does; one of them must be a pipe."""

    def __init__(self, command, environment, directory=None, **streams):
        self.lines = []
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
        """Waits until `condition` is true; it is evaluated after every line and at the end. Whether it became true."""
        with self._moved:
            self._moved.wait_for(lambda: condition() or self._ended, seconds)
            return bool(condition())

    def stop(self, seconds):
        """Sends SIGTERM; returns the exit code."""
        self._process.send_signal(signal.SIGTERM)
        return self.wait(seconds)

    def wait(self, seconds):
        """Waits until the program has ended; returns the exit code."""
        return self._process.wait(seconds)

    def kill(self):
        """Kills the program if it still runs."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def _read(self):
        # Reads to the end: a full pipe would block the program.
        for line in self._output:
            with self._moved:
                self.lines.append(line)
                self._moved.notify_all()
        with self._moved:
            self._ended = True
            self._moved.notify_all()


class Fixture:
    """A process with a directory of its own. A subclass sets `process`."""

    def __init__(self, prefix):
        self.dir = tempfile.mkdtemp(prefix=prefix)
        self.process = None

    @property
    def lines(self):
        return self.process.lines

    def stop(self):
        """Sends SIGTERM; returns the exit code. The output is read to its end."""
        try:
            return self.process.stop(STOP_SECONDS)
        finally:
            self.remove()

    def remove(self):
        """Kills the process and removes its directory."""
        if self.process:
            self.process.kill()
        shutil.rmtree(self.dir, ignore_errors=True)
