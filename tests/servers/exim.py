"""A private Exim: takes mail over SMTP, delivers it to a private Dovecot, bounces for real."""

from collections.abc import Sequence

from .dovecot import Dovecot
from .need import program
from .process import LOOPBACK, Server, free_port, greets

_SETTINGS = r"""
exim_path = {exim}
exim_user = {user}
exim_group = {group}
deliver_drop_privilege
primary_hostname = localhost
qualify_domain = {first_domain}
domainlist local = {domains}
spool_directory = {folder}/spool
log_file_path = {folder}/%slog
pid_file_path = {folder}/pid
keep_environment =

disable_ipv6
local_interfaces = {loopback}
daemon_smtp_ports = {smtp_port} : {smtps_port}
tls_on_connect_ports = {smtps_port}
tls_advertise_hosts = *
tls_certificate = {folder}/cert.pem
tls_privatekey = {folder}/key.pem
auth_advertise_hosts = ${{if def:tls_in_cipher {{*}}}}
host_lookup =
acl_smtp_rcpt = recipient
# A bounce that nobody can be given is dropped instead of being kept and tried for days.
ignore_bounce_errors_after = 0s
delay_warning =

begin acl

recipient:
  deny
    local_parts = refuse
    message = 550 5.1.1 No such mailbox here
  defer
    local_parts = defer
    message = 451 4.7.1 Please try again later
  accept
    domains = +local
  accept
    authenticated = *
  deny
    message = 550 5.7.1 Relaying is not permitted without authentication

begin routers

mailbox:
  driver = manualroute
  domains = +local
  local_part_suffix = +*
  local_part_suffix_optional
  route_list = * {loopback}
  self = send
  transport = lmtp
  no_more

elsewhere:
  driver = redirect
  allow_fail
  data = :fail: This server delivers to no other domain

begin transports

lmtp:
  driver = smtp
  protocol = lmtp
  allow_localhost
  port = {lmtp_port}
  hosts_avoid_tls = *
  rcpt_include_affixes

begin retry

* * F,1h,1s

begin authenticators

plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_set_id = $auth2
  server_condition = {plain_condition}

login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_set_id = $auth1
  server_condition = {login_condition}
"""

# Dovecot's own files of passwords, looked at on every login.
_CONDITION = (
    r"${{lookup {{${{lc:{user}}}}} dsearch {{{users}}} "
    r"{{${{if eq {{${{readfile {{{users}/$value}}}}}} "
    r"{{${{lc:{user}}}:{password}\n}}}}}} {{false}}}}"
)


class Exim(Server):
    """Exim(dovecot) as a context manager is running; its logins are those of the mailboxes.

    An unknown recipient in one of the domains is accepted and bounced, refuse@ is refused with
    550, defer@ is put off with 451, and mail to any other domain is bounced.
    """

    name = "smtp"

    def __init__(
        self, dovecot: Dovecot, *, domains: Sequence[str] = ("desk.test", "customer.test")
    ) -> None:
        self._exim = program("exim4", "exim4-daemon-light")
        self.dovecot = dovecot
        self.domains = tuple(domains)
        self.smtp_port = free_port()
        self.smtps_port = free_port()
        super().__init__()

    def run_queue(self) -> None:
        """Tries everything that waits at once, and returns when it was tried."""
        self._run([*self._base(), "-qff"])

    def queued(self) -> int:
        """How many mails wait for delivery."""
        return int(self._run([*self._base(), "-bpc"]))

    def _prepare(self) -> None:
        self._copy_certificate(self.dovecot.certificates)
        self._make_folder("spool")
        self._write(self.folder / "conf", self._settings())

    def _settings(self) -> str:
        users = self.dovecot.users
        return _SETTINGS.format(
            exim=self._exim,
            folder=self.folder,
            loopback=LOOPBACK,
            first_domain=self.domains[0],
            domains=" : ".join(self.domains),
            smtp_port=self.smtp_port,
            smtps_port=self.smtps_port,
            lmtp_port=self.dovecot.lmtp_port,
            plain_condition=_CONDITION.format(user="$auth2", password="$auth3", users=users),
            login_condition=_CONDITION.format(user="$auth1", password="$auth2", users=users),
            user=self.account.user,
            group=self.account.group,
        )

    def _base(self) -> list[str]:
        return [self._exim, "-C", str(self.folder / "conf")]

    def _command(self) -> list[str]:
        return [*self._base(), "-bdf", "-q1s"]

    def _answers(self) -> bool:
        return greets(self.smtp_port, b"220 ")
