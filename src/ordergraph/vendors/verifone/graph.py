"""What Verifone adds to the graph: its type of account, its filters, and what only it takes."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

import strawberry
from strawberry import UNSET, field

from ordergraph import domain
from ordergraph.domain import Word
from ordergraph.errors import InputError
from ordergraph.graph.account import Account
from ordergraph.graph.connection import After, Before, Connection, First, Last, Paging
from ordergraph.graph.inputs import bounded
from ordergraph.graph.order import Order, OrderConditions, OrderSort, order_query, orders_page
from ordergraph.graph.scalars import JSON, words
from ordergraph.graph.schema import VendorGraph
from ordergraph.requests import OrderQuery
from ordergraph.vendors.verifone import requests
from ordergraph.vendors.verifone.connector import VerifoneConnector
from ordergraph.vendors.verifone.graph_details import (
    VerifoneLineItemDetails,
    VerifoneOrderDetails,
    VerifoneSubscriptionDetails,
)

# -------------------------------------------------------------------------------------------- words


@words
class VerifoneOrderStatus(Word):
    """Where an order stands, in Verifone's finer words."""

    DRAFT = "Kept, and not ordered."
    OFFER_SENT = "A draft that the customer was sent a link to."
    OPENED_BY_CUSTOMER = "A draft that the customer has opened."
    INPROGRESS_BY_CUSTOMER = "A draft that the customer works on."
    SUBMITTED = "Ordered."
    INPROGRESS = "Verifone works on it."
    PENDING_THIRD_PARTY = "Somebody else works on it."
    PENDING_SIGNATURE = "The contract waits for a signature."
    UNDER_REVIEW = "Verifone looks it over."
    REQUIRES_ATTENTION = "Something has to be mended; `problems` says what."
    INTERNAL_BOARDING = "Verifone sets the merchant up."
    FULFILMENT_BOOKED = "The shipper knows of it."
    FULFILMENT_PICKED = "The goods are packed."
    FULFILMENT_SHIPPED = "The goods are on their way."
    CANCEL_REQUESTED = "Somebody wants it cancelled."
    CANCEL_INPROGRESS = "It is being cancelled."
    CANCEL_ERROR = "It could not be cancelled."
    CANCELED_BYUSER = "Was cancelled by a user."
    COMPLETED = "Done."
    CANCELLED = "Was cancelled."
    DECLINED = "Verifone declined it."
    ONHOLD = "Verifone has paused it."
    DOCS_REQUIRED = "Verifone needs documents."
    DOCS_REQUIRES_ATTENTION = "The documents are not as they should be."


@words
class VerifoneContactType(Word):
    """For what somebody can be talked to."""

    BUSINESS = "Everything."
    DISPUTE_HANDLING = "Disputes."
    OWNER = "The owner."
    PERSONAL = "Somebody who stands for the merchant."


@words
class VerifonePhoneType(Word):
    """What a telephone number is for."""

    HOME = "At home."
    MOBILE = "On the way."
    WORK = "At work."
    FAX = "Facsimile."
    OTHER = "Something else."


@words
class VerifonePriceModel(Word):
    """How a price is asked for."""

    MONTHLY_FEE = "Each month."
    MONTHLY_FEE_PER_DEVICE = "Each month, for each device."
    MINIMUM_AMT_PER_TRX = "At least so much for each transaction."
    AMT_PER_TRX = "So much for each transaction."
    PERC_PER_TRX = "So many percent of each transaction."
    ONE_TIME = "Once."
    YEARLY_FEE = "Each year."
    QUARTERLY_FEE = "Each quarter."


@words
class VerifonePaymentMethod(Word):
    """How an order is paid."""

    ACCOUNT = "From a bank account."
    CREDIT = "By credit; what Verifone takes if nothing is said."
    NET = "By invoice, within a time."
    EINVOICE = "By electronic invoice."


@words
class VerifoneWeekday(Word):
    """A day of the week."""

    MONDAY = "Monday."
    TUESDAY = "Tuesday."
    WEDNESDAY = "Wednesday."
    THURSDAY = "Thursday."
    FRIDAY = "Friday."
    SATURDAY = "Saturday."
    SUNDAY = "Sunday."


@words
class VerifoneCancelReason(Word):
    """Why an order is cancelled."""

    ADMIN_REASON = "For reasons of administration."
    RELATED_PO_CHANGES = "The purchase order has changed."
    WRONG_PRODUCT = "It is the wrong product."
    ORDER_LATE = "It takes too long."
    OTHER = "Another reason; `reason` of the mutation says which."


# ------------------------------------------------------------------------------------------- inputs


