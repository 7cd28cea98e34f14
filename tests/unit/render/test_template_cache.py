import sys
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment, Template

from aggregator.render.template_cache import TemplateCache

TEXT = "Hello {{ name }}"


@pytest.fixture(autouse=True)
def written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The templates that are compiled."""
    found: list[str] = []
    compile_ = Environment.compile

    def counted(self: Environment, *words: object, **more: object) -> object:
        found.append(str(words[0]))
        return compile_(self, *words, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(Environment, "compile", counted)
    return found


def hello(folder: Path, text: str = TEXT) -> Template:
    """As a process of its own gets it."""
    return Environment(loader=DictLoader({"hello": text}), bytecode_cache=TemplateCache(folder)).get_template("hello")


def test_the_next_process_compiles_nothing(tmp_path: Path, compiled: list[str]) -> None:
    for _ in range(2):
        assert hello(tmp_path / "cache").render(name="Ann") == "Hello Ann"
    assert compiled == [TEXT]


def test_one_that_changed_is_compiled(tmp_path: Path, compiled: list[str]) -> None:
    hello(tmp_path)
    assert hello(tmp_path, "Bye {{ name }}").render(name="Ann") == "Bye Ann"
    assert hello(tmp_path, "Bye {{ name }}").render(name="Bo") == "Bye Bo"
    assert compiled == [TEXT, "Bye {{ name }}"]
    assert len([*tmp_path.iterdir()]) == 1


@pytest.mark.parametrize("at", [0, 4, 12, 20, 30, 60, 100])
@pytest.mark.parametrize("damage", [b"", b"\xff" * 9, b"(c", b"cos\nnowhere\n"])
def test_a_damaged_file_is_replaced(tmp_path: Path, compiled: list[str], at: int, damage: bytes) -> None:
    hello(tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:at] + damage)
    for _ in range(2):
        assert hello(tmp_path).render(name="Ann") == "Hello Ann"
    assert compiled == [TEXT, TEXT]


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path: Path, compiled: list[str]) -> None:
    (tmp_path / "file").write_text("")
    for _ in range(2):
        assert hello(tmp_path / "file" / "cache").render(name="Ann") == "Hello Ann"
    assert compiled == [TEXT, TEXT]


def test_nothing_is_written_where_python_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    hello(tmp_path)
    assert [*tmp_path.iterdir()] == []
