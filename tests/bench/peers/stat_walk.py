"""Every file below FOLDER is looked at with os.scandir and stat, as bare as it can be."""

import os
import sys
from collections.abc import Iterator

from tests.bench.measure import print_spent


def walk(folder: str) -> Iterator[os.stat_result]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from walk(entry.path)
            else:
                yield entry.stat()


if __name__ == "__main__":
    print_spent(lambda: sum(one.st_size for one in walk(sys.argv[1])))
