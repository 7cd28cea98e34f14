"""Where the bytes of a published tree are: by part of the tree and format."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from aggregator.render import FILES

FORMATS = {file: name for name, file in FILES.items()}
BLOCK = 4096  # bytes: what a file takes on most disks is a multiple


@dataclass(frozen=True)
class Weight:
    """By part of the tree (newest: feeds and their pages; archive; entries: pages of posts; other) and format."""

    files: Counter[tuple[str, str]] = field(default_factory=Counter)
    sizes: Counter[tuple[str, str]] = field(default_factory=Counter)
    blocks: int = 0

    @property
    def size(self) -> int:
        return self.sizes.total()

    def lines(self, content: int) -> Iterator[str]:
        """`content`: bytes of what the tree was made of."""
        yield f"{'part':<10}{'format':<8}{'files':>8}{'bytes':>15}{'× content':>11}"
        for part, form in sorted(self.sizes):
            size = self.sizes[part, form]
            yield f"{part:<10}{form:<8}{self.files[part, form]:>8,}{size:>15,}{size / content:>11.2f}"
        total = f"{self.size:>15,}{self.size / content:>11.2f}"
        yield f"{'together':<18}{self.files.total():>8,}{total}   ({self.blocks / content:.2f} in blocks)"


def weigh(tree: Path) -> Weight:
    files, sizes, blocks = Counter[tuple[str, str]](), Counter[tuple[str, str]](), 0
    for file in tree.rglob("*"):
        if file.is_file():
            size, key = file.stat().st_size, _part(PurePosixPath(file.relative_to(tree)))
            files[key] += 1
            sizes[key] += size
            blocks += -(-size // BLOCK) * BLOCK
    return Weight(files, sizes, blocks)


def _part(path: PurePosixPath) -> tuple[str, str]:
    if path.parts[0] == "entries":
        return "entries", "html"
    if len(path.parts) == 1 or path.parts[0] in {"static", "health"} or path.name not in FORMATS:
        return "other", ""
    return "archive" if "archive" in path.parts else "newest", FORMATS[path.name]
