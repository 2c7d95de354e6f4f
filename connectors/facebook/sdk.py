"""facebook-sdk 3.1.0, imported without the warning that its source gives from Python 3.12 on."""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    # Its regular expression is written as "\d"; shown on a terminal, that would be in the way.
    warnings.simplefilter("ignore")
    from facebook import GraphAPI, GraphAPIError

__all__ = ["GraphAPI", "GraphAPIError"]
