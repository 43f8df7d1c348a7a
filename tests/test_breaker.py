"""The circuit breaker, compared with a small model, and its error messages."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ordergraph.domain.errors import (
    VendorBadReply,
    VendorConflict,
    VendorError,
    VendorForbidden,
    VendorLoginFailed,
    VendorNotFound,
    VendorRateLimited,
    VendorRejected,
    VendorTimeout,
    VendorUnavailable,
    VendorUnreachable,
)
from ordergraph.settings import CircuitSettings
from ordergraph.upstream.circuit import (
    CREDENTIAL_FAILURES,
    CREDENTIAL_PAUSE,
    Breaker,
    CircuitState,
    FailureKind,
    ReportOutcome,
    failure_kind,
)

SETTINGS = CircuitSettings(failures=5, pause=1.0, max_pause=60.0)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def error(kind: type[VendorError], **facts: Any) -> VendorError:
    return kind("acme", "acme-uk", "read", **facts)


ANSWERS: list[VendorError | None] = [
    None,
    *(error(kind) for kind in (VendorForbidden, VendorNotFound, VendorConflict, VendorRejected)),
    error(VendorRateLimited, status=429),
    error(VendorBadReply, status=200),
    error(VendorUnavailable, status=501),
]
FAILURES = [
    (error(VendorLoginFailed, status=401), FailureKind.CREDENTIALS),
    (error(VendorUnreachable), FailureKind.TRANSPORT),
    (error(VendorUnavailable), FailureKind.TRANSPORT),
    (error(VendorTimeout), FailureKind.TRANSPORT),
    (error(VendorUnavailable, status=503), FailureKind.SERVER),
    (error(VendorUnavailable, status=500), FailureKind.SERVER),
]


@pytest.mark.parametrize(("failure", "kind"), FAILURES)
def test_failures_are_told_apart(failure: VendorError, kind: FailureKind) -> None:
    assert failure_kind(failure) is kind


@pytest.mark.parametrize("answer", ANSWERS)
def test_any_answer_is_a_sign_of_life(answer: VendorError | None) -> None:
    assert failure_kind(answer) is None


OUTCOMES = st.sampled_from(FAILURES) | st.sampled_from([(one, None) for one in ANSWERS])


def fail(breaker: Breaker, failure: VendorError, times: int = 1) -> None:
    for _ in range(times):
        failure = failure.again()
        with breaker.passing() as tell:
            tell(failure)


def test_refusal_is_the_error_that_opened_it_and_certainly_did_nothing() -> None:
    clock = Clock()
    breaker = Breaker(SETTINGS, clock)
    failure = error(VendorUnavailable, status=503, retry_after=7.0)
    fail(breaker, failure, 5)
    clock.now += 0.25
    with pytest.raises(VendorUnavailable) as caught, breaker.passing():
        pytest.fail("the call went through")
    refusal = caught.value
    assert refusal is not failure
    assert (refusal.status, refusal.nothing_done, refusal.retry_after) == (503, True, 0.75)
    assert not failure.nothing_done


def test_login_that_fails_for_many_counts_once() -> None:
    breaker = Breaker(SETTINGS, Clock())
    for number in range(1, 6):
        login = error(VendorUnavailable, status=503)
        for _ in range(20):
            shared = login.again()
            shared.__cause__ = login
            assert breaker.state is CircuitState.CLOSED
            with breaker.passing() as tell:
                tell(shared)
            if number == 5:
                break
    assert breaker.state is CircuitState.OPEN


def test_wrong_password_is_tried_twice_and_then_seldom() -> None:
    clock = Clock()
    breaker = Breaker(SETTINGS, clock)
    fail(breaker, error(VendorLoginFailed), CREDENTIAL_FAILURES)
    assert (breaker.state, breaker.seconds) == (CircuitState.OPEN, CREDENTIAL_PAUSE)
    clock.now += CREDENTIAL_PAUSE
    fail(breaker, error(VendorLoginFailed))
    assert (breaker.state, breaker.seconds) == (CircuitState.OPEN, 60.0)


class Model(RuleBasedStateMachine):
    """Calls begin and end in any order. The model knows the last opening, how many came in a row, and the probe."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.breaker = Breaker(SETTINGS, self.clock)
        self.calls: list[tuple[ExitStack, ReportOutcome, int, bool]] = []
        self.era = 0
        self.opened_for: float | None = None
        self.opened_at = 0.0
        self.openings = 0
        self.probe: ExitStack | None = None
        self.run: list[FailureKind] = []

    @property
    def due(self) -> bool:
        return self.opened_for is not None and self.clock.now >= self.opened_at + self.opened_for

    @rule(seconds=st.sampled_from([0.25, 0.5, 1.0, 4.0, 30.0, 60.0]))
    def wait(self, seconds: float) -> None:
        self.clock.now += seconds

    @rule(always=st.booleans())
    def begin(self, always: bool) -> None:
        passes = self.opened_for is None or always or (self.due and self.probe is None)
        if not passes:
            with pytest.raises(VendorError) as caught, self.breaker.passing(always=always):
                pass
            assert caught.value.nothing_done
            assert (caught.value.retry_after or 0) > 0
            return
        stack = ExitStack()
        tell = stack.enter_context(self.breaker.passing(always=always))
        probing = self.opened_for is not None and not always
        if probing:
            self.probe = stack
        self.calls.append((stack, tell, self.era, probing))

    @precondition(lambda self: self.calls)
    @rule(data=st.data(), outcome=OUTCOMES)
    def end(self, data: st.DataObject, outcome: tuple[VendorError | None, FailureKind | None]) -> None:
        self.ended(data.draw(st.integers(0, len(self.calls) - 1)), outcome)

    @rule(times=st.integers(1, 5), outcome=OUTCOMES)
    def call(self, times: int, outcome: tuple[VendorError | None, FailureKind | None]) -> None:
        """Make calls that begin and end immediately."""
        for _ in range(times):
            before = len(self.calls)
            self.begin(always=False)
            if len(self.calls) > before:
                self.ended(-1, outcome)

    def ended(self, place: int, outcome: tuple[VendorError | None, FailureKind | None]) -> None:
        stack, tell, era, probing = self.calls.pop(place)
        told, kind = outcome
        tell(told and told.again())
        stack.close()
        if era != self.era:
            return
        if kind is None:
            self.run = []
            if self.opened_for is not None:
                self.era, self.opened_for, self.openings, self.probe = self.era + 1, None, 0, None
        elif self.opened_for is None:
            self.run.append(kind)
            logins = self.run.count(FailureKind.CREDENTIALS)
            if logins == 2 or len(self.run) - logins == 5:
                self.open(kind)
        elif probing:
            self.open(kind)

    @precondition(lambda self: self.calls)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        stack, _, _, _ = self.calls.pop(data.draw(st.integers(0, len(self.calls) - 1)))
        stack.close()
        if self.probe is stack:
            self.probe = None

    def open(self, kind: FailureKind) -> None:
        first = 30.0 if kind is FailureKind.CREDENTIALS else 1.0
        self.opened_for = min(60.0, first * 2**self.openings)
        self.opened_at = self.clock.now
        self.era, self.openings, self.probe = self.era + 1, self.openings + 1, None

    @invariant()
    def is_as_the_model_says(self) -> None:
        if self.opened_for is None:
            assert (self.breaker.state, self.breaker.seconds) == (CircuitState.CLOSED, 0.0)
        elif self.due:
            assert (self.breaker.state, self.breaker.seconds) == (CircuitState.HALF_OPEN, 0.0)
        else:
            left = self.opened_at + self.opened_for - self.clock.now
            assert (self.breaker.state, self.breaker.seconds) == (CircuitState.OPEN, left)

    def teardown(self) -> None:
        for stack, _, _, _ in self.calls:
            stack.close()


TestModel = Model.TestCase
TestModel.settings = settings(max_examples=100, stateful_step_count=50)
