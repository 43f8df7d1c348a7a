"""Every error that ordergraph raises on purpose.

::

    OrdergraphError
    ├── SettingsError                   the configuration is wrong; nothing starts
    ├── StartError                      a port is taken, a process has died; nothing serves
    ├── Unauthenticated                 UNAUTHENTICATED         nobody knows who asks
    ├── Forbidden                       FORBIDDEN               the caller lacks a scope
    ├── InputError                      BAD_USER_INPUT          the caller's arguments are wrong
    ├── ActionRefused                   (a user error)          a mutation cannot be done, and why
    ├── LedgerUnavailable               LEDGER_UNAVAILABLE      the gateway's own database does not work
    ├── TooManyWatches                  TOO_MANY_WATCHES        the caller watches as much as it may
    ├── SlowConsumer                    SLOW_CONSUMER           who watches does not take what it is told
    ├── UnwritableNumber                VENDOR_BAD_REPLY        a vendor's number that cannot be written out
    └── VendorError
        ├── VendorUnreachable           VENDOR_UNAVAILABLE      no connection could be made
        ├── VendorUnavailable           VENDOR_UNAVAILABLE      the connection broke, or a 5xx status
        ├── VendorTimeout               VENDOR_TIMEOUT          no answer in time, or 408
        ├── VendorRateLimited           VENDOR_RATE_LIMITED     429
        ├── VendorLoginFailed           VENDOR_LOGIN_FAILED     the account's credentials do not work
        ├── VendorForbidden             VENDOR_FORBIDDEN        403
        ├── VendorNotFound              VENDOR_REJECTED         404, 410
        ├── VendorConflict              VENDOR_REJECTED         409: not in this state
        ├── VendorRejected              VENDOR_REJECTED         400, 422 and every other 4xx
        └── VendorBadReply              VENDOR_BAD_REPLY        an answer that breaks the contract

``graph/errors.py`` is the only place that turns them into GraphQL. An error's text is written for the
caller: it names vendor and account and never holds a secret, a body or an address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum


class OrdergraphError(Exception):
    """Base of the tree. ``code`` is stable; ``retryable`` says whether asking again may help."""

    code = "INTERNAL_SERVER_ERROR"
    retryable = False


class SettingsError(OrdergraphError):
    """The settings cannot be used; the text says which key, and what is allowed."""


class StartError(OrdergraphError):
    """A command cannot do its work, for a reason outside its settings."""


class Unauthenticated(OrdergraphError):
    """Who asks has presented no key, or one that nobody has."""

    code = "UNAUTHENTICATED"

    def __init__(self) -> None:
        super().__init__("this needs a key that the gateway knows: send it as `Authorization: Bearer <key>`")


class Forbidden(OrdergraphError):
    """The caller is known, and may not do this with any account."""

    code = "FORBIDDEN"


class InputError(OrdergraphError):
    """An argument is wrong: an id, a cursor, a range, a length."""

    code = "BAD_USER_INPUT"


class UserErrorCode(Enum):
    """Why a mutation was not done. A member's value is the sentence shown in the schema."""

    INVALID = "The value is not allowed."
    REQUIRED = "The value is missing."
    TOO_LONG = "The value is longer than the vendor or the gateway takes."
    NOT_FOUND = "There is no such object for you."
    NOT_SUPPORTED = "The vendor's API cannot do this."
    WRONG_STATUS = "The object is not in a status that allows it."
    NO_PERMISSION = "The account's user may not do this at the vendor."
    CONFLICT = "The object has changed since the version that you named."
    IDEMPOTENCY_CONFLICT = "The idempotency key was used before, with another input."
    REJECTED_BY_VENDOR = "The vendor refused; `vendorMessage` has its words."
    IN_PROGRESS = "The first use of this key is still under way: ask again in a moment, with the same key."
    NOT_SENT = "The vendor could not be reached or did nothing: it is safe to try again, with the same key."
    OUTCOME_IN_DOUBT = (
        "The vendor may or may not have done it: no clear answer came. Do not send it again under another key."
    )


@dataclass(frozen=True, slots=True)
class UserError:
    """One reason why a mutation was not done. ``field`` is the path of the input, from ``input`` on."""

    code: UserErrorCode
    message: str
    field: Sequence[str] | None = None
    vendor_code: str | None = None
    vendor_message: str | None = None
    retryable: bool = False


