"""The sandbox's posts, users and messages as the JSON of the X API v2, in either spelling."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from html import escape
from typing import Any

from connectors.sandbox.x_world import SHORT_CHARS, DirectMessage, Media, Post, User, World

Json = dict[str, Any]

# How OpenAPI 2.167 calls what was called otherwise before.
_RENAMED = {
    "edit_history_tweet_ids": "edit_history_post_ids",
    "referenced_tweets": "referenced_posts",
    "note_tweet": "note_post",
}


def moment(at: datetime) -> str:
    """As X writes it: UTC with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def user_json(user: User) -> Json:
    """The fields that X gives unasked."""
    return {"id": user.id, "name": user.name, "username": user.handle}


def post_json(post: Post, fields: Collection[str], world: World, *, renamed: bool = False) -> Json:
    """The fields that X gives unasked, and those that were asked for."""
    unasked = {"id", "text", "edit_history_tweet_ids"}
    wanted = unasked | {_OLD.get(name, name) for name in fields}
    found = {name: value for name, value in _fields(post, world).items() if name in wanted}
    if not renamed:
        return found
    return {_RENAMED.get(name, name): value for name, value in found.items()}


def media_json(media: Media, fields: Collection[str]) -> Json:
    """What X gives unasked, and those that were asked for: only photos have their own address."""
    address = "url" if media.type == "photo" else "preview_image_url"
    whole = {
        "media_key": media.key, "type": media.type, address: media.url, "alt_text": media.alt_text,
    }  # fmt: skip
    return {n: v for n, v in whole.items() if v and n in {"media_key", "type", *fields}}


def _attachments(media: Collection[Media]) -> Json | None:
    return {"media_keys": [each.key for each in media]} if media else None


def message_json(message: DirectMessage, fields: Collection[str]) -> Json:
    """The fields that X gives unasked, and those that were asked for."""
    whole: Json = {
        "id": message.id,
        "event_type": "MessageCreate",
        "text": escape(message.text, quote=False),
        "created_at": moment(message.at),
        "sender_id": message.sender.id,
        "dm_conversation_id": message.conversation,
    }
    whole["attachments"] = _attachments(message.media)
    wanted = {"id", "event_type", "text", *fields}
    return {name: value for name, value in whole.items() if name in wanted and value is not None}


_OLD = {new: old for old, new in _RENAMED.items()}


def _fields(post: Post, world: World) -> Json:
    """All that there is to say of a post; what is empty is left out, as X does."""
    long = len(post.text) > SHORT_CHARS
    shown = f"{post.text[: SHORT_CHARS - 1]}…" if long else post.text
    whole: Mapping[str, Any] = {
        "id": post.id,
        "text": escape(shown, quote=False),
        "edit_history_tweet_ids": list(post.versions),
        "author_id": post.author.id,
        "created_at": moment(post.at),
        "conversation_id": post.conversation,
        "in_reply_to_user_id": post.answers.author.id if post.answers else None,
        "referenced_tweets": _references(post),
        "entities": _entities(post, shown, world),
        "attachments": _attachments(post.media),
        "note_tweet": {"text": escape(post.text, quote=False)} if long else None,
    }
    return {name: value for name, value in whole.items() if value}


def _references(post: Post) -> list[Json]:
    found = {"quoted": post.quotes, "replied_to": post.answers}
    return [{"type": kind, "id": other.id} for kind, other in found.items() if other]


def _entities(post: Post, shown: str, world: World) -> Json:
    mentions = [
        {"start": start, "end": start + len(handle) + 1, "username": user.handle, "id": user.id}
        for handle in dict.fromkeys(post.handles)
        if (user := world.by_handle(handle))
        and (start := max(shown.lower().find(f"@{handle}"), 0)) >= 0
    ]
    urls = [
        {"start": start, "end": start + len(link), "url": link, "expanded_url": link}
        for link in post.links
        if (start := shown.find(link)) >= 0
    ]
    return {name: value for name, value in (("mentions", mentions), ("urls", urls)) if value}
