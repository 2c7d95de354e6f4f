"""One table of what can be done and by which key: bindings, footer and help are made from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from textual.binding import Binding
from textual.keys import _character_to_key, key_to_character

from monitor.clean import shown
from monitor.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Key:
    """An action of the queue screen; `footer` is its word in the bottom line, if it has one.

    `name` is what `[keys]` of config.toml calls it; `keys` are as Textual spells them.
    """

    name: str
    keys: str
    action: str
    meaning: str
    footer: str = ""

    @property
    def shown(self) -> str:
        """The first of its keys, as it stands on a keyboard."""
        return shown_key(self.keys.split(",")[0])


QUEUE = (
    Key("next", "space", "claim_next", "claim the next one and open it", "next"),
    Key("reply", "r", "reply", "answer", "reply"),
    Key("note", "n", "note", "write a note for colleagues", "note"),
    Key("claim", "a", "claim", "claim this one"),
    Key("release", "l", "release", "let go of it"),
    Key("assign", "c", "assign", "give it to a colleague"),
    Key("snooze", "s", "snooze", "snooze", "snooze"),
    Key("done", "e", "no_reply", "end it: no reply needed", "done"),
    Key("close", "x", "close", "close without an answer"),
    Key("outside", "A", "outside", "it was answered elsewhere"),
    Key("settle", "y", "settle", "settle an unsure answer"),
    Key("tag", "t", "tag", "tags"),
    Key("undo", "z", "undo", "undo the last act or answer", "undo"),
    Key("mark", "m", "mark", "mark it: acts are for all marked"),
    Key("mark_all", "asterisk", "mark_all", "mark all of the list"),
    Key("search", "slash", "search", "search everything", "search"),
    Key("views", "v", "choose_view", "choose a list"),
    Key("mine", "1", "view('mine')", "what you have"),
    Key("unclaimed", "2", "view('unclaimed')", "what nobody has"),
    Key("all", "3", "view('all')", "all that waits"),
    Key("snoozed", "4", "view('snoozed')", "what is snoozed"),
    Key("leads", "5", "view('leads')", "sales leads"),
    Key("overdue", "6", "view('overdue')", "what is overdue"),
    Key("down", "j,down", "move(1)", "down"),
    Key("up", "k,up", "move(-1)", "up"),
    Key("page_down", "pagedown", "page(1)", "a page down"),
    Key("page_up", "pageup", "page(-1)", "a page up"),
    Key("top", "g,home", "top", "to the most urgent"),
    Key("bottom", "G,end", "bottom", "to the end"),
    Key("next_overdue", "right_square_bracket", "next_overdue(1)", "to the next overdue"),
    Key("previous_overdue", "left_square_bracket", "next_overdue(-1)", "to the one before"),
    Key("text_down", "J", "scroll_text(3)", "scroll the text down"),
    Key("text_up", "K", "scroll_text(-3)", "scroll it up"),
    Key("read", "enter", "read", "page through the text"),
    Key("unfold", "o", "unfold", "unfold quotes"),
    Key("files", "f", "save_files", "save its files"),
    Key("links", "L", "links", "copy or open a link"),
    Key("log", "h", "log", "what happened to it"),
    Key("customer", "i", "customer", "the customer's others"),
    Key("back", "backspace", "back", "back from there"),
    Key("platform", "w", "platform", "open it on its platform"),
    Key("commands", "colon,ctrl+p", "app.command_palette", "all commands by name"),
    Key("help", "question_mark", "help", "all keys", "keys"),
    Key("quit", "q", "app.quit", "quit", "quit"),
)
_NAMED = (
    "space", "enter", "tab", "backspace", "delete", "insert", "home", "end", "pageup", "pagedown",
    "up", "down", "left", "right", *(f"f{number}" for number in range(1, 13)),
)  # fmt: skip
_SHOWN = {
    "space": "space",
    "slash": "/",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "backspace": "Bksp",
    "enter": "Enter",
}
_ALWAYS = "ctrl+p"

COMPOSER = (
    ("ctrl+s", "send"),
    ("ctrl+o", "add a file"),
    ("ctrl+e", "editor"),
    (";code", "canned"),
    ("ctrl+r", "how"),
    ("Esc", "keep the draft"),
)
LEGEND = (
    "!! overdue  ! soon  + marked  ^ lead  ? unsure  x failed  ~ late\n"
    "       * new text  d draft  b blind account  >you yours for so long"
)


def bindings() -> list[Binding]:
    """The table as Textual wants it."""
    return [Binding(k.keys, k.action, k.meaning, show=False, id=k.name) for k in QUEUE]


def remapped(given: Mapping[str, str | Sequence[str]]) -> tuple[Key, ...]:
    """The table with a person's own keys; ConfigError names what is unknown or given twice."""
    for name in given:
        if name not in {key.name for key in QUEUE}:
            known = ", ".join(key.name for key in QUEUE)
            raise ConfigError(f"[keys]: there is no {shown(name)} here; there are {known}")
    table = tuple(replace(k, keys=_spelled(k, given[k.name])) if k.name in given else k
                  for k in QUEUE)  # fmt: skip
    owners: dict[str, str] = {}
    for entry in table:
        for key in entry.keys.split(","):
            if key in owners:
                raise ConfigError(
                    f"[keys]: {shown_key(key)} would be both {owners[key]} and {entry.name}; "
                    "give one of them another key"
                )
            owners[key] = entry.name
    return table


