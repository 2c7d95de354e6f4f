"""What an account with `channel = "facebook"` may say in config.toml."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from connectors._origin import ApiUrl
from monitor.config import AccountSettings
from monitor.settings import Duration, FilePath, SecretRef


class FacebookSettings(AccountSettings):
    """One page: what it is called by Facebook, the token that speaks for it, what is read of it.

    `page` is its number, `token` a page access token; with `app_secret` each call proves that it
    is the app's own. `version` is that of the Graph API. `comments`, `visitor_posts`, `tags` and
    `messages` each switch a source on; comments are read under posts as old as `posts`. Without
    `human_agent` (a permission of the app's) nothing is sent later than 24 hours after the
    customer's last message. `timeout` is for a whole call; `ca` is a private authority's file.
    """

    # A poll is a call or two, and Facebook allows 4800 a day for each person engaged with the page.
    every: Duration = timedelta(minutes=2)
    page: Annotated[str, Field(pattern=r"^[0-9]{1,32}$")]
    token: SecretRef
    app_secret: SecretRef | None = None
    version: Annotated[str, Field(pattern=r"^v[0-9]{1,3}\.[0-9]{1,2}$")] = "v25.0"
    api_url: ApiUrl = ""
    comments: bool = True
    visitor_posts: bool = True
    tags: bool = True
    messages: bool = True
    posts: Duration = timedelta(days=60)
    human_agent: bool = True
    timeout: Duration = timedelta(seconds=30)
    ca: FilePath | None = None
