"""Runs Python programs as `python FILE` does, in processes that are forked from one that has imported an SDK: importing
it takes longer than most programs.

As a program: `sdk_process.py MODULE` imports the module, and runs a program for each line of its input, which is JSON
with `file`, `folder` and `settings`. It answers each with a line of JSON, which has `code`, `stdout` and `stderr`.
"""

import json
import os
import runpy
import subprocess
import sys
import tempfile
import traceback

sys.dont_write_bytecode = True


class SdkProcess:
    """A process that has imported a module."""

    def __init__(self, module):
        self._process = subprocess.Popen(
            [sys.executable, os.path.abspath(__file__), module],
            env={"PATH": os.environ["PATH"], "PYTHONIOENCODING": "utf-8", "LC_ALL": "C.UTF-8"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def run(self, file, folder, settings):
        """Runs a program with only these variables; returns its exit code, output and error output."""
        self._process.stdin.write(json.dumps({"file": file, "folder": folder, "settings": settings}) + "\n")
        self._process.stdin.flush()
        done = json.loads(self._process.stdout.readline())
        return done["code"], done["stdout"], done["stderr"]

    def close(self):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def main(module):
    __import__(module)
    for line in sys.stdin:
        program = json.loads(line)
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            child = os.fork()
            if child == 0:
                os.dup2(output.fileno(), 1)
                os.dup2(errors.fileno(), 2)
                os._exit(execute(**program))
            _, status = os.waitpid(child, 0)
            texts = [read(file) for file in (output, errors)]
        code = os.waitstatus_to_exitcode(status)
        print(json.dumps({"code": code, "stdout": texts[0], "stderr": texts[1]}), flush=True)


def execute(file, folder, settings):
    """Runs a file as the program of this process; returns the exit code."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(settings)
    sys.argv = [file]
    sys.path[0] = os.path.dirname(file)
    try:
        runpy.run_path(file, run_name="__main__")
        return 0
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def read(file):
    file.seek(0)
    return file.read().decode()


if __name__ == "__main__":
    main(sys.argv[1])
