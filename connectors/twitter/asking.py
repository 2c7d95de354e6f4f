"""What is asked about an account at X."""

from __future__ import annotations

from monitor.asking import Answers, Asked, Kind

_WAYS = {
    "keys": "the app's four keys, which its page in the console shows",
    "login": "a login in the browser, by `replyby login`",
}


def _by_keys(answers: Answers) -> bool:
    return answers["?way"] == "keys"


_CONSOLE = "console.x.com, your app, Keys and tokens; the app may read and write."
QUESTIONS = (
    Asked("?way", "How is it signed in to", _CONSOLE, choices=_WAYS, default=lambda a: "keys"),
    Asked("consumer_key", "The app's API key", "", Kind.SECRET, when=_by_keys),
    Asked("consumer_secret", "The app's API key secret", "", Kind.SECRET, when=_by_keys),
    Asked("access_token", "The account's access token", "", Kind.SECRET, when=_by_keys),
    Asked("access_token_secret", "The account's access token secret", "", Kind.SECRET,
          when=_by_keys),
    Asked("oauth.client_id", "The app's OAuth 2.0 client id",
          "Register http://127.0.0.1:8400 as a callback of the app.",
          when=lambda a: not _by_keys(a)),
    Asked("oauth.client_secret", "The OAuth 2.0 client's secret",
          "Confidential clients have one, native apps none.", Kind.SECRET,
          when=lambda a: not _by_keys(a), optional=True),
    Asked("search", "Who talks about you without addressing you: a search, or Enter",
          "X's operators, like: acme -from:acme -is:retweet. Reading costs money.",
          optional=True),
    Asked("direct_messages", "Are direct messages read too", "", Kind.YES_NO,
          default=lambda a: "no"),
    Asked("daily_cap", "Dollars a day for reading at the most", "At the cap reading pauses.",
          Kind.NUMBER, default=lambda a: "2"),
)  # fmt: skip
"""All about one account."""