def keymap(table: Sequence[Key]) -> dict[str, str]:
    """What differs from the table as Textual was given it."""
    changed = set(table) - set(QUEUE)
    return {key.name: key.keys for key in changed}


def _spelled(entry: Key, given: str | Sequence[str]) -> str:
    wanted = [given] if isinstance(given, str) else list(given)
    keys = [_key(entry.name, key) for key in wanted]
    if entry.name == "commands" and _ALWAYS not in keys:
        keys.append(_ALWAYS)
    if not keys:
        raise ConfigError(f"[keys]: {entry.name} needs a key")
    return ",".join(keys)


def _key(name: str, key: str) -> str:
    if len(key) == 1 and key.isprintable():
        return "space" if key == " " else _character_to_key(key)
    low = key.lower()
    control = low.removeprefix("ctrl+")
    if low in _NAMED or (low != control and len(control) == 1 and control.isalpha()):
        return low
    raise ConfigError(
        f"[keys]: {name}: {shown(key)} is no key; write one character, ctrl+LETTER, or one of "
        f"{', '.join(_NAMED)}"
    )


def shown_key(key: str) -> str:
    """A key of Textual's as people write it: `/` for `slash`."""
    return _SHOWN.get(key) or key_to_character(key) or key


def footer(table: Sequence[Key] = QUEUE) -> str:
    """The bottom line."""
    return "  ".join(f"{key.shown} {key.footer}" for key in table if key.footer)


def composer_footer(*, note: bool, files: bool) -> str:
    """The bottom line while somebody writes; `files` says whether any can be sent along."""
    sends = "keep the note" if note else "send"
    file = "  ctrl+o file" if files and not note else ""
    return f"ctrl+s {sends}{file}  ctrl+e editor  ;code canned  Esc keep draft"


def help_text(table: Sequence[Key] = QUEUE) -> str:
    """Every key and what it does."""
    lines = [f"{key.shown:<6}{key.meaning}" for key in table]
    half = (len(lines) + 1) // 2
    left, right = lines[:half], [*lines[half:], ""]
    columns = [f"{a:<40}{b}" for a, b in zip(left, right, strict=False)]
    box = "  ".join(f"{key} {meaning}" for key, meaning in COMPOSER)
    return "\n".join([f"In the reply box: {box}", "", *columns, "", f"Marks: {LEGEND}"])
