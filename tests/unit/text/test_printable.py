"""No command writes foreign control characters to stdout or stderr, neither as text nor as JSON."""

import ast
import json
import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from typer.main import get_command

import aggregator as aggregator_package
from aggregator.cli.app import app
from aggregator.config.review_file import Proposal, ProposedTerm, proposals_yaml, read_proposals
from aggregator.daemon.log import Log, formatter
from aggregator.events import Pull
from aggregator.text.printable import escaped_in_json, escaped_in_xml, visible
from tests.commands.test_cli import Done, aggregator
from tests.support.planet import NOON, Planet, Upstream

OBEYED = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufff9-\ufffb\ud800-\udfff]"
)
# A title for the window, a color, a screen cleared by one character, words turned round, and a line of its own.
EVIL = "\x1b]0;own\x07\x1b[31mred\x9b2J\u202etxet\u2066 \u200fx\x7f\x85y\u2028z\nFORGED: all is well"
IN_CONFIGS = "\u202etxet\u2066 \u200fx"  # which refuses what no feed can carry
IN_FEEDS = EVIL + "\x00\x08\r\nFORGED: again"

texts = st.text(st.characters() | st.sampled_from(EVIL), max_size=40)


@given(texts)
def test_every_control_character_becomes_visible(text: str) -> None:
    seen = visible(text)
    assert not OBEYED.search(seen)
    assert "\n" not in seen
    assert len(seen) == len(text)
    assert visible(seen) == seen
    assert not OBEYED.search(visible(text, lines=True).replace("\t", ""))
    assert visible(text, lines=True).count("\n") == text.count("\n")
    assert [one for one in text if one.isprintable()] == [
        a for a, b in zip(text, seen, strict=True) if a == b and a.isprintable()
    ]


@pytest.mark.parametrize(
    "text", ["words", "趣头条 — “x”", "👩‍👩‍👧", "می‌خواهم", "🏴\U000e0067\U000e0062\U000e007f", "a\u00adb", ""]
)
def test_harmless_text_is_unchanged(text: str) -> None:
    assert visible(text) == text
    assert escaped_in_json(text) == escaped_in_xml(text) == text


@given(st.recursive(texts, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)))
def test_escaped_json_has_the_same_value(value: Any) -> None:
    document = escaped_in_json(json.dumps(value, ensure_ascii=False))
    assert not OBEYED.search(document)
    assert json.loads(document) == value


@given(texts.map(lambda text: re.sub("[\x00-\x1f\ud800-\udfff\ufffe\uffff]", "", text)))
def test_escaped_xml_has_the_same_text(text: str) -> None:
    root = etree.Element("a", {"b": text})
    root.text = text
    document = escaped_in_xml(etree.tostring(root, encoding="unicode"))
    assert not OBEYED.search(document)
    again = etree.fromstring(document)
    assert (again.text or "", again.get("b")) == (text, text)


@given(
    st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff")
        # no term holds those two
        | st.sampled_from("\x1b\x9b\u202e\x85 #:'\"{}"),
        min_size=1,
        max_size=30,
    )
)
def test_a_review_file_has_the_same_terms(name: str) -> None:
    terms = (ProposedTerm(name), ProposedTerm("x"))
    proposal = Proposal(name, terms, evidence=(name,), examples=(name,))
    document = proposals_yaml([proposal], name)
    assert not OBEYED.search(document)
    assert yaml.safe_load(document)["proposals"][0]["target"] == name


# every command


def evil_post(planet: Planet, name: bytes, text: str) -> None:
    planet.post(os.fsdecode(name), text)


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory, runner: Any, pool: Any) -> Iterator[Planet]:
    planet, upstream = Planet(tmp_path_factory.mktemp("evil"), runner, pool), Upstream()
    try:
        fill(planet, upstream)
        yield planet
    finally:
        upstream.close()


