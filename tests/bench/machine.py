"""The machine that a bench runs on, in a line: its figures mean little without it."""
import os
import statistics
import tempfile
import time


def fdatasync_times(count=200):
    """Milliseconds that 4 KB append and fdatasync take: the floor under everything durable."""
    times = []
    with tempfile.TemporaryFile() as file:
        for _ in range(count):
            os.write(file.fileno(), b"x" * 4096)
            begin = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - begin) * 1000)
    return times


def machine():
    times = sorted(fdatasync_times())
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    return (f"{os.cpu_count()} cores, load {load}, fdatasync p50 {statistics.median(times):.2f} ms, "
            f"p95 {times[len(times) * 95 // 100]:.2f} ms")
