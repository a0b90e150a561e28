"""A program that has workers at work until it is killed."""

import psutil

from core.cluster.connection import open_cluster
from tests.cluster import calls


def main() -> None:
    with open_cluster(workers=2) as cluster:
        for key in ("one", "two"):
            cluster.submit(calls.sleep, 600, key=key)
        cluster.wait(0)
        print(*(child.pid for child in psutil.Process().children(recursive=True)), flush=True)
        while True:
            cluster.wait(1)


if __name__ == "__main__":
    main()
