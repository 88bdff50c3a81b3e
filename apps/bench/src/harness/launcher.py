"""Starts programs one after another and reports what the operating system accounted for each.

Node can't ask for the resources of a child (RUSAGE_CHILDREN, wait4); this stays resident, so that
its own start is in no measurement. One JSON object per line on stdin:
{"command": [...], "cwd": "...", "env": {...}}; one per line on stdout:
{"code": 0, "wall": ms, "user": ms, "system": ms, "peak": MiB, "output": "..."}.
"""
import json
import os
import sys
import tempfile
import time


def run(request):
    with tempfile.TemporaryFile() as output, open(os.devnull, "rb") as nothing:
        actions = [
            (os.POSIX_SPAWN_DUP2, nothing.fileno(), 0),
            (os.POSIX_SPAWN_DUP2, output.fileno(), 1),
            (os.POSIX_SPAWN_DUP2, output.fileno(), 2),
        ]
        command = request["command"]
        os.chdir(request["cwd"])
        begin = time.perf_counter_ns()
        pid = os.posix_spawn(command[0], command, request["env"], file_actions=actions)
        _, status, usage = os.wait4(pid, 0)
        wall = time.perf_counter_ns() - begin
        output.seek(0)
        text = output.read(1 << 20).decode("utf-8", "replace")
    # ru_maxrss is in bytes on macOS and in KiB elsewhere.
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return {
        "code": os.waitstatus_to_exitcode(status),
        "wall": wall / 1e6,
        "user": usage.ru_utime * 1e3,
        "system": usage.ru_stime * 1e3,
        "peak": usage.ru_maxrss / unit,
        "output": text,
    }


for line in sys.stdin:
    try:
        answer = run(json.loads(line))
    except (OSError, ValueError, KeyError) as error:
        answer = {"error": str(error)}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