class ActionRefused(OrdergraphError):
    """A mutation cannot be done; ``errors`` has all the reasons, not just the first.

    Where a query runs into it, it is an error like other wrong arguments.
    """

    code = "BAD_USER_INPUT"

    def __init__(self, *errors: UserError) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = errors


class LedgerUnavailable(OrdergraphError):
    """The ledger's database does not do its work. ``reason`` is for operators, the text for callers.

    ``perhaps_kept``: what was to be written may be there all the same.
    """

    code = "LEDGER_UNAVAILABLE"
    retryable = True

    def __init__(self, reason: str, *, perhaps_kept: bool = False) -> None:
        super().__init__("the gateway's ledger is not available")
        self.reason = reason
        self.perhaps_kept = perhaps_kept


class TooManyWatches(OrdergraphError):
    """A caller watches as much at once as it may."""

    code = "TOO_MANY_WATCHES"
    retryable = True

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"at most {limit} orders and operations can be watched at once: end some of those subscriptions"
        )


class SlowConsumer(OrdergraphError):
    """Who watches has not taken what it was told for too long."""

    code = "SLOW_CONSUMER"
    retryable = True

    def __init__(self) -> None:
        super().__init__("you did not take the changes as fast as they came: subscribe again")


class UnwritableNumber(OrdergraphError):
    """A vendor sent a number that is none, or that has more digits than anybody writes."""

    code = "VENDOR_BAD_REPLY"
    retryable = True

    def __init__(self) -> None:
        super().__init__("the vendor sent a number that cannot be written out")


@dataclass(frozen=True, slots=True)
class Problem:
    """What a vendor's error body said: its code, its words, and its words about single fields."""

    code: str | None = None
    message: str | None = None
    fields: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])


class VendorError(OrdergraphError):
    """A vendor's API did not do what was asked.

    ``nothing_done`` is True only where the vendor certainly did not act on the call; everything else
    may have happened. ``retry_after`` is in seconds.
    """

    code = "VENDOR_UNAVAILABLE"
    retryable = True
    nothing_done = False
    says = "did not answer as it should"

    def __init__(
        self,
        vendor: str,
        account: str,
        operation: str,
        *,
        status: int | None = None,
        problem: Problem | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{vendor} (account {account}) {self.says}")
        self.vendor = vendor
        self.account = account
        self.operation = operation
        self.status = status
        self.problem = problem or Problem()
        self.retry_after = retry_after
        self.left_behind: object | None = None
        """What an action made before it failed: the draft of an order that was not submitted."""

    def again(self) -> VendorError:
        """The same error for another caller, so that what one adds to its own does not show in the other's."""
        error = type(self).__new__(type(self), *self.args)
        error.__dict__.update(self.__dict__)
        return error


class VendorUnreachable(VendorError):
    """No connection could be made, so nothing was sent."""

    nothing_done = True
    says = "cannot be reached"


class VendorUnavailable(VendorError):
    """The connection broke after the call had begun, or the vendor answered with a 5xx status."""

    says = "is not available"


class VendorTimeout(VendorError):
    """No answer came in time."""

    code = "VENDOR_TIMEOUT"
    says = "did not answer in time"


class VendorRateLimited(VendorError):
    """The vendor turned the call away because there were too many (429)."""

    code = "VENDOR_RATE_LIMITED"
    nothing_done = True
    says = "takes no more calls at the moment"


class VendorLoginFailed(VendorError):
    """The account's credentials do not work: the login was refused, or a fresh token was."""

    code = "VENDOR_LOGIN_FAILED"
    retryable = False
    nothing_done = True
    says = "refused the account's credentials"


class VendorForbidden(VendorError):
    """The account's user may not do this at the vendor (403)."""

    code = "VENDOR_FORBIDDEN"
    retryable = False
    nothing_done = True
    says = "does not permit this to the account's user"


class VendorRejected(VendorError):
    """The vendor understood the call and refused it (400, 422 and every other 4xx)."""

    code = "VENDOR_REJECTED"
    retryable = False
    nothing_done = True
    says = "refused the request"


class VendorNotFound(VendorRejected):
    """The vendor has no such object (404, 410)."""

    says = "has no such object"


class VendorConflict(VendorRejected):
    """The object is not in a state that allows it (409)."""

    says = "does not allow this in the object's present state"


class VendorBadReply(VendorError):
    """The answer is not what the vendor's contract promises: no JSON, a wrong type, too large."""

    code = "VENDOR_BAD_REPLY"
    says = "sent an answer that breaks its own contract"
