"""Who else fetches mail: each as a command on a mailbox, with its time and its largest memory."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.data import say
from benchmarks.mail_bare import Box, Figures

_SECONDS = 900
_HELPDESK = "django-helpdesk==2.6.1"

# Runs a command and tells its seconds and its memory; small itself, for what it has forked looks
# as large as itself at first.
_LAUNCH = """
import json, os, resource, sys, time
begin = time.perf_counter()
child = os.fork()
if not child:
    os.dup2(2, 1)
    os.execvp(sys.argv[1], sys.argv[1:])
status = os.waitpid(child, 0)[1]
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"seconds": time.perf_counter() - begin, "peak": used.ru_maxrss * 1024 / 1e6}))
sys.exit(os.waitstatus_to_exitcode(status))
"""

_MBSYNC = """
FSync {fsync}

IMAPAccount bench
Host 127.0.0.1
Port {port}
User {user}
Pass {password}
SSLType None
AuthMechs LOGIN

IMAPStore far
Account bench

MaildirStore near
Path {folder}/near/
Inbox {folder}/near/INBOX

Channel bench
Far :far:INBOX
Near :near:INBOX
Sync Pull
Create Near
SyncState *
"""

_FETCHMAIL = """
poll 127.0.0.1 service {port} protocol imap
user "{user}" password "{password}" fetchall keep sslproto ""
mda "maildrop {folder}/filter"
"""

# A project with nothing but the help desk in it, that sends no mail.
_HELPDESK_RUN = """
import json, re, sys, time, types
from pathlib import Path
import django
from django.conf import settings
box, folder = json.loads(sys.argv[1]), sys.argv[2]
apps = ["admin", "auth", "contenttypes", "sessions", "sites", "messages", "humanize"]
settings.configure(
    SECRET_KEY="bench", SITE_ID=1, USE_TZ=True, MEDIA_ROOT=folder + "/media",
    ROOT_URLCONF="bench_urls", DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
    INSTALLED_APPS=["django.contrib." + app for app in apps] + ["rest_framework", "helpdesk"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder + "/desk.db"}},
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    LOGGING_CONFIG=None, HELPDESK_TEAMS_MODEL="auth.User",
    HELPDESK_TEAMS_MIGRATION_DEPENDENCIES=[], HELPDESK_KBITEM_TEAM_GETTER=lambda item: None,
)
django.setup()
from django.core.management import call_command
from django.urls import include, path
sys.modules["bench_urls"] = urls = types.ModuleType("bench_urls")
urls.urlpatterns = [path("", include("helpdesk.urls", namespace="helpdesk"))]
call_command("migrate", verbosity=0)
from helpdesk.email import process_email
from helpdesk.models import FollowUp, Queue
Queue.objects.create(
    title="bench", slug="bench", email_address="support@acme.example", allow_email_submission=True,
    email_box_type="imap", email_box_host="127.0.0.1", email_box_port=box["port"],
    email_box_user=box["user"], email_box_pass=box["password"], email_box_imap_folder="INBOX",
    logging_type="none",
)
begin = time.perf_counter()
process_email(quiet=True)
took = time.perf_counter() - begin
assert FollowUp.objects.count() == box["count"], FollowUp.objects.count()
peak = int(re.search("VmHWM: *\\t* *([0-9]+)", Path("/proc/self/status").read_text())[1])
print(json.dumps({"seconds": took, "peak": peak * 1024 / 1e6}))
"""


@dataclass(frozen=True, slots=True)
class Peer:
    """A program to compare with; `consumes` where it changes the mailbox it reads."""

    name: str
    run: Callable[[Box, Path], Figures]
    consumes: bool = False


def child(task: str, box: Box, folder: Path, url: str = "") -> Figures:
    """A task of `mail_child` in a process of its own; the database is in `folder` by default."""
    url = url or f"sqlite:///{folder}/replyby.db"
    given = (task, json.dumps(box.as_json()), str(folder), url)
    return _figures([sys.executable, "-m", "benchmarks.mail_child", *given])


def bare(box: Box, folder: Path) -> Figures:
    """The same mails in the same batches by imaplib."""
    return _figures([sys.executable, "-m", "benchmarks.mail_bare", json.dumps(box.as_json())])


def mbsync(box: Box, folder: Path, fsync: str = "yes") -> Figures:
    """Into a new Maildir, every mail synced to the disk as is its default."""
    config = _written(folder / "mbsyncrc", _MBSYNC, box, fsync=fsync)
    (folder / "near").mkdir()
    figures = _launched(["mbsync", "-q", "-c", str(config), "bench"])
    _complete(folder / "near" / "INBOX", box)
    return figures


def mbsync_unsynced(box: Box, folder: Path) -> Figures:
    """The same, the disk left to the kernel."""
    return mbsync(box, folder, "no")


def fetchmail(box: Box, folder: Path) -> Figures:
    """Through maildrop into a new Maildir."""
    config = _written(folder / "fetchmailrc", _FETCHMAIL, box)
    for part in ("cur", "new", "tmp"):
        (folder / "near" / part).mkdir(parents=True)
    (folder / "filter").write_text(f'to "{folder}/near"\n')
    (folder / "filter").chmod(0o600)
    files = ("--idfile", f"{folder}/ids", "--pidfile", f"{folder}/pid")
    figures = _launched(["fetchmail", "--silent", "--nosyslog", "-f", str(config), *files])
    _complete(folder / "near", box)
    return figures


def helpdesk(box: Box, folder: Path) -> Figures:
    """django-helpdesk's `get_email` into SQLite, without the start of Django."""
    return _figures(
        [str(_helpdesk_python()), "-c", _HELPDESK_RUN, json.dumps(box.as_json()), str(folder)]
    )


def there(program: str, packages: str) -> bool:
    """Whether a program of Debian's is installed; says aloud what to install."""
    if shutil.which(program):
        return True
    say(f"SKIPPED: {program} is not installed: apt-get install {packages}")
    return False


def with_helpdesk(asked: bool) -> bool:
    """Whether django-helpdesk is there, or has been made as asked for."""
    if _helpdesk_python().exists():
        return True
    if not asked:
        say(f"SKIPPED: {_HELPDESK} is not there: `python -m benchmarks --peers` installs it")
        return False
    folder = _helpdesk_python().parent.parent
    say(f"{_HELPDESK} is being installed in {folder}")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = [str(_helpdesk_python()), "-m", "pip", "install", "-qqq", _HELPDESK]
    subprocess.run(pip, check=True, stdout=sys.stderr)
    return True


def _helpdesk_python() -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    return cache / "replyby-bench" / _HELPDESK / "bin" / "python"


def _written(path: Path, text: str, box: Box, **more: str) -> Path:
    filled = text.format(
        port=box.port, user=box.user, password=box.password, folder=path.parent, **more
    )
    path.write_text(filled)
    path.chmod(0o600)
    return path


def _launched(command: list[str]) -> Figures:
    return _figures([sys.executable, "-I", "-S", "-c", _LAUNCH, *command])


def _figures(command: list[str]) -> Figures:
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=_SECONDS, check=False,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {done.stderr[-2000:]}")
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures


def _complete(maildir: Path, box: Box) -> None:
    got = sum(1 for part in ("cur", "new") for _ in (maildir / part).iterdir())
    assert got == box.count, f"{got} of {box.count} mails came"
