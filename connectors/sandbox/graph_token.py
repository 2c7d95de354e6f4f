"""What the played Graph API tells of a token: whose it is, what it allows, and until when."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.sandbox.graph_data import Page
from monitor.clock import EPOCH

ALL_SCOPES = (
    "pages_show_list", "pages_messaging", "pages_read_engagement", "pages_read_user_content",
    "pages_manage_engagement", "public_profile",
)  # fmt: skip


@dataclass(eq=False)
class Permit:
    """The token; `ends` is None for one that does not end. `only` are the pages it is limited to.

    `kind` is "PAGE", or "USER" for a token that somebody took for one of a page's.
    Without `tells_of_itself` only the app may ask about it. `changed` are fields told otherwise.
    """

    kind: str = "PAGE"
    app: str = "900800700"
    scopes: tuple[str, ...] = ALL_SCOPES
    ends: datetime | None = None
    data_ends: datetime | None = None
    only: tuple[str, ...] = ()
    valid: bool = True
    tells_of_itself: bool = True
    changed: dict[str, Any] = field(default_factory=dict)

    def described(self, page: Page, *, known: bool) -> dict[str, Any]:
        """`data` of debug_token, as Meta documents it; of another token, that it is none."""
        if not known:
            said = "The access token could not be decrypted"
            return {"error": {"code": 190, "message": said}, "is_valid": False, "scopes": []}
        targets = {"target_ids": list(self.only)} if self.only else {}
        told: dict[str, Any] = {
            "app_id": self.app,
            "type": self.kind,
            "application": "Acme desk",
            "data_access_expires_at": _seconds(self.data_ends),
            "expires_at": _seconds(self.ends),
            "is_valid": self.valid,
            "scopes": list(self.scopes),
            "granular_scopes": [
                {"scope": s} | (targets if s.startswith("pages_") else {}) for s in self.scopes
            ],
            "user_id": "500600700",
        }
        return told | ({"profile_id": page.me.id} if self.kind == "PAGE" else {}) | self.changed


def _seconds(at: datetime | None) -> int:
    return int((at - EPOCH).total_seconds()) if at else 0
