"""The enums of the graph. The value of a member is its description in the schema."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class DescribedEnum(Enum):
    """An enum of the graph. The name of a member is the enum value, its value is the description."""


class OrderStatus(DescribedEnum):
    """The status of an order, normalized across all vendors."""

    DRAFT = "The order is a draft at the vendor. It incurs no cost until it is submitted."
    SUBMITTED = "The vendor has received the order and has not started processing it."
    PENDING_APPROVAL = "The order requires approval, for example because of its value."
    IN_PROGRESS = "The vendor is processing the order."
    ON_HOLD = "The vendor has paused the order."
    ACTION_REQUIRED = "The order is blocked until you act. See `problems` for what is required."
    PARTIALLY_SHIPPED = "Some of the goods have been shipped."
    SHIPPED = "All goods have been shipped."
    COMPLETED = "The order was delivered or provisioned in full."
    PARTIALLY_COMPLETED = "The order was fulfilled in part. Some line items failed or were cancelled."
    CANCELLING = "A cancellation was requested. The vendor has not decided yet."
    CANCELLED = "The order was cancelled. This status is final."
    REJECTED = "The vendor declined the order."
    FAILED = "The order failed at the vendor and will not continue."
    UNKNOWN = "The vendor reported a status that this version does not know. See `vendorStatus`."


class OrderPhase(DescribedEnum):
    """The phase of an order, a coarser view of its status. No values will be added to this enum."""

    DRAFT = "The order is a draft."
    OPEN = "The order is in progress. No action is required from you."
    ACTION_REQUIRED = "The order requires action from you, such as an approval or a response."
    COMPLETED = "The order was fulfilled, at least in part."
    UNSUCCESSFUL = "The order ended without delivery: it was cancelled, rejected or failed."
    UNKNOWN = "The vendor reported an unknown status."


PHASES: Mapping[OrderStatus, OrderPhase] = {
    OrderStatus.DRAFT: OrderPhase.DRAFT,
    OrderStatus.SUBMITTED: OrderPhase.OPEN,
    OrderStatus.PENDING_APPROVAL: OrderPhase.ACTION_REQUIRED,
    OrderStatus.IN_PROGRESS: OrderPhase.OPEN,
    OrderStatus.ON_HOLD: OrderPhase.OPEN,
    OrderStatus.ACTION_REQUIRED: OrderPhase.ACTION_REQUIRED,
    OrderStatus.PARTIALLY_SHIPPED: OrderPhase.OPEN,
    OrderStatus.SHIPPED: OrderPhase.OPEN,
    OrderStatus.COMPLETED: OrderPhase.COMPLETED,
    OrderStatus.PARTIALLY_COMPLETED: OrderPhase.COMPLETED,
    OrderStatus.CANCELLING: OrderPhase.OPEN,
    OrderStatus.CANCELLED: OrderPhase.UNSUCCESSFUL,
    OrderStatus.REJECTED: OrderPhase.UNSUCCESSFUL,
    OrderStatus.FAILED: OrderPhase.UNSUCCESSFUL,
    OrderStatus.UNKNOWN: OrderPhase.UNKNOWN,
}


FINAL_PHASES = frozenset({OrderPhase.COMPLETED, OrderPhase.UNSUCCESSFUL})


class SubscriptionStatus(DescribedEnum):
    """The status of a subscription, normalized across all vendors."""

    PENDING = "The subscription was ordered and is not active yet."
    ACTIVE = "The subscription is active and billed."
    EXPIRED = "The subscription has ended."
    CANCELLED = "The subscription was cancelled before it was activated."
    UNKNOWN = "The vendor reported a status that this version does not know. See `vendorStatus`."


class InvoiceStatus(DescribedEnum):
    """The status of an invoice, normalized across all vendors."""

    OPEN = "The invoice is unpaid or partially paid."
    PAID = "The invoice is paid in full."
    PENDING_APPROVAL = "The invoice has not been approved yet."
    REJECTED = "The invoice was not approved."
    VOIDED = "The invoice was voided."
    UNKNOWN = "The vendor reported a status that this version does not know. See `vendorStatus`."


class InvoiceType(DescribedEnum):
    """The type of an invoice."""

    INVOICE = "An invoice: you owe the amount to the vendor."
    CREDIT_NOTE = "A credit note: the vendor owes the amount to you."
    UNKNOWN = "The vendor reported a type that this version does not know. See `vendorType`."


class ChargeStatus(DescribedEnum):
    """The status of a charge, normalized across all vendors."""

    AWAITING_RESPONSE = "The charge awaits your response. Accept or decline it with `respondToCharge`."
    RESPONDED = "All items of the charge were accepted or declined."
    WITHDRAWN = "The vendor has withdrawn the charge."
    TIMED_OUT = "The charge expired without a response."
    UNKNOWN = "The vendor reported a status that this version does not know. See `vendorStatus`."


class ChargeItemStatus(DescribedEnum):
    """The status of a charge item, normalized across all vendors."""

    AWAITING_RESPONSE = "The item awaits your response."
    ACCEPTED = "You accepted the item."
    DECLINED = "You declined the item."
    WITHDRAWN = "The vendor has withdrawn the item."
    UNKNOWN = "The vendor reported a status that this version does not know. See `vendorStatus`."


class CancellationState(DescribedEnum):
    """The state of an order's cancellation."""

    REQUESTED = "The cancellation was requested. The vendor has not decided yet."
    ACCEPTED = "The vendor accepted the cancellation and is carrying it out."
    DECLINED = "The vendor declined the cancellation. The order continues."
    CANCELLED = "The order is cancelled."


