"""The API: who may start a run or a poll, and the answers to everybody else."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from starlette.types import Receive, Scope, Send

from aggregator.errors import StateError
from aggregator.web import api_routes, application
from tests.support.serving import Client, served

BEARER = {"Authorization": "Bearer s3cret"}


@dataclass
class Engine:
    done: list[str] = field(default_factory=list)
    broken: bool = False

    def knows(self, source_id: str) -> bool:
        return source_id in {"blog", "paused"}

    def refusal(self, source_id: str) -> str:
        if self.broken:
            raise StateError("no")
        return "this source is paused" if source_id == "paused" else ""

    def run(self) -> None:
        self.done.append("run")

    def poll(self, source_id: str) -> None:
        self.done.append(source_id)


async def tree(scope: Scope, receive: Receive, send: Send) -> None:
    raise AssertionError("this is no file")


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def port(engine: Engine) -> Iterator[int]:
    with served(application(tree, trouble=str, routes=api_routes("s3cret", engine))) as port:
        yield port


def test_the_token_allows_run_and_poll(port: int, engine: Engine) -> None:
    for path, said, done in (
        ("/api/run", {"taken": "run"}, "run"),
        ("/api/sources/blog/poll", {"taken": "poll", "source": "blog"}, "blog"),
    ):
        with Client(port) as client:
            reply = client.ask(path, "POST", **BEARER)
        assert (reply.status, json.loads(reply.body)) == (202, said)
        assert reply.headers["content-type"] == "application/json"
        assert reply.headers["cache-control"] == "no-store"
        assert engine.done.pop() == done


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Bearer wrong", "Bearer s3cre", "Basic s3cret", "s3cret", "Bearer s3cret\u00e9"],
)
def test_other_tokens_are_refused(port: int, engine: Engine, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    for path in ("/api/run", "/api/sources/blog/poll", "/api/sources/unknown/poll"):
        with Client(port) as client:
            reply = client.ask(path, "POST", **headers)
        assert (reply.status, reply.headers["www-authenticate"]) == (401, "Bearer")
    assert engine.done == []


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/api/sources/unknown/poll", "POST", 404),
        ("/api/sources/paused/poll", "POST", 409),
        ("/api/sources/", "POST", 404),
        ("/api/run", "GET", 405),
        ("/api/run", "PUT", 405),
        ("/api/sources/blog/poll", "DELETE", 405),
    ],
)
def test_impossible_requests_are_refused(port: int, engine: Engine, path: str, method: str, status: int) -> None:
    with Client(port) as client:
        reply = client.ask(path, method, **BEARER)
    assert reply.status == status
    assert reply.headers.get("allow") == ("POST" if status == 405 else None)
    assert engine.done == []


def test_a_body_is_not_read(port: int, engine: Engine) -> None:
    with Client(port) as client:
        client.send("/api/run", "POST", b"{" * 1000, Content_Length="1000000000", **BEARER)
        assert client.reply("POST").status == 202
        assert client.is_closed()
    assert engine.done == ["run"]


def test_an_unreadable_state_gets_503(port: int, engine: Engine) -> None:
    engine.broken = True
    with Client(port) as client:
        assert client.ask("/api/sources/blog/poll", "POST", **BEARER).status == 503


def test_without_a_token_404_and_without_an_engine_503() -> None:
    with served(application(tree, trouble=str, routes=api_routes(""))) as port:
        for method in ("POST", "GET"):
            with Client(port) as client:
                assert client.ask("/api/run", method, Authorization="Bearer ").status == 404
    with served(application(tree, trouble=str, routes=api_routes("s3cret"))) as port:
        with Client(port) as client:
            assert client.ask("/api/run", "POST").status == 401
        with Client(port) as client:
            reply = client.ask("/api/run", "POST", **BEARER)
            assert (reply.status, b"aggregator daemon" in reply.body) == (503, True)
