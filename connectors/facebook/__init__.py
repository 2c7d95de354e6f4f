"""The Facebook channel: a page's comments, visitor posts, tags and messages."""
