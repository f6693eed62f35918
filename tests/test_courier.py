"""Webhooks go to public https addresses and nowhere else: no connection is made."""

import threading

import pytest

from registry.courier import BadAddress, Courier, checked_url, is_public
from tests.receiver import HOST, PUBLIC, Names, Wire, a_receiver

#: Addresses a person may type, refused before anything is looked up.
TYPED = [
    *("http://hooks.example.com/", "ftp://hooks.example.com/", "//hooks.example.com"),
    *("javascript:alert(1)", "file:///etc/passwd", "gopher://hooks.example.com/"),
    *("https://", "https:///path", "hooks.example.com", "", "https://.", "https://a"),
    "https://hooks.example.com:8443/",
    "https://hooks.example.com:80/",
    "https://hooks.example.com:",
    "https://hooks.example.com:99999/",
    "https://user:password@hooks.example.com/",
    "https://hooks.example.com@127.0.0.1/",
    "https://hooks.example.com/#part",
    "https://hooks.example.com\\@127.0.0.1/",
    "https://hooks.example.com/a b",
    "https://hooks.exa\tmple.com/",
    "https://hooks.example.com/\r\nX-Header: 1",
    *("https://127.0.0.1/", "https://127.1/", "https://2130706433/"),
    *("https://0x7f000001/", "https://0x7f.0.0.1/", "https://0177.0.0.1/"),
    *("https://017700000001/", "https://0/", "https://0.0.0.0/"),
    *("https://10.0.0.1/", "https://172.16.0.1/", "https://192.168.1.1/"),
    *("https://169.254.169.254/latest/meta-data/", "https://100.64.0.1/"),
    *("https://8.8.8.8/", "https://1.1/", "https://[::1]/", "https://[::]/"),
    *("https://[::ffff:127.0.0.1]/", "https://[fe80::1%25eth0]/", "https://[fc00::1]/"),
    *("https://[2002:7f00:1::]/", "https://[64:ff9b::7f00:1]/", "https://[2606::1]/"),
    *("https://localhost/", "https://LOCALHOST/", "https://localhost./"),
    *("https://hooks.localhost/", "https://printer.local/", "https://db.internal/"),
    *("https://router.home.arpa/", "https://intranet/", "https://hidden.onion/"),
    *("https://hooks.example.com./", "https://-hooks.example.com/"),
    *("https://hooks..example.com/", "https://hooks_1.example.com/"),
    *("https://127。0。0。1/", "https://①②⑦.⓪.⓪.①/", "https://１２７.0.0.1/"),
    *("https://127.0.0.1%2f.example.com/", "https://127.0.0.1%00.example.com/"),
    *("https://exаmple.com/", "https://xn--/", f"https://{'a.' * 200}com/"),
    f"https://hooks.example.com/{'a' * 500}",
]

