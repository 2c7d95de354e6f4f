"""The README's recording: a player shows it, and leaves the viewer's terminal as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import pytest
from pyte import Screen, Stream

from tests.queue_tui.pictures import FOLDER
from tests.queue_tui.recording import SIZE

_SCENES = ("r reply", "claimed #", "Answer to", "In the reply box", "[leads]", "board  Acme")
_MODES = re.compile(r"\x1b\[\?(\d+)([hl])")
_USUAL = {"7": "h", "25": "h", "1049": "l", "2026": "l"}


class Cast(NamedTuple):
    """An asciicast v2: its header, and when what was written."""

    head: dict[str, object]
    frames: list[tuple[float, str]]


@pytest.fixture(scope="module")
def cast() -> Cast:
    head, *events = map(json.loads, (FOLDER / "replyby.cast").read_text("utf-8").splitlines())
    assert {kind for _, kind, _ in events} == {"o"}
    return Cast(head, [(at, text) for at, _, text in events])


def written(cast: Cast) -> str:
    return "".join(text for _, text in cast.frames)


def shown(cast: Cast) -> Iterator[str]:
    """The screen after each frame."""
    screen = Screen(*SIZE)
    stream = Stream(screen)
    for _, text in cast.frames:
        stream.feed(text)
        yield "\n".join(screen.display)


def test_it_is_of_its_size_and_its_times_rise(cast: Cast) -> None:
    assert (cast.head["version"], cast.head["width"], cast.head["height"]) == (2, *SIZE)
    assert all(before < after for (before, _), (after, _) in pairwise(cast.frames))


def test_its_scenes_follow_one_another_and_nothing_but_text_is_seen(cast: Cast) -> None:
    scenes = iter(shown(cast))
    for words in _SCENES:
        scene = next((scene for scene in scenes if words in scene), "")
        assert scene, f"no {words} after the scene before it"
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\ufffd]", scene)


def test_the_viewers_terminal_is_asked_nothing_and_left_as_it_was(cast: Cast) -> None:
    assert dict(_MODES.findall(written(cast))) == _USUAL
    assert not re.search(r"\x1b\[(?:[<>]\d*u|\?\d+\$p|\d*[cn])", written(cast))


def test_it_tells_nothing_of_the_machine_that_made_it(cast: Cast) -> None:
    assert not re.search(r"(?<![\w:/])/(?:tmp|home|root|work|Users|var)\b", written(cast))
