"""Stored sentences of health events, said in the words of a page."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from aggregator.polling.site_change import Evidence
from aggregator.polling.site_evidence import SENTENCES, evidence_text
from aggregator.publish.event_words import LABELS, message_said, title_said
from aggregator.render import Words
from aggregator.status.advice import REMEDIES
from aggregator.status.diagnose import HealthChange, SourceCondition, diagnose
from aggregator.store import HealthRow

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
CHINESE = Words.of("zh-CN")
URL = "https://blog.example/feed"


def changes(before: str = "ok", **condition: object) -> list[HealthChange]:
    fields: dict[str, Any] = {"id": "blog", "url": URL, "name": "A & B (is back)", "state": "ok"} | condition
    source = SourceCondition(**fields)
    row = HealthRow("blog", URL, before, NOON, heard_at=NOON - timedelta(40), quiet_at=NOON - timedelta(1))
    return diagnose(source, row, NOON)[0]


def said(one: HealthChange) -> tuple[str, str]:
    return title_said(one.title, CHINESE), message_said(one.message, CHINESE)


def test_every_event_is_said() -> None:
    name = "A & B (is back)"
    evidence = evidence_text([Evidence("title"), Evidence("links", 3, 4)])
    told = {
        one.kind: said(one)
        for one in (
            *changes(state="failing", failures=3, kind="status", message="the server answered 404"),
            *changes("broke"),
            *changes(url="https://new.example/feed", address="https://new.example/feed", state="failing"),
            *changes(state="gone"),
            *changes(held=12, held_at=NOON, state="failing"),
            *changes(site_changed_at=NOON, evidence=evidence, state="failing"),
        )
    }
    assert told == {
        "broke": (f"{name} 出现故障", "其地址上没有内容。（服务器返回 404。）"),
        "recovered": (f"{name} 已恢复", "已恢复正常响应。"),
        "silent": (f"{name} 已停止更新", "自 2026-10-20 起已 40 天没有新内容，比平时更久。"),
        "moved": (f"{name} 已迁移", "其地址现为 https://new.example/feed。"),
        "gone": (f"{name} 已关闭", "服务器表示它已永久关闭，今后不再访问。"),
        "held": (f"{name} 的文章已暂缓发布", "12 篇文章暂缓发布，待人放行：内容陈旧或没有日期，且与已知文章都不相同。"),
        "site": (
            f"{name} 似乎已变成另一个网站",
            "新文章暂缓发布，待有人确认可信：订阅源的标题完全不同；最近 4 篇新文章中有 3 篇链接到它从未链接过的网站。",
        ),
    }
    assert set(told) == set(LABELS)


@pytest.mark.parametrize("message", [one.means for one in REMEDIES])
def test_the_meaning_of_every_fault_is_said(message: str) -> None:
    assert not message_said(message, CHINESE).isascii()
    assert message_said(f"{message} (Its server answers 599.)", CHINESE).endswith("（服务器返回 599。）")


def test_every_evidence_is_said() -> None:
    for kind, count in product(SENTENCES, (3, 4)):
        assert not message_said(evidence_text([Evidence(kind, count, 5)]), CHINESE).isascii()


def test_a_sentence_that_is_none_of_ours_stays() -> None:
    for text in ("", "Its words were others once.", "{name}", "x entries are held"):
        assert (title_said(text, CHINESE), message_said(text, CHINESE)) == (text, text)


def test_english_stays_as_it_is_stored() -> None:
    for one in changes(held=1, held_at=NOON, state="gone"):
        assert (title_said(one.title, Words()), message_said(one.message, Words())) == (one.title, one.message)
