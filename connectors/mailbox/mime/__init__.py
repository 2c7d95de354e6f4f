"""MIME (RFC 2045 to 2049) as it is really sent: raw bytes in, text, people and files out."""

from connectors.mailbox.limits import Limits
from connectors.mailbox.mime.addresses import Mailbox
from connectors.mailbox.mime.attachments import AttachedFile
from connectors.mailbox.mime.mail import Mail, read_mail

__all__ = ["AttachedFile", "Limits", "Mail", "Mailbox", "read_mail"]