class WriteStatus(DescribedEnum):
    """The status of a write operation."""

    SENDING = "The operation is in progress. It is being sent, or the vendor has not responded yet."
    CONFIRMED = "The vendor has performed the operation."
    REJECTED = "The operation was not performed. The vendor refused it, or it certainly never reached the vendor."
    IN_DOUBT = (
        "The outcome is unknown: the vendor may or may not have performed the operation. "
        "Do not retry it with another idempotency key."
    )


class NoteKind(DescribedEnum):
    """The audience of a note."""

    GENERAL = "A general note."
    SHIPPING = "A note for shipping."
    PROVISIONING = "A note for provisioning."


class Action(DescribedEnum):
    """An action that the graph offers. Most are performed by the mutation of the same name."""

    PLACE_ORDER = "Place an order."
    CREATE_DRAFT_ORDER = "Create a draft order at the vendor."
    UPDATE_ORDER = "Update an order."
    ADD_LINE_ITEM = "Add a line item to a draft."
    UPDATE_LINE_ITEM = "Update a line item of a draft."
    REMOVE_LINE_ITEM = "Remove a line item from a draft."
    SUBMIT_ORDER = "Submit a draft."
    CANCEL_ORDER = "Cancel an order."
    ACKNOWLEDGE_ORDER = "Confirm receipt of an order."
    APPROVE_ORDER = "Approve an order that requires approval."
    DENY_ORDER = "Deny an order that requires approval."
    RESUBMIT_ORDER = "Resume an order after the required action was taken."
    RESPOND_TO_CHARGE = "Accept or decline a charge that the vendor proposes."
    CHANGE_REQUESTED_DATE = "Request a new date for a line item."
    UPDATE_SUBSCRIPTION = "Change the settings of a subscription, such as automatic renewal."
    ACTIVATE_SUBSCRIPTION = "Activate a pending subscription."
    CANCEL_SUBSCRIPTION = "Cancel a pending subscription."
    ACTIVATE_SUBSCRIPTION_CHANGES = "Activate the pending changes of a subscription."
    CANCEL_SUBSCRIPTION_CHANGES = "Cancel the pending changes of a subscription."
    PREVIEW_SUBSCRIPTION_CHANGE = "Preview the cost of a subscription change."
    LIST_ORDERS = "List orders."
    LIST_PRODUCTS = "List products."
    LIST_SUBSCRIPTIONS = "List subscriptions."
    LIST_INVOICES = "List invoices."


class UnavailableReason(DescribedEnum):
    """The reason why an action is not available."""

    NOT_SUPPORTED = "The vendor's API does not support the action."
    EXTENSION_DISABLED = (
        "The action needs an extension that is not enabled for this account. Not every tenant of the vendor has it."
    )
    WRONG_STATUS = "The action is not possible in the current status."
    NO_PERMISSION = "The account's user does not have permission at the vendor."
    CONTACT_VENDOR = "The action is no longer possible through the API. Contact your account manager at the vendor."
    UNKNOWN = "The vendor does not allow the action and gives no reason."
