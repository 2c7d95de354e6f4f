"""What is asked about a Facebook page."""

from __future__ import annotations

from monitor.asking import Asked, Kind

QUESTIONS = (
    Asked("page", "The page's number", "On the page: About, Page transparency, Page ID."),
    Asked("token", "A page access token",
          "For an app of yours, best from a system user of the business: such a one does "
          "not end. The README says which permissions it needs.", Kind.SECRET),
    Asked("app_secret", "The app's secret",
          "Where the app requires it (appsecret_proof); else leave it out.", Kind.SECRET,
          optional=True),
    Asked("human_agent", "May people answer on Messenger for 7 days (Human Agent)",
          "A permission of the app's; without it Messenger takes answers for 24 hours.",
          Kind.YES_NO, default=lambda a: "yes"),
)  # fmt: skip
"""All about one page."""
