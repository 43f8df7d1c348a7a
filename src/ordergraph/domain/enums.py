"""The enums of the graph. A member's value is the sentence that the schema shows."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class DescribedEnum(Enum):
    """An enum of the graph: a member's name is the word, its value the sentence shown in the schema."""


class OrderStatus(DescribedEnum):
    """Where an order stands, in one vocabulary for all vendors."""

    DRAFT = "Kept at the vendor but not ordered: it costs nothing until it is submitted."
    SUBMITTED = "The vendor has received the order and has not begun to work on it."
    PENDING_APPROVAL = "Waits for somebody to approve it, for example because of its value."
    IN_PROGRESS = "The vendor works on the order."
    ON_HOLD = "The vendor has paused the order."
    ACTION_REQUIRED = "Does not go on until you do something; `problems` says what."
    PARTIALLY_SHIPPED = "Some of the goods are on their way."
    SHIPPED = "All goods are on their way."
    COMPLETED = "Done: everything was delivered or provided."
    PARTIALLY_COMPLETED = "Done in part: some of the lines failed or were cancelled."
    CANCELLING = "A cancellation was asked for and is not decided yet."
    CANCELLED = "Was cancelled; nothing more will happen."
    REJECTED = "The vendor declined the order."
    FAILED = "Broke off at the vendor and will not go on."
    UNKNOWN = "The vendor used a word that this version does not know; `vendorStatus` has it."


class OrderPhase(DescribedEnum):
    """The coarse stage of an order. This enum never grows: code against it where that suffices."""

    DRAFT = "Not ordered yet."
    OPEN = "Under way; nothing to do for you."
    NEEDS_ACTION = "Waits for you: an approval or an answer."
    DONE = "Ended well, at least in part."
    STOPPED = "Ended without delivery: cancelled, rejected or failed."
    UNKNOWN = "The vendor's word is not known."


PHASES: Mapping[OrderStatus, OrderPhase] = {
    OrderStatus.DRAFT: OrderPhase.DRAFT,
    OrderStatus.SUBMITTED: OrderPhase.OPEN,
    OrderStatus.PENDING_APPROVAL: OrderPhase.NEEDS_ACTION,
    OrderStatus.IN_PROGRESS: OrderPhase.OPEN,
    OrderStatus.ON_HOLD: OrderPhase.OPEN,
    OrderStatus.ACTION_REQUIRED: OrderPhase.NEEDS_ACTION,
    OrderStatus.PARTIALLY_SHIPPED: OrderPhase.OPEN,
    OrderStatus.SHIPPED: OrderPhase.OPEN,
    OrderStatus.COMPLETED: OrderPhase.DONE,
    OrderStatus.PARTIALLY_COMPLETED: OrderPhase.DONE,
    OrderStatus.CANCELLING: OrderPhase.OPEN,
    OrderStatus.CANCELLED: OrderPhase.STOPPED,
    OrderStatus.REJECTED: OrderPhase.STOPPED,
    OrderStatus.FAILED: OrderPhase.STOPPED,
    OrderStatus.UNKNOWN: OrderPhase.UNKNOWN,
}


FINAL_PHASES = frozenset({OrderPhase.DONE, OrderPhase.STOPPED})


class SubscriptionStatus(DescribedEnum):
    """Where a subscription stands."""

    PENDING = "Ordered and not activated yet."
    ACTIVE = "Runs and is billed."
    EXPIRED = "Ended."
    CANCELLED = "Was cancelled before it ran."
    UNKNOWN = "The vendor used a word that this version does not know; `vendorStatus` has it."


class InvoiceStatus(DescribedEnum):
    """Where an invoice stands."""

    OPEN = "Not paid, or not fully."
    PAID = "Paid in full."
    PENDING_APPROVAL = "Not released yet."
    REJECTED = "Was not released."
    VOIDED = "No longer counts."
    UNKNOWN = "The vendor used a word that this version does not know; `vendorStatus` has it."


class InvoiceType(DescribedEnum):
    """What kind of bill it is."""

    INVOICE = "You owe the vendor."
    CREDIT_NOTE = "The vendor owes you."
    UNKNOWN = "The vendor used a word that this version does not know; `vendorType` has it."


