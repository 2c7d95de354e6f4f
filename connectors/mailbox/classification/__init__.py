"""Which mails a machine wrote, and what a mail server says of the delivery of ours."""

from connectors.mailbox.classification.rules import Classification, classify

__all__ = ["Classification", "classify"]
