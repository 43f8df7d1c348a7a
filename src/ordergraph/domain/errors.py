"""The errors that ordergraph raises deliberately.

::

    OrdergraphError
    ├── SettingsError                   the configuration is invalid; nothing starts
    ├── StartError                      a port is in use or a process has exited; the command cannot run
    ├── Unauthenticated                 UNAUTHENTICATED         the API key is missing or unknown
    ├── Forbidden                       FORBIDDEN               the caller lacks a scope
    ├── InputError                      BAD_USER_INPUT          the caller's arguments are invalid
    ├── ActionRefused                   (a user error)          a mutation cannot be performed, with the reasons
    ├── LedgerUnavailable               LEDGER_UNAVAILABLE      the gateway's own database is unavailable
    ├── TooManyWatches                  TOO_MANY_WATCHES        the caller has reached its limit of watches
    ├── SlowConsumer                    SLOW_CONSUMER           a watching client reads events too slowly
    ├── UnwritableNumber                VENDOR_BAD_REPLY        a number from a vendor that cannot be represented
    └── VendorError
        ├── VendorUnreachable           VENDOR_UNAVAILABLE      no connection could be made
        ├── VendorUnavailable           VENDOR_UNAVAILABLE      the connection broke, or a 5xx status
        ├── VendorTimeout               VENDOR_TIMEOUT          a timeout, or status 408
        ├── VendorRateLimited           VENDOR_RATE_LIMITED     429
        ├── VendorLoginFailed           VENDOR_LOGIN_FAILED     the account's credentials do not work
        ├── VendorForbidden             VENDOR_FORBIDDEN        403
        ├── VendorNotFound              VENDOR_REJECTED         404, 410
        ├── VendorConflict              VENDOR_REJECTED         409: not in this state
        ├── VendorRejected              VENDOR_REJECTED         400, 422 and every other 4xx
        └── VendorBadReply              VENDOR_BAD_REPLY        a response that breaks the contract

Only ``graph/errors.py`` converts them to GraphQL. The text of an error is written for the caller. It names vendor
and account, and never contains a secret, a body or an address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum


class OrdergraphError(Exception):
    """Base of all errors. ``code`` is stable; ``retryable`` is whether retrying the request may succeed."""

    code = "INTERNAL_SERVER_ERROR"
    retryable = False


class SettingsError(OrdergraphError):
    """The settings are invalid. The text names the key and the allowed values."""


class StartError(OrdergraphError):
    """A command cannot run, for a reason other than its settings."""


class Unauthenticated(OrdergraphError):
    """The API key is missing or unknown."""

    code = "UNAUTHENTICATED"

    def __init__(self) -> None:
        super().__init__("Authentication required. Send a valid API key as `Authorization: Bearer <key>`.")


class Forbidden(OrdergraphError):
    """The caller is authenticated and lacks the permission, whatever the account."""

    code = "FORBIDDEN"


class InputError(OrdergraphError):
    """An argument is invalid: an ID, a cursor, a range, a length."""

    code = "BAD_USER_INPUT"


class UserErrorCode(Enum):
    """Why a mutation was not performed."""

    INVALID = "The value is invalid."
    REQUIRED = "The value is missing."
    TOO_LONG = "The value exceeds the maximum length of the vendor or the gateway."
    NOT_FOUND = "The object does not exist, or you do not have access to it."
    NOT_SUPPORTED = "The vendor's API does not support the action."
    WRONG_STATUS = "The action is not possible in the object's current status."
    NO_PERMISSION = "The account's user does not have permission at the vendor."
    CONFLICT = "The object has changed since the given version."
    IDEMPOTENCY_CONFLICT = "The idempotency key was already used with a different input."
    REJECTED_BY_VENDOR = "The vendor refused the request. See `vendorMessage` for its reason."
    IN_PROGRESS = (
        "The first request with this idempotency key is still in progress. "
        "Retry in a moment with the same idempotency key."
    )
    NOT_SENT = "The action was not performed. It is safe to retry it with the same idempotency key."
    OUTCOME_IN_DOUBT = (
        "The outcome is unknown: the vendor may or may not have performed the action. "
        "Do not retry it with another idempotency key."
    )


@dataclass(frozen=True, slots=True)
class UserError:
    """A reason why a mutation was not performed. ``field`` is the path of the invalid value, starting at ``input``."""

    code: UserErrorCode
    message: str
    field: Sequence[str] | None = None
    vendor_code: str | None = None
    vendor_message: str | None = None
    retryable: bool = False


class ActionRefused(OrdergraphError):
    """A mutation cannot be performed. ``errors`` holds all reasons, not only the first.

    In a query, it is reported like any other invalid argument.
    """

    code = "BAD_USER_INPUT"

    def __init__(self, *errors: UserError) -> None:
        super().__init__(" ".join(error.message for error in errors))
        self.errors = errors


class LedgerUnavailable(OrdergraphError):
    """The ledger's database is unavailable. ``reason`` is for operators, the text is for callers.

    ``perhaps_kept``: the data may have been written nevertheless.
    """

    code = "LEDGER_UNAVAILABLE"
    retryable = True

    def __init__(self, reason: str, *, perhaps_kept: bool = False) -> None:
        super().__init__("The gateway's ledger is unavailable.")
        self.reason = reason
        self.perhaps_kept = perhaps_kept


class TooManyWatches(OrdergraphError):
    """A caller has reached the limit of concurrent watches."""

    code = "TOO_MANY_WATCHES"
    retryable = True

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"At most {limit} orders and operations can be watched at the same time. End some of the subscriptions."
        )


class SlowConsumer(OrdergraphError):
    """A watching client reads its events too slowly."""

    code = "SLOW_CONSUMER"
    retryable = True

    def __init__(self) -> None:
        super().__init__("The client reads events too slowly, so the subscription has ended. Subscribe again.")


class UnwritableNumber(OrdergraphError):
    """A vendor sent a number that is not finite, or too large to be represented."""

    code = "VENDOR_BAD_REPLY"
    retryable = True

    def __init__(self) -> None:
        super().__init__("The vendor sent a number that cannot be represented.")


@dataclass(frozen=True, slots=True)
class Problem:
    """The content of a vendor's error response: its code, its message, and its messages about individual fields."""

    code: str | None = None
    message: str | None = None
    fields: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])


