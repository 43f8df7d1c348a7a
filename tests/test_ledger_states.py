"""The ledger's state machine, compared with a model: no sequence of events loses or duplicates a write.

The model's vendor executes exactly the calls that it receives. The ledger learns of them from responses, lost
responses, killed processes, look-ups (which may be too early) and people.
"""

import asyncio
import itertools
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from structlog.testing import capture_logs

from ordergraph.domain import WriteStatus
from ordergraph.domain.errors import ActionRefused, UserError, UserErrorCode, VendorUnavailable
from ordergraph.domain.paging import Window
from ordergraph.ledger import Ledger, Outcome, Use
from ordergraph.ledger.operations import Finding, OperationQuery, WriteOperation
from ordergraph.ledger.reconcile import Probe, Reconciler
from ordergraph.ledger.store import Store
from ordergraph.ledger.tables import OPERATIONS
from ordergraph.upstream.calls import Call
from ordergraph.upstream.request_scope import current_request

pytestmark = pytest.mark.slow

T = TypeVar("T")

PAST = datetime(2020, 1, 1, tzinfo=UTC)
ALL = Window(10_000, descending=False)
CALL = Call("place_order", "POST", "/orders", content=b"{}")
REFUSED = UserError(UserErrorCode.REJECTED_BY_VENDOR, "No.")
DOUBTFUL = UserError(UserErrorCode.OUTCOME_IN_DOUBT, "Who knows.")
SETTLE = 3600.0


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Truth:
    """The actual state of an operation, whether or not the ledger knows it."""

    place: tuple[str, str, str]
    body: str
    made: bool
    """Whether the vendor has executed it."""
    expected: WriteStatus
    late: bool = False
    """Whether the settle time is over. From then on, the vendor will not execute a pending call."""


CALLERS, ACCOUNTS, KEYS, BODIES = (("web", "app"), ("a", "b"), ("k1", "k2", "k3"), ("one", "two"))
places = st.tuples(st.sampled_from(CALLERS), st.sampled_from(ACCOUNTS), st.sampled_from(KEYS))


