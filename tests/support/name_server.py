"""A small name server: it answers what a test says, over UDP."""

import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

Zone = Mapping[tuple[str, str], Sequence[str]]
"""Records by name and type. A name that is not there, nor has one below it, does not exist."""


@dataclass
class NameServer:
    """What listens on a port of its own."""

    address: tuple[str, int]
    zone: Zone
    asked: list[str] = field(default_factory=list)

    @property
    def option(self) -> str:
        """As the command line takes it."""
        return f"{self.address[0]}:{self.address[1]}"


@contextmanager
def name_server(zone: Zone, *, is_silent: bool = False) -> Iterator[NameServer]:
    """Run a name server; a silent one never answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        made = NameServer(listening.getsockname(), zone)
        thread = threading.Thread(target=_serve, args=(made, listening, is_silent))
        thread.start()
        try:
            yield made
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
                other.sendto(b"", made.address)
            thread.join(10)
            assert not thread.is_alive()


def _serve(made: NameServer, listening: socket.socket, is_silent: bool) -> None:  # a thread's argument
    while True:
        data, sender = listening.recvfrom(65536)
        if not data:
            return
        if not is_silent:
            listening.sendto(_answer(made, data), sender)


def _answer(made: NameServer, data: bytes) -> bytes:
    query = dns.message.from_wire(data)
    question = query.question[0]
    name, kind = question.name.to_text(omit_final_dot=True).lower(), question.rdtype.name
    made.asked.append(f"{kind} {name}")
    answer = dns.message.make_response(query)
    answer.flags |= dns.flags.RA
    if records := made.zone.get((name, kind)):
        answer.answer.append(dns.rrset.from_text_list(question.name, 60, "IN", kind, list(records)))
    elif not any(known == name or known.endswith(f".{name}") for known, _ in made.zone):
        answer.set_rcode(dns.rcode.NXDOMAIN)
    return answer.to_wire(max_size=65535)
