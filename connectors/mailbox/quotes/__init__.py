"""What of a mail's text is new: quotes, headers of quoted mails and signatures become folds."""

from connectors.mailbox.quotes.folding import HtmlText, folds, html_with_folds

__all__ = ["HtmlText", "folds", "html_with_folds"]