class VendorError(OrdergraphError):
    """A call to a vendor's API failed.

    ``nothing_done`` is True only if the vendor certainly did not act on the call. Otherwise the call may have been
    performed. ``says`` completes a sentence that begins with the vendor. ``retry_after`` is in seconds.
    """

    code = "VENDOR_UNAVAILABLE"
    retryable = True
    nothing_done = False
    says = "did not respond as expected"

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
        super().__init__(f"The vendor `{vendor}` (account `{account}`) {self.says}.")
        self.vendor = vendor
        self.account = account
        self.operation = operation
        self.status = status
        self.problem = problem or Problem()
        self.retry_after = retry_after
        self.left_behind: object | None = None
        """What an action created before it failed, such as the draft of an order that was not submitted."""

    def again(self) -> VendorError:
        """Return a copy of the error for another caller, so that changes to one do not show in the other."""
        error = type(self).__new__(type(self), *self.args)
        error.__dict__.update(self.__dict__)
        return error


class VendorUnreachable(VendorError):
    """No connection could be made, so nothing was sent."""

    nothing_done = True
    says = "could not be reached"


class VendorUnavailable(VendorError):
    """The connection broke after the call had begun, or the vendor responded with a 5xx status."""

    says = "is unavailable"


class VendorTimeout(VendorError):
    """The call timed out."""

    code = "VENDOR_TIMEOUT"
    says = "timed out"


class VendorRateLimited(VendorError):
    """The vendor's rate limit was exceeded (429)."""

    code = "VENDOR_RATE_LIMITED"
    nothing_done = True
    says = "does not accept more requests because its rate limit is exceeded"


class VendorLoginFailed(VendorError):
    """The account's credentials do not work: the vendor refused to authenticate them, or refused a fresh token."""

    code = "VENDOR_LOGIN_FAILED"
    retryable = False
    nothing_done = True
    says = "refused the account's credentials"


class VendorForbidden(VendorError):
    """The account's user does not have permission at the vendor (403)."""

    code = "VENDOR_FORBIDDEN"
    retryable = False
    nothing_done = True
    says = "does not grant the account's user permission for this request"


class VendorRejected(VendorError):
    """The vendor refused the request (400, 422 and every other 4xx)."""

    code = "VENDOR_REJECTED"
    retryable = False
    nothing_done = True
    says = "refused the request"


class VendorNotFound(VendorRejected):
    """The vendor has no such object (404, 410)."""

    says = "has no such object"


class VendorConflict(VendorRejected):
    """The object's current state does not allow the action (409)."""

    says = "does not allow this in the object's current state"


class VendorBadReply(VendorError):
    """The response breaks the vendor's contract: it is not JSON, has a wrong type or is too large."""

    code = "VENDOR_BAD_REPLY"
    says = "sent a response that violates its API contract"
