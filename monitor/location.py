"""Where config.toml stands, found without loading what reads it."""

from __future__ import annotations

from pathlib import Path

from monitor.errors import ConfigError


def find_config(given: str | None) -> Path:
    """`--config`, else ./config.toml, else the user's configuration folder."""
    if given:
        return Path(given)
    here = Path("config.toml")
    if here.exists():
        return here
    import platformdirs

    mine = platformdirs.user_config_path("replyby") / "config.toml"
    if mine.exists():
        return mine
    raise ConfigError(
        f"no configuration: neither {here.absolute()} nor {mine} is there; "
        "name one with --config PATH, or try `replyby demo`, which needs none"
    )
