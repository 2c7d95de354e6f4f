"""The queue screen: the list, the conversation under its cursor, and the composer."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.screen import Screen

from monitor.clean import clean_line
from monitor.wiring import House
from queue_tui import keys
from queue_tui.clerk import Clerk
from queue_tui.dialogs.help import HelpScreen
from queue_tui.events import Done, Failed, UnderWay
from queue_tui.flows.acting import Acting
from queue_tui.flows.colleagues import Colleagues
from queue_tui.flows.finding import Finding
from queue_tui.flows.looking import Looking
from queue_tui.flows.marking import Marking
from queue_tui.flows.paging import Paging
from queue_tui.flows.place import Place
from queue_tui.flows.reading import EVERYTHING, Asked, Reading
from queue_tui.flows.sending import Sending
from queue_tui.flows.showing import Showing
from queue_tui.flows.writing import Writing
from queue_tui.painted import forget_painted
from queue_tui.seconds import each_second
from queue_tui.widgets.composer import Composer
from queue_tui.widgets.conversation import ConversationView
from queue_tui.widgets.customer_panel import CustomerPanel
from queue_tui.widgets.plain import Plain
from queue_tui.widgets.queue_list import QueueList
from queue_tui.widgets.search_line import SearchLine
from queue_tui.widgets.status_line import StatusLine, Tone
from queue_tui.widgets.undo_line import UndoLine

_BROAD = 150
_BESIDE_COMPOSER = ("scroll_text", "help", "unfold", "links", "log")


class QueueScreen(Screen[None]):
    """What staff look at all day; each key is handed to the flow whose job it is."""

    BINDINGS = [*keys.bindings()]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (16, "-high")]

    def __init__(
        self,
        house: House,
        clerk: Clerk,
        who: str,
        table: Sequence[keys.Key] = keys.QUEUE,
        asked: Asked = EVERYTHING,
    ) -> None:
        super().__init__()
        self.place = Place(self, house, clerk, who, table)
        self.showing = Showing(self.place)
        self.reading = Reading(self.place, self.showing, asked)
        self.colleagues = Colleagues(self.place)
        self.paging = Paging(self.place, self.reading)
        self.finding = Finding(self.place, self.reading)
        self.marking = Marking(self.place, self.reading)
        self.acting = Acting(self.place, self.reading, self.marking)
        self.sending = Sending(self.place, self.showing, self.reading)
        self.writing = Writing(self.place, self.showing, self.reading, self.sending)
        self.looking = Looking(self.place, self.reading)

    def compose(self) -> ComposeResult:
        house, shown = self.place.house, self.place.shown_keys
        yield Plain(clean_line("opening the queue…"), id="headline")
        with Container(id="work"):
            yield QueueList(house.clock, self.place.who)
            with Vertical(id="side"):
                yield ConversationView(self.place.zone, shown)
                yield Composer()
            yield CustomerPanel(self.place.zone, shown["customer"])
        yield SearchLine()
        yield UndoLine(shown["undo"])
        yield StatusLine()
        yield Plain(clean_line(keys.footer(self.place.keys)), id="keys")

    def on_mount(self) -> None:
        self.place.composer.display = False
        self.query_one(SearchLine).display = False
        self.place.list.focus()
        self.place.house.tell = lambda text: self.post_message(UnderWay(text))
        each_second(self, self.place.house.clock, self._tick)
        self.call_after_refresh(self.reading.watch)  # an empty screen first: it takes keys at once

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width >= _BROAD, "-broad")

    def _tick(self) -> None:
        self.reading.tick()
        self.writing.tick()
        self.colleagues.tick()

    def on_screen_resume(self) -> None:
        forget_painted()

    # What comes back from the desk

    def on_done(self, event: Done) -> None:
        event.then(event.result)

    def on_failed(self, event: Failed) -> None:
        if event.then:
            event.then(event.reason)
        else:
            self.place.say(event.reason, Tone.REFUSAL if event.refusal else Tone.FAULT)

    def on_under_way(self, event: UnderWay) -> None:
        self.reading.under_way(event.text)

    # What the widgets tell

    def on_queue_list_moved(self) -> None:
        self.showing.follow()

    def on_queue_list_near_edge(self, event: QueueList.NearEdge) -> None:
        self.paging.more(backwards=event.backwards)

    def on_queue_list_jump(self, event: QueueList.Jump) -> None:
        self.paging.jump(event.part)

    def on_queue_list_opened(self) -> None:
        self.action_read()

    def on_search_line_typed(self, event: SearchLine.Typed) -> None:
        self.finding.typed(event.text)

    def on_search_line_submitted(self, event: SearchLine.Submitted) -> None:
        self.finding.submitted(event.text)

    def on_composer_typed(self, event: Composer.Typed) -> None:
        self.writing.typed(event)

    def on_composer_attach(self) -> None:
        self.writing.attach()

    def on_composer_editor(self) -> None:
        self.writing.editor()

    def on_composer_refused(self, event: Composer.Refused) -> None:
        self.place.say(event.reason, Tone.REFUSAL)

    def on_composer_foresee(self, event: Composer.Foresee) -> None:
        self.writing.foresee(event)

    def on_composer_sent(self, event: Composer.Sent) -> None:
        self.acting.forget_undo()
        self.sending.sent(event)

    def keep_draft(self) -> None:
        """What is being typed is kept, before the screen goes away."""
        self.writing.keep_draft()
        self.colleagues.leave()

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Beside an open composer no key acts on the queue: it would act on what isn't shown."""
        return self.place.composer.bound is None or action in _BESIDE_COMPOSER

    def do(self, action: str) -> None:
        """What a key of the table does, if it may be done just now."""
        self.call_later(self.run_action, action)

    def action_move(self, by: int) -> None:
        self.place.list.move(by)

    def action_page(self, by: int) -> None:
        self.place.list.move(by * self.place.list.page_rows())

    def action_top(self) -> None:
        self.paging.top()

    def action_bottom(self) -> None:
        self.paging.bottom()

    def action_next_overdue(self, by: int) -> None:
        self.paging.next_overdue(by)

    def action_scroll_text(self, by: int) -> None:
        self.place.conversation.scroll_text(by)

    def action_unfold(self) -> None:
        self.place.conversation.unfold()

    def action_read(self) -> None:
        self.place.conversation.read()

    def action_save_files(self) -> None:
        self.looking.files()

    def action_links(self) -> None:
        self.looking.links()

    def action_log(self) -> None:
        self.looking.log()

    def action_customer(self) -> None:
        self.looking.customer()

    def action_back(self) -> None:
        self.looking.back()

    def action_platform(self) -> None:
        self.looking.platform()

    def action_outside(self) -> None:
        self.acting.outside()

    def action_view(self, name: str) -> None:
        self.finding.view(name)

    def action_choose_view(self) -> None:
        self.finding.choose()

    def action_mark(self) -> None:
        self.marking.mark()

    def action_mark_all(self) -> None:
        self.marking.mark_all()

    def action_assign(self) -> None:
        self.acting.assign()

    def action_tag(self) -> None:
        self.acting.tag()

    def action_search(self) -> None:
        self.finding.search()

    def key_escape(self, event: events.Key) -> None:
        if self.place.composer.bound is not None:
            self._back_to_writing(event)
        elif self.place.conversation.reading:
            self.place.list.focus()
        elif not self.marking.unmark() and not self.finding.leave():
            self._back()

    def _back_to_writing(self, event: events.Key) -> None:
        """From what Tab or the mouse went to; the composer's own Esc passes, it is for it alone."""
        if not self.place.composer.has_keys:
            self.place.composer.take_keys()
            event.stop()

    def _back(self) -> None:
        """To the screen that opened this one, where one did: Textual's own lies below all."""
        if len(self.app.screen_stack) > 2:
            self.keep_draft()
            self.dismiss(None)

    def action_help(self) -> None:
        self.app.push_screen(HelpScreen(self.place.keys))

    def action_claim_next(self) -> None:
        self.acting.claim_next()

    def action_claim(self) -> None:
        self.acting.claim()

    def action_release(self) -> None:
        self.acting.release()

    def action_reply(self) -> None:
        self.acting.once_claimed(self.writing.reply, typing=True)

    def action_note(self) -> None:
        self.acting.once_claimed(self.writing.note, typing=True)

    def action_snooze(self) -> None:
        self.acting.once_claimed(self.acting.snooze, typing=True)

    def action_no_reply(self) -> None:
        self.acting.no_reply()

    def action_close(self) -> None:
        self.acting.close()

    def action_undo(self) -> None:
        self.acting.undo()

    def action_settle(self) -> None:
        self.acting.settle()