class LedgerMachine(RuleBasedStateMachine):
    """Two processes with one database, which is empty at the start."""

    url: str

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.store = Store(self.url)
        self.processes: list[Ledger] = []
        self.truths: dict[str, Truth] = {}

    @initialize()
    def start(self) -> None:
        self.run(self._empty())
        self.processes = [Ledger(self.store, 3600) for _ in range(2)]  # valid on a slow machine too

    async def _empty(self) -> None:
        async with self.store.begin() as connection:
            await connection.execute(OPERATIONS.delete())

    def teardown(self) -> None:
        for ledger in self.processes:
            self.run(ledger.aclose())
        self.run(self.store.aclose())
        self.loop.close()

    def run(self, doing: Coroutine[Any, Any, T]) -> T:
        with capture_logs():
            return self.loop.run_until_complete(doing)

    # What the model knows

    def bound(self, place: tuple[str, str, str]) -> tuple[str, Truth] | None:
        """Return the operation that has used an idempotency key, according to the model."""
        live = [one for one in self.truths.items() if one[1].place == place]
        return next((one for one in live if one[1].expected is not WriteStatus.REJECTED), None)

    def those(self, *status: WriteStatus) -> list[str]:
        return [id_ for id_, one in self.truths.items() if one.expected in status]

    def record(self, id_: str) -> WriteOperation:
        account = self.truths[id_].place[1]
        found = self.run(self.processes[0].operations.by_id(account, id_))
        assert found is not None
        return found

    # What happens

    @rule(
        place=places,
        body=st.sampled_from(BODIES),
        worker=st.integers(0, 1),
        made=st.booleans(),
        answer=st.sampled_from(["clear", "lost", "killed", "unsent"]),
    )
    def order(self, place: tuple[str, str, str], body: str, worker: int, made: bool, answer: str) -> None:
        earlier = self.bound(place)
        if earlier is not None and earlier[1].expected is WriteStatus.SENDING:
            return  # a repeat would wait until the lease expires, which is a rule of its own
        sent, replayed, refused = self.placed(place, body, worker, made=made, answer=answer)
        if earlier is not None:
            assert not sent, "sent twice with one idempotency key"
            assert refused == (earlier[1].body != body)
            assert refused or replayed == [earlier[0]]
            return
        assert (bool(sent), replayed, refused) == (answer != "unsent", [], False)
        if sent:
            self.truths[sent[0]] = Truth(place, body, made, self._after(answer, made=made))

    def placed(
        self, place: tuple[str, str, str], body: str, worker: int, *, made: bool, answer: str
    ) -> tuple[list[str], list[str], bool]:
        """Run a mutation. Return the operations that were sent and replayed, and whether there was a conflict."""
        ledger = self.processes[worker]
        sent: list[str] = []
        replayed: list[str] = []

        async def do() -> Outcome:
            if answer == "unsent":
                return Outcome(reasons=[REFUSED])
            told = current_request().recorder
            assert told is not None
            await told.sending(CALL)
            sent.append((await ledger.operations.listed(place[1], SENDING, ALL)).items[-1].id)
            if answer == "killed":
                raise Killed
            reasons = [DOUBTFUL] if answer == "lost" else [] if made else [REFUSED]
            return Outcome(reasons=reasons)

        async def replay(operation: WriteOperation) -> Outcome:
            replayed.append(operation.id)
            return Outcome(reasons=operation.reasons, operation=operation)

        use = Use(caller=place[0], account=place[1], mutation="placeOrder", request=body, told=body, key=place[2])
        try:
            self.run(ledger.run(use, do, replay))
        except ActionRefused as error:
            return sent, replayed, error.errors[0].code is UserErrorCode.IDEMPOTENCY_CONFLICT
        except Killed:
            pass
        return sent, replayed, False

    @staticmethod
    def _after(answer: str, *, made: bool) -> WriteStatus:
        if answer == "killed":
            return WriteStatus.SENDING
        if answer == "lost":
            return WriteStatus.IN_DOUBT
        return WriteStatus.CONFIRMED if made else WriteStatus.REJECTED

    @precondition(lambda self: self.those(WriteStatus.SENDING))
    @rule(data=st.data(), worker=st.integers(0, 1))
    def lease_ends_and_somebody_looks(self, data: st.DataObject, worker: int) -> None:
        id_ = data.draw(st.sampled_from(self.those(WriteStatus.SENDING)))
        ledger = self.processes[worker]
        for one in self.processes:
            one.end_sending(self.record(id_))
        self.run(ledger.operations.change(replace(self.record(id_), lease_until=PAST)))
        assert [one.id for one in self.run(ledger.recover())] == [id_]
        assert self.run(ledger.recover()) == []
        self.truths[id_].expected = WriteStatus.IN_DOUBT

    @precondition(lambda self: self.those(WriteStatus.SENDING))
    @rule(worker=st.integers(0, 1))
    def nobody_takes_what_is_leased(self, worker: int) -> None:
        assert self.run(self.processes[worker].recover()) == []

    @precondition(lambda self: self.those(WriteStatus.IN_DOUBT))
    @rule(
        data=st.data(),
        worker=st.integers(0, 1),
        late=st.booleans(),
        answer=st.sampled_from(["truth", "too early", "cannot be asked", "does not answer", "bug"]),
    )
    def vendor_is_asked(self, data: st.DataObject, worker: int, late: bool, answer: str) -> None:
        id_ = data.draw(st.sampled_from(self.those(WriteStatus.IN_DOUBT)))
        truth, asked = self.truths[id_], itertools.count()
        truth.late |= late
        if late:
            doubted = datetime.now(UTC) - timedelta(seconds=2 * SETTLE)
            self.run(self.processes[0].operations.change(replace(self.record(id_), doubted_at=doubted)))

        async def find_outcome(operation: WriteOperation) -> Finding | None:
            next(asked)
            assert operation.id == id_
            if answer == "does not answer":
                raise VendorUnavailable("acme", "a", "get_order")
            if answer == "bug":
                raise ZeroDivisionError
            if answer == "cannot be asked":
                return None
            return Finding(truth.made and (truth.late or answer == "truth"))

        probes = {account: Probe(find_outcome, SETTLE) for account in ACCOUNTS}
        reconciler = Reconciler(self.processes[worker], probes, timedelta(days=30))
        self.run(reconciler.ask(self.record(id_)))
        assert next(asked) == 1, "it must be looked up exactly once"
        if answer in ("truth", "too early"):
            if truth.made and (truth.late or answer == "truth"):
                truth.expected = WriteStatus.CONFIRMED
            elif truth.late:
                truth.expected = WriteStatus.REJECTED
        else:
            assert (self.record(id_).next_check_at is None) == (answer == "cannot be asked")

    @rule()
    def old_ones_are_forgotten(self) -> None:
        gone = self.those(WriteStatus.CONFIRMED, WriteStatus.REJECTED)
        count = self.run(self.processes[0].operations.forget(datetime.now(UTC) + timedelta(seconds=1)))
        assert count == len(gone)
        for id_ in gone:
            del self.truths[id_]

    # What must hold

    @invariant()
    def record_is_as_the_model(self) -> None:
        if not self.processes:
            return
        ledger = self.processes[0]
        found = [
            one
            for account in ACCOUNTS
            for one in self.run(ledger.operations.listed(account, OperationQuery(), ALL)).items
        ]
        assert {one.id: one.status for one in found} == {id_: one.expected for id_, one in self.truths.items()}
        for one in found:
            assert one.binds == (one.status is not WriteStatus.REJECTED)
            assert (one.settled_at is None) == (one.status in (WriteStatus.SENDING, WriteStatus.IN_DOUBT))

    @invariant()
    def what_is_said_to_be_done_is_done(self) -> None:
        for one in self.truths.values():
            assert one.expected is not WriteStatus.CONFIRMED or one.made
            assert one.expected is not WriteStatus.REJECTED or not one.made

    @invariant()
    def a_key_has_one_operation_that_counts(self) -> None:
        live = [one.place for one in self.truths.values() if one.expected is not WriteStatus.REJECTED]
        assert len(live) == len(set(live))


SENDING = OperationQuery(statuses=frozenset({WriteStatus.SENDING}))

SETTINGS = settings(
    max_examples=30,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def test_ledger_is_as_the_model(ledger_url: str) -> None:
    class Machine(LedgerMachine):
        url = ledger_url

    run_state_machine_as_test(Machine, settings=SETTINGS)  # pyright: ignore[reportUnknownMemberType]