@strawberry.input(description="A person's name; first and last name are needed.")
class VerifoneNameInput:
    """Part of a body."""

    first_name: str | None = field(default=UNSET, description="The first name.")
    last_name: str | None = field(default=UNSET, description="The last name.")
    prefix: str | None = field(default=UNSET, description="What stands before it, such as a title.")
    middle_name: str | None = field(default=UNSET, description="The names between.")
    suffix: str | None = field(default=UNSET, description="What stands behind it, such as Jr.")
    alternate_full_name: str | None = field(default=UNSET, description="Another name, such as that of the business.")


@strawberry.input(description="A telephone number.")
class VerifonePhoneInput:
    """Part of a body."""

    value: str = field(description="The number, without the country's code and the extension: 5 characters or more.")
    phone_type: VerifonePhoneType = field(default=VerifonePhoneType.HOME, description="What it is for.")
    calling_code: str | None = field(default=UNSET, description="The country's code, such as 44.")
    extension: str | None = field(default=UNSET, description="The extension within the company.")
    is_primary: bool | None = field(default=UNSET, description="Whether it is the one to try first.")


@strawberry.input(description="Somebody to talk to.")
class VerifoneContactInput:
    """Part of a body."""

    contact_type: VerifoneContactType = field(default=VerifoneContactType.BUSINESS, description="For what.")
    name: VerifoneNameInput | None = field(default=UNSET, description="Who it is.")
    phone_numbers: list[VerifonePhoneInput] | None = field(default=UNSET, description="The telephone numbers.")
    email: str | None = field(default=UNSET, description="The e-mail address.")
    business_title: str | None = field(default=UNSET, description="What the person is in the company.")


@strawberry.input(description="An address; the first line, city, postCode and country are needed.")
class VerifoneAddressInput:
    """Part of a body."""

    receiver_name: str | None = field(default=UNSET, description="Who receives the goods, if not the company.")
    address_line1: str | None = field(default=UNSET, name="addressLine1", description="House and street.")
    address_line2: str | None = field(default=UNSET, name="addressLine2", description="The second line.")
    address_line3: str | None = field(default=UNSET, name="addressLine3", description="The third line.")
    po_box: str | None = field(default=UNSET, description="The post-office box.")
    city: str | None = field(default=UNSET, description="The town.")
    country_subdivision: str | None = field(default=UNSET, description="The county, state or the like.")
    post_code: str | None = field(default=UNSET, description="The postal code.")
    country: str | None = field(default=UNSET, description="The country, in three letters (ISO 3166-1), or ZZZ.")
    time_zone: str | None = field(default=UNSET, description="The time zone, such as Europe/Oslo.")
    contact: VerifoneContactInput | None = field(default=UNSET, description="Whom to talk to there.")
    vfi_site_id: str | None = field(default=UNSET, description="Verifone's own number of the place.")
    store_number: str | None = field(default=UNSET, description="The number of the store, or of the customer.")
    government_owned: bool | None = field(default=UNSET, description="Whether it is a government's.")
    government_country: str | None = field(default=UNSET, description="Which country's, in three letters.")


@strawberry.input(description="From when to when.")
class VerifoneOpeningPeriodInput:
    """Part of a body."""

    start: str = field(description="From when on, HH:MM.")
    end: str = field(description="Until when, HH:MM.")


@strawberry.input(description="When a site is open on a day of the week.")
class VerifoneOpeningHoursInput:
    """Part of a body."""

    day: VerifoneWeekday = field(description="The day.")
    times: VerifoneOpeningPeriodInput = field(description="From when to when.")


@strawberry.input(description="The merchant of an order. What is given here wins over the rest of the input.")
class VerifoneMerchantInput:
    """Part of a body."""

    merchant_name: str | None = field(default=UNSET, description="What the merchant is called.")
    primary_contact: VerifoneContactInput | None = field(
        default=UNSET, description="Whom to talk to, with more than `contact` takes."
    )
    requested_date_of_shipment: datetime | None = field(default=UNSET, description="When to ship the goods.")
    mcc: str | None = field(default=UNSET, description="The merchant category code (ISO 18245), 4 digits.")
    trading_address: VerifoneAddressInput | None = field(default=UNSET, description="Where the merchant trades.")
    shipping_address: VerifoneAddressInput | None = field(
        default=UNSET, description="What `shippingAddress` has no field for; it is laid over that."
    )
    billing_address: VerifoneAddressInput | None = field(default=UNSET, description="Where the bill goes.")
    company_address: VerifoneAddressInput | None = field(default=UNSET, description="Where the company is.")
    site_reference_id: str | None = field(default=UNSET, description="Your number of the site.")
    site_name: str | None = field(default=UNSET, description="What the site is called, if not as the merchant.")
    opening_hours: list[VerifoneOpeningHoursInput] | None = field(default=UNSET, description="When it is open.")