def fill(planet: Planet, upstream: Upstream) -> None:
    """Everything that others may name has control characters: files, feeds, entries, terms, people, addresses, ids."""
    said, short = json.dumps(EVIL), EVIL[20:]  # XML has no ESC
    for n, name in enumerate((EVIL.encode() + b".md", b"\xff\xfe.md", EVIL.encode() + b"2.md")):
        evil_post(planet, name, f"---\ntitle: {said}\ndate: 2026-11-0{n + 1}\ntags: [{said}]\n---\nx\n")
    broken = EVIL.replace("\n", " ")
    evil_post(planet, EVIL.encode() + b"3.md", f"---\ntitle: [broken\ndate: {broken}\n---\nx\n")
    evil_post(planet, EVIL.encode() + b"4.md", f"---\ntitle: x\ndate: {said}\n{said}: 1\n---\nx\n")
    items = [
        {
            "id": f"{IN_FEEDS}{n}",
            "url": f"https://x.example/{n}",
            "title": f"{IN_FEEDS}{n}",
            "content_text": f"{IN_FEEDS} {n} words",
            "tags": [IN_FEEDS, f"{IN_FEEDS} Python", "Pythons"],
            "authors": [{"name": IN_FEEDS}],
        }
        for n in range(9)
    ]
    head = {"version": "https://jsonfeed.org/version/1.1", "title": IN_FEEDS, "home_page_url": "https://x.example/"}
    good = upstream.serve(
        "/feed", json.dumps(head | {"items": items}), headers={"Content-Type": "application/feed+json"}
    )
    bad = upstream.serve("/bad", f"<rss>{EVIL}", headers={"Content-Type": "text/\x9b31m"})
    page = f'<title>{EVIL}</title><link rel=alternate type="application/rss+xml" title="{EVIL}" href="/a{EVIL}">'
    html = {"Content-Type": "text/html; charset=utf-8"}
    PAGE[:] = [upstream.serve("/page", page + page.replace("/a", "/b"), headers=html)]
    outline = f'<outline text="{short}" xmlUrl="{short}"/>'
    planet.config["posts"] = [{"path": "posts"}]
    planet.config["site"]["title"] = IN_CONFIGS
    planet.config["sources"] = [
        {"id": "good", "url": good},
        {"id": "bad", "url": bad},
        {"id": "list", "opml": upstream.serve("/list", f"<opml><body>{outline}</body></opml>")},
        {"id": "named", "url": "https://a.invalid/", "title": IN_CONFIGS},
    ]
    guests = [one | {"id": f"g{one['id']}", "url": f"https://g.example/{n}"} for n, one in enumerate(items[:3])]
    for n, one in enumerate(guests):
        guests[n] = one | {"title": f"{IN_FEEDS} guest {n}", "content_text": f"{IN_FEEDS} what guest {n} says"}
    waiting = upstream.serve(
        "/guests", json.dumps(head | {"items": guests}), headers={"Content-Type": "application/feed+json"}
    )
    planet.config["sources"].append({"id": "guests", "url": waiting, "approve": True})
    planet.config["feeds"] = {"min_entries": 1}
    planet.config["categories"] = {"aliases": {"Target": [IN_CONFIGS]}}
    planet.run(NOON)
    (planet.root / "subscriptions.opml").write_text(
        f'<opml><body><outline text="{short}"><outline text="{short}" xmlUrl="javascript:{short}"/>'
        f'<outline title="{short}" xmlUrl="https://b.example/feed"/></outline></body></opml>'
    )
    (planet.root / "planet.ini").write_text(
        f"[Planet]\nname = {short}\nlink = {short}\n[https://b.example/{short}]\n{short} = {short}\nname = {short}\n"
        f"filter = ({short}\nfilters = {short}\n[{short}]\nname = {short}\n{short}\n"
    )
    (planet.root / "urls").write_text(f'https://b.example/f "~{short}" "{short}"\nexec:{short}\nhttps://{short}\n')
    odd = [{"feed_url": "https://b.example/j", "title": EVIL, EVIL: EVIL, "keep_filter_entry_rules": EVIL}, {EVIL: 1}]
    (planet.root / "feeds.json").write_text(json.dumps([*odd, {"feed_url": EVIL, "category": {"title": EVIL}}]))
    wrong = f"site: {{title: {said}, url: x}}\n{said}: {{}}\nsources: [{said}]\n"
    (planet.root / "wrong.yaml").write_text(wrong)
    review = f"proposals:\n- target: {said}\n  accept: {said}\n  {said}: 1\n  terms: [{said}]\n"
    (planet.root / "review.yaml").write_text(review)


PAGE: list[str] = []

