"""One table of what can be done and by which key: bindings, footer and help are made from it."""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding


@dataclass(frozen=True, slots=True)
class Key:
    """An action of the queue screen; `footer` is its word in the bottom line, if it has one."""

    keys: str
    shown: str
    action: str
    meaning: str
    footer: str = ""


QUEUE = (
    Key("space", "space", "claim_next", "claim the next one and open it", "next"),
    Key("r", "r", "reply", "answer", "reply"),
    Key("n", "n", "note", "write a note for colleagues", "note"),
    Key("a", "a", "claim", "claim this one", ""),
    Key("l", "l", "release", "let go of it", ""),
    Key("s", "s", "snooze", "snooze", "snooze"),
    Key("e", "e", "no_reply", "end it: no reply needed", "done"),
    Key("x", "x", "close", "close without an answer", ""),
    Key("y", "y", "settle", "settle an unsure answer", ""),
    Key("z", "z", "undo", "take back an answer not yet sent", "undo"),
    Key("slash", "/", "search", "search everything", "search"),
    Key("1", "1", "view('mine')", "what you have", ""),
    Key("2", "2", "view('unclaimed')", "what nobody has", ""),
    Key("3", "3", "view('all')", "all that waits", ""),
    Key("4", "4", "view('snoozed')", "what is snoozed", ""),
    Key("j,down", "j", "move(1)", "down", ""),
    Key("k,up", "k", "move(-1)", "up", ""),
    Key("pagedown", "PgDn", "page(1)", "a page down", ""),
    Key("pageup", "PgUp", "page(-1)", "a page up", ""),
    Key("home,g", "g", "top", "to the most urgent", ""),
    Key("end,G", "G", "bottom", "to the end", ""),
    Key("J", "J", "scroll_text(3)", "scroll the text down", ""),
    Key("K", "K", "scroll_text(-3)", "scroll it up", ""),
    Key("enter", "Enter", "read", "page through the text", ""),
    Key("o", "o", "unfold", "unfold quotes", ""),
    Key("f", "f", "save_files", "save its files", ""),
    Key("L", "L", "links", "copy or open a link", ""),
    Key("h", "h", "log", "what happened to it", ""),
    Key("i", "i", "customer", "the customer's others", ""),
    Key("backspace", "Bksp", "back", "back from there", ""),
    Key("w", "w", "platform", "open it on its platform", ""),
    Key("m", "m", "outside", "it was answered there", ""),
    Key("question_mark", "?", "help", "all keys", "keys"),
    Key("q", "q", "app.quit", "quit", "quit"),
)

COMPOSER = (
    ("ctrl+s", "send"),
    ("ctrl+o", "add a file"),
    ("ctrl+e", "editor"),
    (";code", "canned"),
    ("ctrl+r", "how"),
    ("Esc", "keep the draft"),
)


def bindings(keys: tuple[Key, ...]) -> list[Binding]:
    """The table as Textual wants it."""
    return [Binding(key.keys, key.action, key.meaning, show=False) for key in keys]


def footer() -> str:
    """The bottom line."""
    return "  ".join(f"{key.shown} {key.footer}" for key in QUEUE if key.footer)


def composer_footer(*, note: bool) -> str:
    """The bottom line while somebody writes."""
    sends = "keep the note" if note else "send"
    file = "" if note else "  ctrl+o file"
    return f"ctrl+s {sends}{file}  ctrl+e editor  ;code canned  Esc keep draft"


def help_text() -> str:
    """Every key and what it does."""
    lines = [f"{key.shown:<6}{key.meaning}" for key in QUEUE]
    half = (len(lines) + 1) // 2
    left, right = lines[:half], [*lines[half:], ""]
    table = [f"{a:<40}{b}" for a, b in zip(left, right, strict=False)]
    box = "  ".join(f"{key} {meaning}" for key, meaning in COMPOSER)
    marks = "!! overdue  ! soon  ^ lead  ? unsure  x failed  ~ late  >you yours"
    return "\n".join(
        [*table, "", f"In the reply box: {box}", f"Marks: {marks}", "Esc closes this."]
    )