@strawberry.input(description="A value that Verifone has asked for in your integration.")
class VerifoneVariableInput:
    """Part of a body."""

    variable_name: str | None = field(default=UNSET, description="What it is, in Verifone's word.")
    variable_value: str | None = field(default=UNSET, description="The value.")


@strawberry.input(description="A price that was agreed on.")
class VerifoneAdjustedPriceInput:
    """Part of a body."""

    price_model: VerifonePriceModel | None = field(default=UNSET, description="How it is asked for.")
    price: Decimal | None = field(default=UNSET, description="How much, exactly.")


@strawberry.input(description="The base package of an order.")
class VerifoneBundleInput:
    """Part of a body."""

    package_bundle_id: str = field(description="Verifone's ID of the package bundle.")
    price: Decimal | None = field(default=UNSET, description="The price that was agreed on.")


@strawberry.input(description="What a payment processor needs of a service.")
class VerifoneProcessorParametersInput:
    """Part of a body."""

    processor: str = field(description="Which processor, in Verifone's word such as NETS.")
    tid_list: list[str] | None = field(default=UNSET, description="The terminal IDs that it has given you.")
    other: JSON | None = field(default=UNSET, description="An object with what else the processor needs.")


@strawberry.input(description="The merchant as the 3-D Secure of a card scheme knows it.")
class VerifoneMerchantIdentifiersInput:
    """Part of a body."""

    merchant_id: str = field(description="The merchant's ID; empty means that of the contract.")
    payment_type: str = field(description="For which means of payment, in Verifone's word such as AMEX.")


@strawberry.input(description="A service of an order.")
class VerifoneServicePackageInput:
    """Part of a body."""

    package_bundle_id: str = field(description="Verifone's ID of the package bundle.")
    adjusted_prices: list[VerifoneAdjustedPriceInput] | None = field(
        default=UNSET, description="The prices that were agreed on."
    )
    processor_parameters: VerifoneProcessorParametersInput | None = field(
        default=UNSET, description="What the processor needs."
    )
    additional_package_data: list[VerifoneVariableInput] | None = field(
        default=UNSET, description="What sets the package up."
    )
    three_ds_merchant_identifiers: VerifoneMerchantIdentifiersInput | None = field(
        default=UNSET, name="threeDSMerchantIdentifiers", description="The merchant as 3-D Secure knows it."
    )


@strawberry.input(description="How an order is delivered.")
class VerifoneDeliveryPackageInput:
    """Part of a body."""

    package_bundle_id: str = field(description="Verifone's ID of the package bundle.")
    adjusted_prices: list[VerifoneAdjustedPriceInput] | None = field(
        default=UNSET, description="The prices that were agreed on."
    )
    additional_package_data: list[VerifoneVariableInput] | None = field(
        default=UNSET, description="What sets the package up."
    )


@strawberry.input(description="The packages of a whole order. Each becomes a line of it.")
class VerifonePackageDetailsInput:
    """Part of a body."""

    portfolio_uid: str | None = field(default=UNSET, description="Verifone's ID of the portfolio that they are from.")
    base_package_bundle: VerifoneBundleInput | None = field(default=UNSET, description="The base package.")
    service_packages: list[VerifoneServicePackageInput] | None = field(default=UNSET, description="The services.")
    delivery_package: VerifoneDeliveryPackageInput | None = field(default=UNSET, description="How it is delivered.")


@strawberry.input(description="How an order is paid.")
class VerifonePaymentDetailsInput:
    """Part of a body."""

    payment_type: VerifonePaymentMethod = field(default=VerifonePaymentMethod.CREDIT, description="How.")
    other: JSON | None = field(default=UNSET, description="An object with what else that needs.")


@strawberry.input(description="What only Verifone takes of an order.")
class VerifoneOrderDetailsInput:
    """Becomes the details of a `requests.OrderRequest`, in the shape of Verifone's body."""

    customer_entity_uid: str | None = field(
        default=UNSET, description="Verifone's ID of the customer, if not that of the account's settings."
    )
    payment_details: VerifonePaymentDetailsInput | None = field(default=UNSET, description="How it is paid.")
    additional_order_data: list[VerifoneVariableInput] | None = field(
        default=UNSET, description="What a country or business unit asks."
    )
    package_details: VerifonePackageDetailsInput | None = field(
        default=UNSET, description="The packages of the whole order; in the simplified flow Verifone can choose them."
    )
    merchant: VerifoneMerchantInput | None = field(default=UNSET, description="The merchant.")
    simplified_order_flow: bool | None = field(
        default=UNSET,
        description="On placing: whether Verifone fills in what is left out; by default as in the account's settings.",
    )


