"""What people get wrong in YAML, and the line that would be right."""

from pathlib import Path

import pytest
import yaml

from aggregator.config import load_config
from aggregator.errors import ConfigError

SITE = "site: {title: P, url: https://p.example/, since: 2026-11-23}\n"

COLON = "a value with a colon and a blank needs quotes; quote it: "
MISTAKES = {
    "a colon in a title": ("site:\n  title: My blog: the best\n", 2, f'{COLON}title: "My blog: the best"'),
    "a colon behind quotes": ("site:\n  title: It's: \"so\"\n", 2, f'{COLON}title: "It\'s: \\"so"'),
    "a colon in an item": ("site:\n  - url: a: b\n", 2, f'{COLON}- url: "a: b"'),
    "a colon in a name": (
        f"{SITE}categories:\n  aliases:\n    C: The language: [c]\n",
        4,
        f'{COLON}"C: The language": [c]',
    ),
    "a colon in braces": (
        f"{SITE}sources:\n- {{url: https://x.example/a, title: Foo: bar}}\n",
        3,
        'a value with a colon needs quotes; quote it: title: "Foo: bar"',
    ),
    "a star": (f"{SITE}categories: {{drop: [*foo, b]}}\n", 2, 'begins with * needs quotes; quote it: "*foo"'),
    "an at": (f"{SITE}categories:\n  drop:\n  - @foo  # x\n", 4, 'begins with @ needs quotes; quote it: "@foo"'),
    "a percent sign": (f"{SITE}categories: {{drop: [%foo]}}\n", 2, 'begins with % needs quotes; quote it: "%foo"'),
    "a tab": (f"{SITE}feeds:\n\tlimit: 3\n", 3, "a tab; indent with spaces"),
    "too deep": (
        f"{SITE}feeds:\n  limit: 3\n    depth: 3\n",
        4,
        "indented more than the line above, whose value stands behind its colon already (above: `limit: 3`)",
    ),
    "an address without a key": (
        f"{SITE}sources:\n  - https://x.example/\n    id: x\n",
        4,
        "the line above is an address without a key; write `- url: https://x.example/` there",
    ),
    "no blank behind a colon": (
        "site:\n  title:P\n  url: https://p.example/\n",
        3,
        "the line above is no `key: value`, which has a colon and a blank; write `title: P`",
    ),
    "no blank in the last line": ("site:\n  title: P\n  since:2026-11-23\n", 3, "write `since: 2026-11-23`"),
    "an equals sign": ("site:\n  title = P\n  since: 2026-11-23\n", 3, "write `title: P`"),
    "a wide colon": ("site：\n  title: P\n", 2, "write `site:`"),
    "a no-break space": ("site:\n  title: P\n  url:\u00a0https://p.example/\n", 3, "write `url: https://p.example/`"),
    "not deep enough": (
        f"{SITE}sources:\n  - url: https://x.example/\n  id: x\n",
        4,
        "indented otherwise than the lines above",
    ),
    "a quote that never ends": (f"{SITE}output: 'feeds\n", 2, "the quote that begins here never ends"),
    "a bracket that never ends": (f"{SITE}sources: [\n  a\n", 4, "is missing (it opens in line 2)"),
}  # fmt: skip


def found(folder: Path, text: str) -> list[str]:
    (folder / "config.yaml").write_text(text)
    with pytest.raises(ConfigError) as refused:
        load_config(folder / "config.yaml", {})
    return list(refused.value.lines)


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_in_yaml_has_the_right_line(case: str, tmp_path: Path) -> None:
    text, line, message = MISTAKES[case]
    [said] = found(tmp_path, text)
    assert said.startswith(f"config.yaml:{line}: not YAML: ")
    assert message in said


@pytest.mark.parametrize(
    "text",
    [
        "sources:\n- url: x\n  auth: bearer hunter2: x\n",
        "server:\n  token: hunter2: x\n",
        "sources:\n- url: x\n  headers:\n    X-Key: hunter2: x\n",
        "sources:\n- {url: x, auth: bearer hunter2: x}\n",
        "sources:\n- url: x\n  headers:\n    X-Key: @hunter2\n",
        "server:\n  token: hunter2\n    port: 3\n",
        "server:\n  token:hunter2\n  port: 3\n",
        "server:\n  port: 3\n  token:hunter2\n",
    ],
)
def test_no_secret_is_repeated(text: str, tmp_path: Path) -> None:
    [said] = found(tmp_path, SITE + text)
    assert "not YAML" in said
    assert "hunter2" not in said


@pytest.mark.parametrize("blank", ["\u00a0", "\u3000", "\u200b"])
def test_a_key_with_a_character_that_looks_like_a_blank_says_so(blank: str, tmp_path: Path) -> None:
    said = found(tmp_path, f"{SITE}feeds:\n  {blank}limit: 3\n")
    assert [line.partition("unknown key")[2] for line in said] == [
        f"; it has the character U+{ord(blank):04X}, which looks like a blank or like nothing: write it anew"
    ]


SHAPES = {
    "a bare address": ("sources:\n  - https://x.example/feed\n", 3, "write `- url: https://x.example/feed`"),
    "an address for a list": ("sources: https://x.example/feed\n", 2, "must be a list; write `- url: https://x.example/f"),
    "a mapping for a list": ("sources:\n  url: https://x.example/f\n", 2, "must be a list; write `- url: https"),
    "a bare folder": ("posts: [notes]\n", 2, "write `- path: notes`"),
    "a folder for a list": ("posts: notes\n", 2, "must be a list; write `- path: notes`"),
    "a pattern for a list": ("categories:\n  aliases:\n    Python: python\n", 4, "must be a list; write `[python]`"),
    "categories in a line": ("sources:\n- {url: x, categories: 'A, B/C'}\n", 3, "must be a list; write `[A, B/C]`"),
    "a colon in a pattern": ("categories:\n  drop:\n  - py: 3\n", 4, 'write `"py: 3"`'),
    "a colon in an alias": ("categories:\n  aliases:\n    A:\n    - py: 3\n", 5, 'write `"py: 3"`'),
    "a key of another section": ("title: P\n", 2, "unknown key; did you mean `site.title`?"),
}  # fmt: skip


@pytest.mark.parametrize("case", SHAPES)
def test_a_value_of_another_shape_has_the_right_line(case: str, tmp_path: Path) -> None:
    text, line, message = SHAPES[case]
    said = found(tmp_path, SITE + text)
    assert any(one.startswith(f"config.yaml:{line}: ") and message in one for one in said), said
    if "; write `- " in said[0]:
        right = said[0].split("`")[-2]
        yaml.safe_load(right)
        (tmp_path / "config.yaml").write_text(f"{SITE}{text.split(':')[0]}:\n  {right}\n")
        load_config(tmp_path / "config.yaml", {})