class ChargeStatus(DescribedEnum):
    """Where a charge that a vendor asks for stands."""

    AWAITING_RESPONSE = "Waits for you: accept or decline it with `respondToCharge`."
    ANSWERED = "Was answered, each item for itself."
    WITHDRAWN = "The vendor no longer asks for it."
    TIMED_OUT = "Was not answered in time."
    UNKNOWN = "The vendor used a word that this version does not know; `vendorStatus` has it."


class ChargeItemStatus(DescribedEnum):
    """Where a part of a charge stands."""

    AWAITING_RESPONSE = "Waits for you."
    ACCEPTED = "You accepted it."
    DECLINED = "You declined it."
    WITHDRAWN = "The vendor no longer asks for it."
    UNKNOWN = "The vendor used a word that this version does not know; `vendorStatus` has it."


class CancellationState(DescribedEnum):
    """Where the cancellation of an order stands."""

    REQUESTED = "Asked for; the vendor has not decided."
    ACCEPTED = "The vendor agreed; the order is being taken down."
    DECLINED = "The vendor declined; the order goes on."
    CANCELLED = "The order is cancelled."


class WriteStatus(DescribedEnum):
    """What is known of a write operation."""

    SENDING = "Under way: it has been sent, or will be in a moment, and no answer has come yet."
    CONFIRMED = "The vendor has done it."
    REJECTED = "It was not done: the vendor said no, or certainly never got it."
    IN_DOUBT = "It may or may not have been done: no clear answer came. Do not send it again under another key."


class NoteKind(DescribedEnum):
    """For whom a note was written."""

    GENERAL = "For everybody."
    SHIPPING = "For those who ship the goods."
    PROVISIONING = "For those who set the goods up."


class Action(DescribedEnum):
    """Something that can be done through the graph; the mutation of that name does it."""

    PLACE_ORDER = "Order something."
    CREATE_DRAFT_ORDER = "Prepare an order at the vendor without ordering it."
    UPDATE_ORDER = "Change an order."
    ADD_LINE_ITEM = "Add a line to a draft."
    UPDATE_LINE_ITEM = "Change a line of a draft."
    REMOVE_LINE_ITEM = "Take a line out of a draft."
    SUBMIT_ORDER = "Order a draft."
    CANCEL_ORDER = "Cancel an order."
    ACKNOWLEDGE_ORDER = "Confirm that an order has arrived."
    APPROVE_ORDER = "Approve an order that waits for approval."
    DENY_ORDER = "Deny an order that waits for approval."
    RESUBMIT_ORDER = "Send an order on after what it needed was done."
    RESPOND_TO_CHARGE = "Accept or decline a charge that the vendor asks for."
    CHANGE_REQUESTED_DATE = "Ask for another date of a line."
    UPDATE_SUBSCRIPTION = "Change how a subscription is administered, such as its renewal."
    ACTIVATE_SUBSCRIPTION = "Start a pending subscription."
    CANCEL_SUBSCRIPTION = "Cancel a pending subscription."
    ACTIVATE_SUBSCRIPTION_CHANGES = "Put pending changes of a subscription into force."
    CANCEL_SUBSCRIPTION_CHANGES = "Drop pending changes of a subscription."
    PREVIEW_SUBSCRIPTION_CHANGE = "Ask what a change of a subscription would cost."
    LIST_ORDERS = "Read the list of orders."
    LIST_PRODUCTS = "Read the catalogue."
    LIST_SUBSCRIPTIONS = "Read the list of subscriptions."
    LIST_INVOICES = "Read the list of invoices."


class RefusalReason(DescribedEnum):
    """Why an action is not possible."""

    NOT_SUPPORTED = "The vendor's API has no such action."
    EXTENSION_OFF = "Not every tenant of the vendor has it, and it is not switched on for this account."
    WRONG_STATUS = "Not in the present status."
    NO_PERMISSION = "The account's user may not do it."
    CONTACT_VENDOR = "Too late for the API: talk to your account manager at the vendor."
    UNKNOWN = "The vendor says no, and not why."