# Words for each command; PAGE stands for the address of a page that names two feeds.
EVERY: dict[str, list[list[str]]] = {
    "init": [["init", EVIL.replace("\x00", "")], ["init", "--from", EVIL], ["init", "new", "--from", "planet.ini"]],
    "check": [["check"], ["check", "--online"], ["-c", "wrong.yaml", "check"], ["-c", EVIL, "check"]],
    "run": [["run", "--force"], ["-v", "run"], ["run", "--dry-run"], ["run", "--source", EVIL], ["run", EVIL]],
    "regenerate": [["regenerate"], ["regenerate", EVIL], ["-v", "regenerate", "--dry-run"]],
    "worker": [["worker"], ["worker", "--roles", EVIL.replace("\x00", "")]],
    "status": [["status"], ["-c", "wrong.yaml", "status"]],
    "explain": [["explain", word] for word in ("words", "red", EVIL, "posts", "#1", "#5")] + [["explain", "-v", "#1"]],
    "plan": [["plan"], ["-v", "plan", "--config", "wrong.yaml"]],
    "categories": [["categories"], ["categories", "--unmapped"]],
    "categories review": [["categories", "review"], ["categories", "review", "--write", "posts"]],
    "categories apply": [["categories", "apply", "review.yaml"], ["categories", "apply", EVIL.replace("\x00", "")]],
    "feed list": [["feed", "list"]],
    "feed redirects": [["feed", "redirects"], ["feed", "redirects", "--for", "nginx"]],
    "feed forget": [["feed", "forget", *more] for more in ([EVIL], ["--empty"], ["--unnamed", "--dry-run"])],
    "entry split": [["entry", "split", "#1", EVIL]],
    "entry join": [["entry", "join", "#1", EVIL], ["entry", "join", "#8", "#9"]],
    "entry hold": [["entry", "hold", "#2"]],
    "entry release": [["entry", "release", "#2"], ["entry", "release", "--source", EVIL]],
    "entry approve": [["entry", "approve"], ["entry", "approve", "guest 1"], ["entry", "approve", "--source", EVIL]],
    "entry remove": [["entry", "remove", "#3", "--now"], ["entry", "remove", "red"]],
    "entry restore": [["entry", "restore", "#3"]],
    "source add": [["source", "add", "PAGE"], ["source", "add", EVIL], ["source", "add", "--id", EVIL, "https://b.example/"]],
    "source list": [["source", "list"]],
    "source remove": [["source", "remove", EVIL]],
    "source pause": [["source", "pause", EVIL], ["source", "pause", "named"]],
    "source resume": [["source", "resume", EVIL]],
    "source trust": [["source", "trust", EVIL], ["source", "trust", "named"]],
    "source rename": [["source", "rename", "named", EVIL]],
    "source move": [["source", "move", "named", EVIL]],
    "import": [["import", file, "--dry-run"] for file in ("subscriptions.opml", "planet.ini", "urls", "feeds.json")]
    + [["import", EVIL.replace("\x00", "")]],
    "export": [["export"], ["export", EVIL[:20] + "/x"]],
    "db upgrade": [["db", "upgrade"]],
    "db check": [["db", "check"]],
    "db backup": [["db", "backup", EVIL.replace("\x00", "")]],
    "db copy": [["db", "copy", EVIL.replace("\x00", ""), "copy.db"], ["db", "copy", ".aggregator/state.db", "copy.db"]],
    "db recover": [["db", "recover"]],
    "db clock": [["db", "clock"]],
    "db prune": [["db", "prune", "--dry-run"], ["db", "prune"], ["db", "prune", "--formats"]],
    "doctor": [["doctor"], ["doctor", "--offline"], ["-c", "wrong.yaml", "doctor"], ["-c", EVIL, "doctor"]],
    "help": [["help"], ["help", EVIL.replace("\x00", "")], ["help", "source", "add"]],
    "version": [["version"]],
}  # fmt: skip
STAY = {"daemon", "serve"}  # what they write is made by the log, see below


def leaves(command: Any, name: str = "") -> Iterator[str]:
    inner = getattr(command, "commands", {})
    if not inner or getattr(command, "invoke_without_command", False):
        yield name
    for word, one in inner.items():
        yield from leaves(one, f"{name} {word}".strip())


def test_every_command_is_tested() -> None:
    assert set(leaves(get_command(app))) - {""} == EVERY.keys() | STAY


