"""X's own OpenAPI document as the judge of every exchange with the stand-in."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from connectors.sandbox.x import Exchange
from connectors.sandbox.x_routes import ROUTES
from tests.conftest import SHARED

PATH = SHARED / "data" / "x-openapi-2.159.json"
MISSING = f"X's OpenAPI document is not there ({PATH.name})"
_PROBLEM = "application/problem+json"
_HOST = "https://api.twitter.com"
_LONG_NUMBER = re.compile(r"[0-9]{6,}")
_faultless: set[object] = set()


@cache
def _document() -> Any:
    """The parts of the document that we use: loading all of it takes five seconds."""
    from openapi_core import Config, OpenAPI

    spec = json.loads(PATH.read_text("utf-8"))
    ours = {_shape(route.name) for route in ROUTES}
    spec["paths"] = {name: at for name, at in spec["paths"].items() if _shape(name) in ours}
    assert len(spec["paths"]) == len(ours), "the stand-in plays an end point that X has not"
    spec["servers"] = [{"url": _HOST}]
    # That X's document is one is not ours to prove, and takes two seconds.
    config = Config(spec_validator_cls=None, extra_media_type_deserializers={_PROBLEM: json.loads})
    return OpenAPI.from_dict(spec, config=config)


def _shape(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


def complaints(exchange: Exchange) -> Iterator[str]:
    """What X's document has against the request and the answer.

    An exchange of the same shape as one that was faultless is not looked at again.
    """
    shape = _shape_of(exchange)
    if shape in _faultless:
        return
    found = list(_judged(exchange))
    if not found:
        _faultless.add(shape)
    yield from found


def _shape_of(exchange: Exchange) -> object:
    """All that the document could tell apart: only which id, moment and words it is, it can't."""
    parts, answer = urlsplit(exchange.target), exchange.answer
    return (
        exchange.method,
        _digits_counted(parts.path),
        tuple((name, _digits_counted(value)) for name, value in sorted(parse_qsl(parts.query))),
        bool(exchange.authorization),
        _outline(json.loads(exchange.body or b"null")),
        answer.status,
        _outline(answer.body),
        tuple(answer.headers),
    )


def _outline(value: Any, name: str = "") -> object:
    if isinstance(value, dict):
        return frozenset((key, _outline(each, key)) for key, each in value.items())
    if isinstance(value, list):
        return len(value), frozenset(_outline(each, name) for each in value)
    if isinstance(value, str):
        return "words" if name == "text" else _digits_counted(value)
    return type(value), value


def _digits_counted(text: str) -> str:
    return _LONG_NUMBER.sub(lambda digits: f"<{len(digits[0])}>", text)


def _judged(exchange: Exchange) -> Iterator[str]:
    from openapi_core.exceptions import OpenAPIError
    from openapi_core.testing import MockRequest, MockResponse

    parts, answer = urlsplit(exchange.target), exchange.answer
    request = MockRequest(
        _HOST, exchange.method.lower(), parts.path, args=dict(parse_qsl(parts.query)),
        headers={"Authorization": exchange.authorization}, data=exchange.body,
    )  # fmt: skip
    kind = "application/json" if answer.status < 400 else _PROBLEM
    body = json.dumps(_without_repetitions(answer.body)).encode()
    response = MockResponse(body, answer.status, dict(answer.headers), kind)
    for validate, given in (
        (_document().validate_request, (request,)),
        (_document().validate_response, (request, response)),
    ):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # it knows no OAuth 1.0a
                validate(*given)
        except OpenAPIError as error:
            said = f"{exchange.method} {exchange.target} {answer.status}"
            yield f"{said}: {error!r} {error.__cause__}"


def _without_repetitions(body: Any) -> Any:
    """Of rows with the same fields one is enough: a page of a hundred takes half a second."""
    if not isinstance(body, dict) or not isinstance(body.get("data"), list):
        return body
    return body | {"data": list({tuple(row): row for row in body["data"]}.values())}