#: Numbers that a good name may turn out to have.
FOUND = [
    *("127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.1.2.3", "172.31.0.1"),  # noqa: S104 - one of the bad ones
    *("192.168.0.1", "169.254.169.254", "100.64.0.1", "100.127.255.255"),
    *("192.0.0.8", "192.0.2.1", "198.51.100.7", "203.0.113.9", "198.18.0.1"),
    *("224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "192.88.99.1"),
    *("::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"),
    *("::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1"),
    *("2002:7f00:1::1", "2002:808:808::1", "2001::1", "2001:db8::1", "3fff::1"),
    *("fc00::1", "fdff::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1"),
    *("100::1", "5f00::1", "not a number", "", "2606:4700::1%lo"),
]


@pytest.mark.parametrize("typed", TYPED, ids=repr)
def test_these_addresses_are_refused_when_typed(typed):
    with pytest.raises(BadAddress):
        checked_url(typed)


def test_there_are_sixty_and_more():
    assert len(set(TYPED)) >= 60
    assert len(set(FOUND)) >= 40


@pytest.mark.parametrize(
    "typed",
    [*TYPED, *(f"https://{number}.example/" for number in range(len(FOUND)))],
    ids=repr,
)
def test_no_connection_is_made_to_any_of_them(typed):
    """Also when such an address were in the database: the courier looks again."""
    names, wire = Names(), Wire()
    for number, found in enumerate(FOUND):
        names.known[f"{number}.example"] = [found]
    handed = Courier(names, wire).carry(typed, b"{}", {})
    assert (handed.status, handed.problem) == (None, "address_refused")
    assert wire.connects == []


def test_a_name_with_one_good_and_one_bad_number_gets_no_connection():
    names, wire = Names({HOST: [PUBLIC, "127.0.0.1"]}), Wire()
    handed = Courier(names, wire).carry(f"https://{HOST}/", b"{}", {})
    assert handed.problem == "address_refused"
    assert wire.connects == []


def test_a_name_is_looked_up_once_so_that_it_cannot_change_its_number(tmp_path):
    """DNS rebinding: the second answer would be our own machine; nobody asks again."""
    with a_receiver(tmp_path) as receiver:
        receiver.names.known[HOST] = lambda time: (
            [PUBLIC] if time == 1 else ["127.0.0.1"]
        )
        handed = receiver.courier().carry(f"https://{HOST}/in", b"{}", {})
    assert handed.status == 200
    assert receiver.names.asked == [HOST]
    assert receiver.wire.connects == [(PUBLIC, 443)]


@pytest.mark.parametrize(
    "place",
    [f"https://{HOST}/elsewhere", "https://127.0.0.1/", "http://169.254.169.254/"],
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_failure_and_is_not_followed(tmp_path, place, status):
    with a_receiver(tmp_path) as receiver:
        receiver.statuses, receiver.headers = [status], {"Location": place}
        handed = receiver.courier().carry(f"https://{HOST}/", b"{}", {})
    assert handed.status == status
    assert not handed.taken
    assert len(receiver.wire.connects) == 1
    assert len(receiver.got) == 1


def test_the_message_arrives_with_its_name_in_sni_and_host(tmp_path):
    with a_receiver(tmp_path) as receiver:
        handed = receiver.courier().carry(
            f"https://{HOST}/in?from=impact", b'{"a":1}', {"webhook-id": "msg_1"}
        )
    assert handed.taken
    assert handed.problem is None
    [got] = receiver.got
    assert (got.path, got.body) == ("/in?from=impact", b'{"a":1}')
    assert got.headers["Host"] == HOST
    assert got.headers["webhook-id"] == "msg_1"


def test_a_certificate_of_another_name_is_not_accepted(tmp_path):
    with a_receiver(tmp_path, "someone.else.example") as receiver:
        handed = receiver.courier().carry(f"https://{HOST}/", b"{}", {})
    assert handed.problem == "tls_failed"
    assert receiver.got == []


def test_a_certificate_nobody_vouches_for_is_not_accepted(tmp_path):
    with a_receiver(tmp_path) as receiver:
        handed = receiver.courier(trust=None).carry(f"https://{HOST}/", b"{}", {})
    assert handed.problem == "tls_failed"
    assert receiver.got == []


def test_proxies_of_the_machine_are_not_used(tmp_path, monkeypatch):
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with a_receiver(tmp_path) as receiver:
        assert receiver.courier().carry(f"https://{HOST}/", b"{}", {}).taken


def test_an_answer_that_comes_byte_by_byte_is_cut_off(tmp_path):
    with a_receiver(tmp_path) as receiver:
        receiver.drips = True
        handed = receiver.courier(patience=0.6).carry(f"https://{HOST}/", b"{}", {})
    assert handed.problem == "timeout"
    assert handed.milliseconds < 3000


def test_who_does_not_answer_is_not_waited_for(tmp_path):
    with a_receiver(tmp_path) as receiver:
        receiver.gate = threading.Event()
        handed = receiver.courier(patience=0.4).carry(f"https://{HOST}/", b"{}", {})
        receiver.gate.set()
    assert handed.problem == "timeout"


def test_a_name_nobody_knows_and_a_closed_door_are_told_apart():
    url = f"https://{HOST}/"
    assert Courier(Names(), Wire()).carry(url, b"", {}).problem == "name_unknown"
    closed = Courier(Names({HOST: [PUBLIC]}), Wire())
    assert closed.carry(url, b"", {}).problem == "no_answer"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://hooks.example.com", "https://hooks.example.com/"),
        (" HTTPS://Hooks.Example.com:443/in ", "https://hooks.example.com/in"),
        ("https://a-1.xn--p1ai/x?y=1&z=%2F", "https://a-1.xn--p1ai/x?y=1&z=%2F"),
    ],
)
def test_an_address_is_kept_in_one_spelling(typed, kept):
    assert checked_url(typed) == kept
    assert checked_url(kept) == kept


@pytest.mark.parametrize(
    "number", ["8.8.8.8", PUBLIC, "2606:4700:4700::1111", "2a00:1450:4002::1"]
)
def test_numbers_of_the_open_internet_are_public(number):
    assert is_public(number)