def shows_nothing_that_is_obeyed(done: Done) -> None:
    for stream in (done.stdout, done.stderr):
        assert not (found := OBEYED.search(stream)), (found, stream[max(0, found.start() - 80) :][:160])
        assert not re.search("^FORGED", stream, re.MULTILINE), stream
        assert "Traceback" not in stream
        stream.encode()


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("command", EVERY)
def test_no_command_writes_control_characters(evil: Planet, command: str) -> None:
    for words in EVERY[command]:
        for more in ([], ["--json"]):
            said = [PAGE[0] if word == "PAGE" else word for word in words]
            done = aggregator(evil.root, *said, *more)
            shows_nothing_that_is_obeyed(done)
            if more and done.stdout and "No such option" not in done.stderr:
                json.loads(done.stdout)


def test_a_file_name_stays_recognizable(evil: Planet) -> None:
    """As text by a picture of each character, in JSON exactly."""
    said = aggregator(evil.root, "check").stdout
    assert "posts/␛]0;own␇␛[31mred�2J�txet� �x␡�y�z␊FORGED: all is well3.md" in said
    files = {one["file"] for one in json.loads(aggregator(evil.root, "check", "--json").stdout)["problems"]}
    assert f"posts/{EVIL}3.md" in files


@pytest.mark.parametrize("format", ["console", "json"])
@pytest.mark.parametrize("colors", [False, True])
def test_no_log_line_has_control_characters(format: Any, colors: bool) -> None:  # noqa: A002 - the option's word
    lines: list[str] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    log = Log({})
    handler = Handler()
    handler.setFormatter(formatter(log, format, verbose=True, colors=colors))
    for name in ("aggregator", "uvicorn.access", "uvicorn.error"):
        logging.getLogger(name).addHandler(handler)
        logging.getLogger(name).setLevel(logging.DEBUG)
    try:
        log.info(EVIL)
        log.log_job_failure(EVIL, ValueError(EVIL), NOON - NOON)
        log.pulled(Pull(EVIL, "failed", 200, EVIL, 0.0, 0, NOON, EVIL))
        logging.getLogger("uvicorn.access").info('%s - "%s %s HTTP/%s" %d', EVIL, EVIL, EVIL, "1.1", 200)
        logging.getLogger("uvicorn.error").error("%s", EVIL, exc_info=ValueError(EVIL))
    finally:
        for name in ("aggregator", "uvicorn.access", "uvicorn.error"):
            logging.getLogger(name).removeHandler(handler)
            logging.getLogger(name).setLevel(logging.NOTSET)
    assert len(lines) >= 5
    for line in lines:
        bare = re.sub(r"\x1b\[[0-9;]*m", "", line) if colors and format == "console" else line
        assert not OBEYED.search(bare), line
        assert "\x1b[31mred" not in line
        if format == "json":
            json.loads(line)
        elif "Traceback" not in line and "ValueError" not in line:
            assert "\n" not in line


def test_a_review_file_is_read_back(tmp_path: Path) -> None:
    """Reading a review file reverses its escapes."""
    file = tmp_path / "review.yaml"
    file.write_text(proposals_yaml([Proposal(EVIL, (ProposedTerm(EVIL),), "yes")], "x"))
    [proposal], _ = read_proposals(file)
    assert (proposal.target, proposal.terms[0].term) == (EVIL, EVIL)


# Direct writes, not by `say`, `show_line`, `show_json` or a console of ours: not foreign text, or escaped at once.
WRITES = {
    "app.py": ["'interrupted; finished work is stored, and the next run continues\\n'"],
    "categories.py": ["proposals_yaml(proposals, 'FILE')"],
    "completion.py": ["get_completion_script(prog_name='aggregator', complete_var=VARIABLE, shell=shell) + '\\n'"],
    "subscriptions.py": ["escaped_in_xml(done.opml)"],
}


def test_all_direct_writes_to_the_terminal_are_listed() -> None:
    found: dict[str, list[str]] = {}
    for file in sorted(Path(aggregator_package.__file__).parent.joinpath("cli").glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            assert name not in {"Console", "print"}, f"{file.name}: {name}"
            if isinstance(node, ast.Call) and name.startswith(("sys.stdout.write", "sys.stderr.write")):
                found.setdefault(file.name, []).append(ast.unparse(node.args[0]))
    del found["output.py"]
    assert found == WRITES
