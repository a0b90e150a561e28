"""Peak resident memory of `final` with offline augmentation, on the command line."""

import os
import resource
import subprocess
import sys
import tempfile


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        from core.data import cifar10

        command = [sys.executable, "-m", "tui", "train", "--preset", "final", "--json"]
        command += ["--set", "max_updates=400"]
        if (found := cifar10.find(None)) is not None:
            command += ["--data", str(found)]
        environment = {**os.environ, "CONVSOLE_HOME": home}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"memory: peak {peak:,.0f} MB resident, final with augmentation, without a screen")


if __name__ == "__main__":
    main()