@strawberry.input(description="What only Verifone takes of a line, which is a device.")
class VerifoneLineItemDetailsInput:
    """Becomes the details of a `requests.LineRequest`."""

    poi: int | None = field(
        default=UNSET,
        description="Lines with the same number make one terminal: the first is its device, the others come along. "
        "A line without is a terminal of its own.",
    )
    serial_numbers: list[str] | None = field(default=UNSET, description="The serial numbers, if devices are known.")
    additional_package_data: list[VerifoneVariableInput] | None = field(
        default=UNSET, description="What sets the package up."
    )


@strawberry.input(description="What only Verifone takes of a cancellation.")
class VerifoneCancelDetailsInput:
    """Becomes the details of a `requests.CancelRequest`."""

    reason: VerifoneCancelReason = field(default=VerifoneCancelReason.OTHER, description="Why, in Verifone's words.")


# ------------------------------------------------------------------------------------------ account


@strawberry.input(description="Which orders: conditions are ANDed, the values of one are ORed.")
class VerifoneOrderFilter(OrderConditions):
    """Becomes a `requests.OrderQuery`."""

    vendor_status: VerifoneOrderStatus | None = field(default=None, description="In this of Verifone's finer statuses.")
    customer_entity_uid: str | None = field(default=None, description="Of the customer with this ID of Verifone's.")
    merchant_company: str | None = field(default=None, description="Of a merchant with this in its name.")
    created_by: str | None = field(default=None, description="Made by the user with this ID of Verifone's.")
    changed_since: datetime | None = field(
        default=None,
        description="Whose finer status has changed since then. Verifone cannot search for it: the gateway reads all "
        "orders that meet the other conditions.",
    )
    unchanged_since: datetime | None = field(
        default=None, description="Whose finer status last changed before then, such as orders that are stuck."
    )


def verifone_order_query(at: VerifoneConnector, wanted: VerifoneOrderFilter) -> OrderQuery:
    """The conditions that all vendors have, and Verifone's own beside them, by its parameters."""
    query = order_query(wanted)
    details: dict[str, Any] = {
        "detailedStatus": wanted.vendor_status.name if wanted.vendor_status else None,
        "customerEntityUid": uuid_of(wanted.customer_entity_uid, "filter.customerEntityUid"),
        "merchantCompany": bounded(wanted.merchant_company, "filter.merchantCompany"),
        "userUids": uuid_of(wanted.created_by, "filter.createdBy"),
        requests.CHANGED_SINCE: wanted.changed_since,
        "lastChangeTime": requests.stamp(wanted.unchanged_since) if wanted.unchanged_since else None,
    }
    if any(details.values()) and not at.searches:
        raise InputError(f"`filter`: account {at.name} has no extension 'search', which these conditions need")
    return replace(query, details={name: value for name, value in details.items() if value is not None})


def uuid_of(text: str | None, name: str) -> str | None:
    """A UUID; raise InputError if it cannot be one."""
    uid = None if text is None else requests.uuid_of(text)
    if text is not None and uid is None:
        raise InputError(f"`{name}`: an ID of Verifone's is a UUID")
    return uid


@strawberry.type(description="An account at Verifone.")
class VerifoneAccount(Account):
    """Read from the account's connector."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Connectors are the accounts."""
        return isinstance(value, VerifoneConnector)

    @field(
        description="The orders of this account, with conditions that only Verifone has.",
        graphql_type=Connection[Order] | None,
    )
    @staticmethod
    async def orders(
        root: strawberry.Parent[VerifoneConnector],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Annotated[
            VerifoneOrderFilter | None, strawberry.argument(description="Which orders; all if left out.")
        ] = None,
        sort: Annotated[OrderSort | None, strawberry.argument(description="In which order.")] = None,
    ) -> Connection[domain.Order]:
        """By the time of making."""
        query = verifone_order_query(root, filter or VerifoneOrderFilter())
        paging = Paging.of(first, after, last, before)
        direction = (sort or OrderSort()).direction
        return Connection(page=await orders_page([root], query, paging, direction, within=root.id))


graph = VendorGraph(
    types=[VerifoneAccount, VerifoneOrderDetails, VerifoneLineItemDetails, VerifoneSubscriptionDetails],
    order_details_input=VerifoneOrderDetailsInput,
    line_item_details_input=VerifoneLineItemDetailsInput,
    cancel_details_input=VerifoneCancelDetailsInput,
)
"""What Verifone adds to the graph."""
