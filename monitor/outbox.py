"""One answer on its way: recorded, sent through its connector, its outcome recorded."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from monitor.clean import clean_line
from monitor.clock import Clock
from monitor.connector import Connector
from monitor.errors import ConfigError, ConnectorError, StoreError, Unsure
from monitor.message import OutgoingReply, SendState, Sent
from monitor.process import is_gone, owner
from monitor.store import Store

_LEASE = timedelta(minutes=5)
_FIRST_PAUSE = timedelta(seconds=30)
_TRIES_MOST = 6

log = logging.getLogger("replyby.outbox")


class _LeaseLost(Exception):
    """Another process has taken the answer over: this one sends nothing."""


class _HandedOver:
    """What a connector calls at the point of no return, and whether it has."""

    def __init__(self, outbox: Outbox, number: int, me: str) -> None:
        self._outbox = outbox
        self._number = number
        self._me = me
        self.done = False

    def __call__(self, ext_id: str) -> None:
        if not self._outbox.handing_over(self._number, self._me, ext_id):
            raise _LeaseLost
        self.done = True


class Outbox:
    """Sends what is due; several of them, in several processes, never send one answer twice."""

    def __init__(
        self, store: Store, connect: Mapping[str, Callable[[], Connector]], clock: Clock
    ) -> None:
        self._store = store
        self._connect = connect
        self._clock = clock

    def deliver(self, only: int | None = None) -> int:
        """Send everything that is due (or the one answer named); how many were tried."""
        self.recover()
        tried = 0
        while reply := self._store.outgoing.lease(me := owner(), self._clock(), _LEASE, only):
            self._send(reply, me)
            tried += 1
        return tried

    def recover(self) -> None:
        """Take up what a dead sender left: unsent, it goes back; handed over, a person is asked."""
        now = self._clock()
        for left in self._store.outgoing.leased():
            if left.until >= now and not is_gone(left.owner):
                continue
            if left.state is SendState.HANDED_OVER:
                reason = "the sender died after handing it over"
                self._store.outgoing.unsure(left.id, left.owner, now, reason)
            else:
                reason = "the sender died before handing it over"
                self._store.outgoing.postpone(left.id, left.owner, now, reason, unsent_only=True)

    def _send(self, reply: OutgoingReply, me: str) -> None:
        outgoing, handed_over = self._store.outgoing, _HandedOver(self, reply.id, me)
        try:
            self._through_connector(reply, handed_over)
        except StoreError:
            raise  # nothing can be written down now; `recover` will find it as it stands
        except Unsure as error:
            outgoing.unsure(reply.id, me, self._clock(), _shown(error))
            log.warning("answer %s: unsure whether it arrived: %s", reply.id, _shown(error))
        except ConfigError as error:
            self._again(reply, me, _shown(error), None)
        except ConnectorError as error:
            if error.permanent:
                self._failed(reply, me, _shown(error))
            else:
                self._again(reply, me, _shown(error), error.retry_after)
        except Exception as error:
            # The edge of a send: a fault of ours, before or after the platform may have got it.
            log.exception("answer %s: a fault in the connector", reply.id)
            reason = f"a fault in replyby: {type(error).__name__}"
            if handed_over.done:
                outgoing.unsure(reply.id, me, self._clock(), reason)
            else:
                self._failed(reply, me, reason)

    def _through_connector(self, reply: OutgoingReply, hand_over: _HandedOver) -> None:
        connect = self._connect.get(reply.account)
        if connect is None:
            raise ConfigError(f"account '{reply.account}' is not in config.toml any more")
        connector = connect()
        try:
            sent = connector.reply(reply, hand_over)
            if not self._store.outgoing.sent(reply.id, sent, self._clock()):
                log.warning("answer %s was accepted after it had come to its end", reply.id)
            self._afterwards(reply, sent)
        except _LeaseLost:
            log.warning("answer %s was taken over by another process", reply.id)
        finally:
            connector.close()

    def handing_over(self, number: int, me: str, ext_id: str) -> bool:
        """Write down that the platform is about to get it; False where the lease was lost."""
        until = self._clock() + _LEASE
        return self._store.outgoing.handing_over(number, me, ext_id, until)

    @staticmethod
    def _afterwards(reply: OutgoingReply, sent: Sent) -> None:
        try:
            if sent.afterwards:
                sent.afterwards()
        except (ConnectorError, ConfigError) as error:
            log.warning("answer %s is sent; what follows it failed: %s", reply.id, _shown(error))

    def _again(self, reply: OutgoingReply, me: str, reason: str, retry_after: float | None) -> None:
        if reply.tries >= _TRIES_MOST:
            self._failed(reply, me, f"tried {reply.tries} times: {reason}")
            return
        pause = _FIRST_PAUSE * (1 << (reply.tries - 1))
        if retry_after is not None:
            pause = timedelta(seconds=retry_after)
        next_try: datetime = self._clock() + pause
        self._store.outgoing.postpone(reply.id, me, next_try, reason)
        log.info("answer %s: tried again at %s: %s", reply.id, next_try.isoformat(), reason)

    def _failed(self, reply: OutgoingReply, me: str, reason: str) -> None:
        self._store.outgoing.failed(reply.id, me, self._clock(), reason)
        log.warning("answer %s can't be sent: %s", reply.id, reason)


def _shown(error: Exception) -> str:
    return str(clean_line(str(error), 500))
