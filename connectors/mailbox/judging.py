"""What a mail is, beside what it says: who or what wrote it, and which of its text is new."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.mailbox.mime import Mail


@dataclass(frozen=True, slots=True)
class Judgement:
    """Reasons are sentences for people, "" where the answer is no.

    `bounce` and `delay` say that a mail server reports a failed or a late delivery.
    """

    auto: str = ""
    suppress_ack: str = ""
    mailing_list: str = ""
    bounce: bool = False
    delay: bool = False

    @property
    def reason(self) -> str:
        """The reason that weighs most."""
        return self.auto or self.suppress_ack or self.mailing_list


def judge(mail: Mail) -> Judgement:
    """Whether a machine wrote the mail, and whether machines should not answer it."""
    submitted = mail.headers.text("Auto-Submitted").lower()
    if submitted and submitted != "no":
        reason = f"a machine wrote it (Auto-Submitted: {submitted[:60]})"
        return Judgement(auto=reason, suppress_ack=reason)
    return Judgement()


def new_text(mail: Mail) -> str:
    """What the sender wrote this time: without quotes and signature."""
    return mail.written
