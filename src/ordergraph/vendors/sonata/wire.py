"""MEF LSO Sonata's JSON in its own spelling. Source: MEF 123, Product Order Management API v10.

Each type names its schema. Times (ISO 8601) and enum values stay strings, so that an unreadable one affects only its
own field. Fields that a Seller may omit have a default. Fields with their default value are not sent.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from msgspec import UNSET, UnsetType, field

from ordergraph.vendors.sonata import wire_parts as parts
from ordergraph.vendors.sonata.values import TIME, WORD, SonataAction, SonataCancellationReasonType
from ordergraph.vendors.sonata.wire_parts import Wire
from ordergraph.wire.fields import INLINE, READ_ONLY, GraphName, Input, named

# ---- Ordering ---------------------------------------------------------------------------------------


class ItemWrite(Wire, frozen=True):
    """The fields of a line item that only Sonata accepts.

    Schema ``MEFProductOrderItem_Create``.
    """

    action: Annotated[
        str | None,
        "The action on the product as reported by the Seller: add, modify or delete.",
        WORD,
        Input(SonataAction, description="The action on the product. Defaults to ADD."),
    ] = None
    agreement_name: Annotated[str | None, "The agreement under which the item is ordered."] = None
    billing_account: Annotated[parts.BillingAccount | None, INLINE] = None
    coordinated_actions: Annotated[
        list[parts.CoordinatedAction] | None, "The dependencies on the timing of other items in the order."
    ] = None
    end_customer_name: Annotated[str | None, "The name of the end customer."] = None
    is_expedited: Annotated[bool | None, "Whether faster completion than usual is requested."] = None
    item_id: Annotated[
        str | None,
        "The ID of the item within the order.",
        Input(description="The ID of the item within the order. Defaults to its position: 1, 2, 3 and so on."),
    ] = named("id")
    notes: Annotated[list[parts.Note] | None, "The notes about the item, each with its author."] = None
    product: Annotated[parts.Product | None, INLINE] = None
    qualification_item: Annotated[
        parts.QualificationItem | None, "The item of a product offering qualification that is ordered."
    ] = None
    relationships: Annotated[list[parts.ItemRelationship] | None, "The relationships to other items in the order."] = (
        None
    )
    quote_item: Annotated[parts.QuoteItem | None, "The item of a quote that is ordered."] = None
    purchase_order_number: Annotated[
        str | None,
        "The Buyer's purchase order number for the item.",
        Input(description="Your purchase order number for the item. Defaults to that of the order."),
    ] = None
    contacts: Annotated[
        list[parts.Contact] | None,
        "The contacts for the item, both of the Buyer and of the Seller.",
        Input(
            description="The Buyer's contacts for the item. The order's contact is used for required roles you omit."
        ),
    ] = None
    requested_at: Annotated[
        str | None,
        "The requested completion time.",
        TIME,
        Input(description="The requested completion time. Defaults to that of the order."),
    ] = None
    requested_term: Annotated[
        parts.Term | None,
        "The requested contract term.",
        Input(description="The requested contract term. Only for ADD and MODIFY."),
    ] = named("requestedItemTerm")
    tsp_restoration_priority: Annotated[
        str | None, "The US telecommunications service priority for restoration (ATIS-0404001)."
    ] = None


class OrderWrite(Wire, frozen=True):
    """Schema ``ProductOrder_Create``."""

    external_id: str | None = None
    notes: list[parts.Note] | None = None
    items: list[ItemWrite] | None = named("productOrderItem")
    project_id: str | None = None
    contacts: list[parts.Contact] | None = None


# ---- The Seller's responses -------------------------------------------------------------------------


class StateChange(Wire, frozen=True):
    """Schemas ``MEFProductOrderStateChange`` and ``MEFProductOrderItemStateChange``."""

    change_date: str | None = None
    change_reason: str | None = None
    state: str | None = None


class Milestone(Wire, frozen=True):
    """A milestone on the way to completion.

    Schema ``MEFMilestone``. The product's specification defines the milestones.
    """

    reached_at: Annotated[str | None, "When the milestone was reached.", TIME] = named("date")
    name: Annotated[str | None, "The name of the milestone, as defined in the product's specification."] = None
    note: Annotated[str | None, "A note about the milestone."] = None


class TerminationError(Wire, frozen=True):
    """The reason why an item was rejected or failed, as reported by the Seller.

    Schema ``TerminationError``, as in a 422 response.
    """

    code: Annotated[str | None, "The error code, such as missingProperty."] = None
    property_path: Annotated[str | None, "The JSON Pointer of the property that the error concerns."] = None
    value: Annotated[str | None, "The reason as text."] = None


class Item(ItemWrite, frozen=True):
    """The fields of a line item that only Sonata has.

    Schema ``ProductOrderItem``.
    """

    charges: list[parts.Reference] | None = named("charge")
    completed_at: Annotated[str | None, "When the item was completed. Null if it is not complete.", TIME] = named(
        "completionDate"
    )
    expected_at: Annotated[str | None, "When the Seller expects to complete the item.", TIME] = None
    is_expedite_accepted: Annotated[bool | None, "Whether the Seller accepted the request for faster completion."] = (
        named("expediteAcceptedIndicator")
    )
    terms: list[parts.Term] | None = named("itemTerm")
    """A list of at most one."""
    milestones: list[Milestone] | None = named("milestone")
    state: Annotated[str | None, "The state of the item as reported by the Seller."] = None
    state_changes: list[StateChange] | None = None
    termination_errors: Annotated[
        list[TerminationError] | None,
        "The reasons why the item was rejected or failed, as reported by the Seller. See also `problems`.",
    ] = None


class Order(Wire, frozen=True, kw_only=True):
    """The fields of an order that only Sonata has.

    Schema ``ProductOrder``. A row of the list, ``ProductOrder_Find``, has only its first seven properties.
    """

    id: str
    cancellation_date: str | None = None
    completion_date: str | None = None
    external_id: str | None = None
    order_date: str | None = None
    project_id: Annotated[str | None, "The project that the order belongs to."] = None
    state: str | None = None
    cancellation_charges: list[parts.Reference] | None = named("cancellationCharge")
    cancellation_reason: Annotated[
        str | None, "The reason for the cancellation. Null if the order was not cancelled."
    ] = None
    href: Annotated[str | None, "The URL of the order at the Seller."] = None
    notes: Annotated[list[parts.Note] | None, "The notes about the order, each with its author and time."] = None
    items: list[Item] | None = named("productOrderItem")
    contacts: Annotated[
        list[parts.Contact] | None, "The contacts for the order, both of the Buyer and of the Seller."
    ] = None
    state_changes: list[StateChange] | None = None


# ---- Changing and cancelling ------------------------------------------------------------------------


class ItemUpdate(Wire, frozen=True):
    """Changes to an item. Only used with `updateOrder`.

    Schema ``MEFProductOrderItem_Update``.
    """

    end_customer_name: Annotated[str | UnsetType | None, "The name of the end customer. Null clears it."] = UNSET
    id: str | None = None
    notes: Annotated[list[parts.Note] | UnsetType, "Notes to add."] = UNSET
    purchase_order_number: Annotated[
        str | UnsetType | None, "Your purchase order number for the item. Null clears it."
    ] = UNSET
    contacts: Annotated[
        list[parts.Contact] | UnsetType, "New contacts. Each replaces the contacts with the same role."
    ] = UNSET


class OrderUpdate(Wire, frozen=True):
    """The fields of an order that only Sonata accepts.

    Schema ``ProductOrder_Update``, a JSON merge patch (RFC 7386): null clears a value, omitted values stay.
    """

    external_id: str | UnsetType | None = UNSET
    notes: Annotated[list[parts.Note] | UnsetType, "Notes to add, each with its author."] = UNSET
    items: Annotated[list[ItemUpdate] | UnsetType, "Changes to items of the order. Only used with `updateOrder`."] = (
        field(name="productOrderItem", default=UNSET)
    )
    project_id: Annotated[str | UnsetType | None, "The project that the order belongs to. Null clears it."] = UNSET
    contacts: Annotated[
        list[parts.Contact] | UnsetType,
        "The Buyer's contacts, with addresses. One with the role productOrderContact is used instead of `contact`. In "
        "`updateOrder`, each replaces the contacts with the same role.",
    ] = UNSET


class OrderReference(Wire, frozen=True):
    """Schema ``MEFProductOrderRef``."""

    product_order_id: str | None = None
    product_order_href: str | None = None


class ItemReference(OrderReference, frozen=True):
    """Schema ``MEFProductOrderItemRef``."""

    item_id: Annotated[str | None, "The ID of the item within the order.", READ_ONLY] = named("productOrderItemId")


class ChargeReference(Wire, frozen=True):
    """Schema ``MEFProductOrderChargeRef``: the charge of a request."""

    charge_id: Annotated[str | None, "The Seller's ID of the charge for the request. Null if there is none."] = named(
        "id"
    )
    href: str | None = None


class CancelWrite(Wire, frozen=True):
    """The fields of a cancellation that only Sonata accepts.

    Schema ``CancelProductOrder_Create``. The guide's example has ``productOrder.id`` and a note, the schema does not.
    """

    reason: Annotated[str | None, "The reason that the Buyer gave.", READ_ONLY] = named("cancellationReason")
    reason_type: Annotated[
        str | None, "The type of reason: technical or commercial.", WORD, Input(SonataCancellationReasonType)
    ] = named("cancellationReasonType")
    product_order: OrderReference | None = None
    contacts: Annotated[list[parts.Contact] | None, "The contacts for the cancellation.", READ_ONLY] = None


TASK_STATES = (
    "The state of the request as reported by the Seller: acknowledged, inProgress.assessingCharge, done, "
    "done.declined or rejected."
)


class Cancel(CancelWrite, frozen=True):
    """A request to cancel an order.

    Schema ``CancelProductOrder``. A row of its list has only the ID, the order, the state and the type of reason.
    """

    denied_reason: Annotated[str | None, "The reason why the Seller declined the request. Null if it did not."] = named(
        "cancellationDeniedReason"
    )
    charge: Annotated[ChargeReference | None, INLINE] = None
    href: Annotated[str | None, "The URL of the request at the Seller."] = None
    id: Annotated[str | None, "The Seller's ID of the request.", GraphName("taskId")] = None
    state: Annotated[str | None, TASK_STATES] = None


class DeliveryDateWrite(Wire, frozen=True):
    """The fields of a date change that only Sonata accepts.

    Schema ``MEFModifyProductOrderItemRequestedDeliveryDate_Create``.
    """

    is_expedited: Annotated[
        bool | None,
        "Whether faster completion than usual is requested.",
        Input(description="Whether to request faster completion than usual. Defaults to the item's current value."),
    ] = None
    product_order_item: Annotated[ItemReference | None, INLINE] = None
    requested_at: Annotated[str | None, "The requested completion time.", TIME, READ_ONLY] = None


class DeliveryDate(DeliveryDateWrite, frozen=True):
    """A request to change the requested date of an item.

    Schema ``MEFModifyProductOrderItemRequestedDeliveryDate``.
    """

    created_at: Annotated[str | None, "When the Seller received the request.", TIME] = named("creationDate")
    href: Annotated[str | None, "The URL of the request at the Seller."] = None
    id: Annotated[str | None, "The Seller's ID of the request.", GraphName("taskId")] = None
    state: Annotated[str | None, TASK_STATES] = None


Task = Cancel | DeliveryDate
"""A request that the Seller decides on."""


# ---- Charges ----------------------------------------------------------------------------------------


class Money(Wire, frozen=True):
    """Schema ``Money``. ``unit`` is an ISO 4217 currency code."""

    unit: str | None = None
    value: Decimal | None = None


class Price(Wire, frozen=True):
    """Schema ``Price``. The tax rate is a percentage."""

    duty_free_amount: Money | None = None
    tax_included_amount: Money | None = None
    tax_rate: Decimal | None = None


class ChargeItem(Wire, frozen=True):
    """Schema ``MEFProductOrderChargeItem``."""

    acceptance_indicator: str | None = None
    activity_type: str | None = None
    blocking: bool | None = None
    id: str | None = None
    notes: list[parts.Note] | None = None
    price: Price | None = None
    price_category: str | None = None
    price_type: str | None = None
    recurring_charge_period: str | None = None
    state: str | None = None
    unit_of_measure: str | None = None


class Charge(Wire, frozen=True, kw_only=True):
    """Schema ``MEFProductOrderCharge``: a charge for an order or an item. A row of its list has no items or causes."""

    id: str
    cancel_product_order: parts.Reference | None = None
    items: list[ChargeItem] | None = named("chargeItem")
    creation_date: str | None = None
    href: str | None = None
    modify_product_order_item_requested_delivery_date: parts.Reference | None = None
    product_order: OrderReference | None = None
    product_order_item: ItemReference | None = None
    response_due_date: str | None = None
    state: str | None = None


class ChargeItemUpdate(Wire, frozen=True):
    """Schema ``MEFProductOrderChargeItem_Update``."""

    acceptance_indicator: str | None = None
    id: str | None = None
    notes: list[parts.Note] | None = None


class ChargeUpdate(Wire, frozen=True):
    """Schema ``MEFProductOrderCharge_Update``: all items of the charge at once."""

    items: list[ChargeItemUpdate] = field(name="chargeItem")


# ---- Notifications ----------------------------------------------------------------------------------


class HubWrite(Wire, frozen=True):
    """Schema ``EventSubscriptionInput``. Without a query, all events are sent."""

    callback: str
    query: str | None = None


class Hub(Wire, frozen=True):
    """Schema ``EventSubscription``."""

    id: str
    callback: str | None = None
    query: str | None = None


class EventPayload(Wire, frozen=True):
    """Schema ``ProductOrderEventPayload`` and similar: the ID of the object that the event concerns."""

    id: str
    buyer_id: str | None = None
    href: str | None = None
    milestone_name: str | None = None
    order_item_id: str | None = None
    seller_id: str | None = None


class Event(Wire, frozen=True):
    """Schemas ``ProductOrderEvent``, ``CancelProductOrderEvent``, ``ChargeEvent`` and the delivery date event."""

    event: EventPayload
    event_type: str
    event_id: str | None = None
    event_time: str | None = None
