"""What the fake Verifone knows: the schemas of its bodies as rules, its packages, and what seeded orders hold.

Source: Verifone Order API 2.62, the schemas of "Hardware Orders". Which packages, customers and portfolios
exist is this sandbox's own; the rules are the document's.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any, cast

from ordergraph.sandbox import is_integer

Record = dict[str, Any]
Problems = dict[str, str]
"""What is wrong, by the path of the value: ``merchant.pois[0].devicePackage.quantity``."""

# ------------------------------------------------------------------------------------------- rules


Rule = Callable[[Any, str, Problems], Any]
"""What a value of a body has to be: takes it, its path and the problems; returns it as it is kept."""


@dataclass(frozen=True, slots=True)
class Text:
    """A string, of bounded length, in a form, or one of the words."""

    least: int = 0
    most: int | None = None
    form: re.Pattern[str] | None = None
    words: Collection[str] = ()

    def __call__(self, value: Any, path: str, problems: Problems) -> Any:
        """Check a string."""
        wrong = self._wrong(value)
        if wrong:
            problems[path] = wrong
        return value

    def _wrong(self, value: Any) -> str | None:
        if not isinstance(value, str):
            return "must be a string"
        if self.words and value not in self.words:
            return f"must be one of {', '.join(self.words)}"
        if len(value) < self.least:
            return f"must have at least {self.least} characters"
        if self.most is not None and len(value) > self.most:
            return f"must have at most {self.most} characters"
        return f"must match {self.form.pattern}" if self.form and not self.form.fullmatch(value) else None


@dataclass(frozen=True, slots=True)
class Moment:
    """A date-time with its zone."""

    def __call__(self, value: Any, path: str, problems: Problems) -> Any:
        """Check a time."""
        if not (isinstance(value, str) and is_moment(value)):
            problems[path] = "must be a date-time with its zone, such as 2020-01-06T18:16:14.243Z"
        return value


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number, from ``least`` on."""

    least: int

    def __call__(self, value: Any, path: str, problems: Problems) -> Any:
        """Check a number."""
        if not is_integer(value) or value < self.least:
            problems[path] = f"must be an integer, {self.least} or more"
        return value


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    def __call__(self, value: Any, path: str, problems: Problems) -> Any:
        """Check a boolean."""
        if not isinstance(value, bool):
            problems[path] = "must be a boolean"
        return value


@dataclass(frozen=True, slots=True)
class Items:
    """An array."""

    of: Rule
    least: int = 0
    most: int | None = None
    unique: bool = False

    def __call__(self, value: Any, path: str, problems: Problems) -> Any:
        """Check an array and all that is in it."""
        if not isinstance(value, list):
            problems[path] = "must be an array"
            return value
        items = cast("list[Any]", value)
        if len(items) < self.least:
            problems[path] = f"must have at least {self.least} items"
        elif self.most is not None and len(items) > self.most:
            problems[path] = f"must have at most {self.most} items"
        elif self.unique and any(item in items[:index] for index, item in enumerate(items)):
            problems[path] = "must not hold the same item twice"
        return [self.of(item, f"{path}[{index}]", problems) for index, item in enumerate(items)]


@dataclass(frozen=True, slots=True)
class Thing:
    """An object. Null is the same as nothing; what has no rule is ignored, ``kept`` or a problem (``closed``)."""

    fields: Mapping[str, Rule]
    needs: Sequence[str] = ()
    kept: bool = False
    closed: bool = False
    defaults: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def __call__(self, value: Any, path: str, problems: Problems) -> Any:
        """Check an object and all that is in it."""
        if not isinstance(value, dict):
            problems[path] = "must be an object"
            return value
        given = {name: item for name, item in cast("Record", value).items() if item is not None}
        at = f"{path}." if path else ""
        for name in self.needs:
            if name not in given:
                problems[at + name] = "is required"
        for name in given if self.closed else ():
            if name not in self.fields:
                problems[at + name] = "is unknown"
        known = {
            name: self.fields[name](item, at + name, problems) if name in self.fields else item
            for name, item in given.items()
            if name in self.fields or self.kept
        }
        return {**self.defaults, **known}


def words(text: str) -> frozenset[str]:
    """The words of an enum."""
    return frozenset(text.split())


MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)


def is_moment(text: str) -> bool:
    """Whether a text is a time with its zone (RFC 3339)."""
    if not MOMENT.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))
    except ValueError:
        return False
    return True


# ----------------------------------------------------------------------------- the document's schemas

COUNTRIES = words(
    """ZZZ ABW AFG AGO AIA ALA ALB AND ARE ARG ARM ASM ATA ATF ATG AUS AUT AZE BDI BEL BEN BES BFA BGD BGR BHR
    BHS BIH BLM BLR BLZ BMU BOL BRA BRB BSB BRN BTN BVT BWA CAF CAN CCK CHE CHL CHN CIV CMR COD COG COK COL COM
    CPV CRI CUB CUW CXR CYM CYP CZE DEU DJI DMA DNK DOM DZA ECU EGY ERI ESH ESP EST ETH FIN FJI FLK FRA FRO FSM
    GAB GBR GEO GGY GHA GIB GIN GLP GMB GNB GNQ GRC GRD GRL GTM GUF GUM GUY HKG HMD HND HRV HTI HUN IDN IMN IND
    IOT IRL IRN IRQ ISL ISR ITA JAM JEY JOR JPN KAZ KEN KGZ KHM KIR KNA KOR KWT LAO LBN LBR LBY LCA LIE LKA LSO
    LTU LUX LVA MAC MAF MAR MCO MDA MDG MDV MEX MHL MKD MLI MLT MMR MNE MNG MNP MOZ MRT MSR MTQ MUS MWI MYS MYT
    NAM NCL NER NFK NGA NIC NIU NLD NOR NPL NRU NZL OMN PAK PAN PCN PER PHL PLW PNG POL PRI PRK PRT PRY PSE PYF
    QAT REU ROU RUS RWA SAU SDN SEN SGC SGP SHN SJM SLB SLE SLV SMR SOM SPM SRB SSD STP SUR SVK SVN SWE SWZ SXM
    SYC SYR TCA TCD TGO THA TJK TKL TKM TLS TON TTO TUN TUR TUV TWN TZA UGA UKR UMI URY USA UZB VAT VCT VEN VGB
    VIR VNM VUT WLF WSM YEM ZAF ZMB ZWE"""
)
STATUSES = ("DRAFT", "SUBMITTED", "INPROGRESS", "COMPLETED", "CANCELLED", "ONHOLD")
CANCEL_REASONS = ("ADMIN_REASON", "RELATED_PO_CHANGES", "WRONG_PRODUCT", "ORDER_LATE", "OTHER")
PRICE_MODELS = (
    "MONTHLY_FEE",
    "MONTHLY_FEE_PER_DEVICE",
    "MINIMUM_AMT_PER_TRX",
    "AMT_PER_TRX",
    "PERC_PER_TRX",
    "ONE_TIME",
    "YEARLY_FEE",
    "QUARTERLY_FEE",
)
PAYMENT_DETAILS = ("ACCOUNT", "CREDIT", "NET", "EINVOICE")
CONTACT_TYPES = ("BUSINESS", "DISPUTE_HANDLING", "OWNER", "PERSONAL")
PHONE_TYPES = ("HOME", "MOBILE", "WORK", "FAX", "OTHER")
DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
PROCESSORS = words(
    """ABS_ISO ABS_PDM ABS_WEB AMEX BANKAXEPT BANQUE_CHABRIERES BARCLAYS BFCOI BNPP_ATC BNP_PARIBAS BNPP_VERS_ATOS
    BRED CAISSE_D_EPARGNE CBA CEDICAM CIC CM_ARKEA CREDIT_AGRICOLE CREDIT_DU_NORD_VERS_ATOS
    CREDIT_DU_NORD_VERS_NATIXIS CREDIT_MUTUEL CREDITGUARD DANKORT EFTPOS_NZ ELAVON FDRC FIRSTDATA GICC GIVEX
    GLOBALPAY GPP2 HSBC IKANO INTERCARD ISRACARD LA_BANQUE_POSTAL LCL LES_BANQUES_POPULAIRES LLOYDS_CARDNET MAESTRO
    MOBILEPAY NETS OTHER PAYPAL PAYPAL_ECOM PELECARD RESURS_BANK RTS SG SIMULATOR SWEDBANK_PAY SWISH TIETO_EVRY
    VERIFONE_AU VIPPS WESTPAC WORLDPAY WPAY_AU FISERV_AU CUSCAL_AU CHASE_US ELAVON_US FISERV_US TSYS_US
    GLOBALPAYMENTS_US VANTIV_US HEARTLAND_US TELECHECK_US SC_AMEX SC_EVRY SC_LUOTTOKUNTA SC_NETS_DK SC_NETS_NO
    SC_SWEDBANK_SE SVS_US SVS_UK VALUELINK_US VALUELINK_CA VALUTEC_US UNIFY_GIVEX"""
)
PAYMENT_TYPES = words(
    """AFFIRM AFTERPAY ALIPAY AMEX BAIDU_PAY BANK BANKAXEPT BARTERCARD BBBY_COB BBBY_PLCC BLIK BP_FUELCARD
    CALLIO_GASTRO CARD CARDLINK CARNET CASH CB CHEQUE CLAVE CRYPTO DANKORT DEBIT DINERS DISCOVER EASYCD EBT
    EBT_WIC_OFFLINE ECARD ECARDZ EDENRED ELECTRON EZIPAY FARMERS_FINANCE FARMLAND FARMLANDS FINNISH_DIRECT_BANKING
    FLEETCOR FLEETONE FLEXECASH FORBRUGSFORENINGEN FPF_GIFT GARMIN_PAY GIFT GIFT_CARD GIROCARD IKANO ISRACARD
    ISRAEL_PRIVATE_LABEL JCB JD_PAY KLARNA KLARNA_ECOM KLARAN_QR KLARNA_QR LANDSBANKINN MASTERCARD MAESTRO MOBILEPAY
    MOBILEPAY_ECOM OP_ONLINE_PAYMENT PAYPAL PAYPAL_ECOM PAYPAL_ECOM_MANAGED PAYPAL_QR PIX PLCC Q_CARD RESURS_BANK
    RURALCO SAMSUNG_PAY SODEXO_GASTRO SUPERCARD SWISH SWISH_ECOM TEN_PAY TRANXACTOR TRUE_REWARDS TT_CARD UP_SLOVENSKA
    UPI VENMO VENMO_ECOM VENMO_QR VIPPS VIPPS_ECOM VISA VOYAGER VPAY WECHAT WESTFIELD_GIFTCARD WESTPAC_DEBIT WEX ZELLE
    ZIP OTHER"""
)

UUID_FORM = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
UUID = Text(form=UUID_FORM)
BUNDLE_ID = Text(most=100, form=re.compile(r"[A-Za-z0-9_-]*"))
AMOUNT = Text(most=32, form=re.compile(r"((-?[0-9]+)|(-?([0-9]+)?[.][0-9]+))", re.ASCII))
VARIABLE = Thing({"variableName": Text(form=re.compile(r"[A-Za-z0-9_-]*")), "variableValue": Text(most=10000)})
NAME = Thing(
    {
        "firstName": Text(1, 120),
        "lastName": Text(1, 120),
        "prefix": Text(0, 120),
        "middleName": Text(0, 120),
        "suffix": Text(0, 120),
        "alternateFullName": Text(0, 200),
    },
    ("firstName", "lastName"),
)
PHONE = Thing(
    {
        "value": Text(5),
        "phoneType": Text(words=PHONE_TYPES),
        "callingCode": Text(),
        "extension": Text(),
        "isPrimary": Flag(),
    },
    ("value", "phoneType"),
    closed=True,
    defaults={"isPrimary": False},
)
CONTACT = Thing(
    {
        "contactType": Text(words=CONTACT_TYPES),
        "name": NAME,
        "phoneNumbers": Items(PHONE, least=1, unique=True),
        "email": Text(3, 254, re.compile(r"[a-zA-Z0-9!#$%&'*+=?^_`{|}~.-]+@[a-zA-Z0-9-]+[.].+")),
        "businessTitle": Text(0, 100),
    },
    ("contactType", "name"),
)
ADDRESS = Thing(
    {
        "receiverName": Text(1),
        "addressLine1": Text(1, 40),
        "addressLine2": Text(0, 40),
        "addressLine3": Text(0, 40),
        "poBox": Text(),
        "city": Text(1, 28),
        "countrySubdivision": Text(1, 35),
        "postCode": Text(1, 16),
        "country": Text(words=COUNTRIES),
        "timeZone": Text(1, 127),
        "contact": CONTACT,
        "vfiSiteId": Text(1, 50),
        "storeNumber": Text(),
        "governmentOwned": Flag(),
        "governmentCountry": Text(words=COUNTRIES),
    },
    ("addressLine1", "city", "postCode", "country"),
)
PERIOD = Text(form=re.compile(r"\d{2}:\d{2}", re.ASCII))
OPENING = Thing(
    {"day": Text(words=DAYS), "times": Thing({"start": PERIOD, "end": PERIOD}, ("start", "end"))}, ("day", "times")
)
PACKAGE_DATA = Items(VARIABLE, most=50)
DEVICE = Thing(
    {
        "packageBundleId": BUNDLE_ID,
        "quantity": Whole(1),
        "serialNumbers": Items(Text(most=25)),
        "additionalPackageData": PACKAGE_DATA,
    },
    ("packageBundleId",),
)
PRICES = Items(Thing({"priceModel": Text(words=PRICE_MODELS), "price": AMOUNT}), most=50)
SERVICE = Thing(
    {
        "packageBundleId": BUNDLE_ID,
        "adjustedPrices": PRICES,
        "processorParameters": Thing(
            {"processor": Text(words=PROCESSORS), "tidList": Items(Text(), unique=True)}, ("processor",), kept=True
        ),
        "additionalPackageData": PACKAGE_DATA,
        "threeDSMerchantIdentifiers": Thing(
            {"merchantId": Text(most=30, form=re.compile(r"|(?!\s*$).+")), "paymentType": Text(words=PAYMENT_TYPES)},
            ("merchantId", "paymentType"),
        ),
    },
    ("packageBundleId",),
)
PACKAGES = Thing(
    {
        "portfolioUid": UUID,
        "basePackageBundle": Thing({"packageBundleId": BUNDLE_ID, "price": AMOUNT}, ("packageBundleId",)),
        "servicePackages": Items(SERVICE, most=100),
        "deliveryPackage": Thing(
            {"packageBundleId": BUNDLE_ID, "adjustedPrices": PRICES, "additionalPackageData": PACKAGE_DATA},
            ("packageBundleId",),
        ),
    },
    ("basePackageBundle",),
)
MERCHANT = Thing(
    {
        "merchantName": Text(1, 100, re.compile(r"(?!\s*$).+")),
        "primaryContact": CONTACT,
        "requestedDateOfShipment": Moment(),
        "mcc": Text(4, 4, re.compile(r"[0-9]{4,4}", re.ASCII)),
        "tradingAddress": ADDRESS,
        "shippingAddress": ADDRESS,
        "billingAddress": ADDRESS,
        "companyAddress": ADDRESS,
        "siteReferenceId": Text(1, 100),
        "siteName": Text(1),
        "openingHours": Items(OPENING, least=1),
        "pois": Items(Thing({"devicePackage": DEVICE, "additionalDevicePackages": Items(DEVICE, most=100)}), most=1000),
    },
    ("primaryContact",),
)
ORDER = Thing(
    {
        "orderReference": Text(1),
        "customerEntityUid": UUID,
        "requestedDate": Moment(),
        "poRef": Text(),
        "paymentDetails": Thing({"paymentType": Text(words=PAYMENT_DETAILS)}, ("paymentType",), kept=True),
        "notes": Text(),
        "additionalOrderData": Items(VARIABLE, most=100),
        "packageDetails": PACKAGES,
        "merchant": MERCHANT,
    },
    ("orderReference", "customerEntityUid", "merchant"),
)
CANCELLATION = Thing(
    {"cancelReasonEnum": Text(words=CANCEL_REASONS), "cancelAdditionalReason": Text()}, ("cancelReasonEnum",)
)

# ------------------------------------------------------------------------------------ the life of an order

# Each finer status and the status that it belongs to. Nothing says which belongs to which: inferred.
DETAILED: Mapping[str, str] = {
    "DRAFT": "DRAFT",
    "OFFER_SENT": "DRAFT",
    "OPENED_BY_CUSTOMER": "DRAFT",
    "INPROGRESS_BY_CUSTOMER": "DRAFT",
    "SUBMITTED": "SUBMITTED",
    "INPROGRESS": "INPROGRESS",
    "PENDING_THIRD_PARTY": "INPROGRESS",
    "PENDING_SIGNATURE": "INPROGRESS",
    "UNDER_REVIEW": "INPROGRESS",
    "REQUIRES_ATTENTION": "INPROGRESS",
    "INTERNAL_BOARDING": "INPROGRESS",
    "FULFILMENT_BOOKED": "INPROGRESS",
    "FULFILMENT_PICKED": "INPROGRESS",
    "FULFILMENT_SHIPPED": "INPROGRESS",
    "DOCS_REQUIRED": "ONHOLD",
    "DOCS_REQUIRES_ATTENTION": "ONHOLD",
    "ONHOLD": "ONHOLD",
    "CANCEL_REQUESTED": "INPROGRESS",
    "CANCEL_INPROGRESS": "INPROGRESS",
    "CANCEL_ERROR": "INPROGRESS",
    "CANCELED_BYUSER": "CANCELLED",
    "CANCELLED": "CANCELLED",
    "DECLINED": "CANCELLED",
    "COMPLETED": "COMPLETED",
}
# The first of several is where an order goes unless told otherwise.
NEXT: Mapping[str, Sequence[str]] = {
    "DRAFT": ("SUBMITTED", "OFFER_SENT", "CANCELED_BYUSER"),
    "OFFER_SENT": ("OPENED_BY_CUSTOMER",),
    "OPENED_BY_CUSTOMER": ("INPROGRESS_BY_CUSTOMER",),
    "INPROGRESS_BY_CUSTOMER": ("SUBMITTED",),
    "SUBMITTED": (
        "INPROGRESS",
        "UNDER_REVIEW",
        "PENDING_SIGNATURE",
        "PENDING_THIRD_PARTY",
        "DOCS_REQUIRED",
        "ONHOLD",
        "CANCELED_BYUSER",
    ),
    "UNDER_REVIEW": ("INPROGRESS", "REQUIRES_ATTENTION", "DECLINED"),
    "REQUIRES_ATTENTION": ("UNDER_REVIEW", "ONHOLD"),
    "PENDING_SIGNATURE": ("INPROGRESS", "DECLINED", "ONHOLD"),
    "PENDING_THIRD_PARTY": ("INPROGRESS", "ONHOLD"),
    "DOCS_REQUIRED": ("UNDER_REVIEW", "DOCS_REQUIRES_ATTENTION", "CANCELED_BYUSER"),
    "DOCS_REQUIRES_ATTENTION": ("UNDER_REVIEW", "CANCELED_BYUSER"),
    "ONHOLD": ("INPROGRESS", "CANCELED_BYUSER"),
    "INPROGRESS": ("FULFILMENT_BOOKED", "INTERNAL_BOARDING", "ONHOLD", "CANCEL_REQUESTED"),
    "INTERNAL_BOARDING": ("FULFILMENT_BOOKED",),
    "FULFILMENT_BOOKED": ("FULFILMENT_PICKED", "CANCEL_REQUESTED"),
    "FULFILMENT_PICKED": ("FULFILMENT_SHIPPED",),
    "FULFILMENT_SHIPPED": ("COMPLETED",),
    "CANCEL_REQUESTED": ("CANCEL_INPROGRESS",),
    "CANCEL_INPROGRESS": ("CANCELLED", "CANCEL_ERROR"),
    "CANCEL_ERROR": ("INPROGRESS",),
}
CANCELLABLE = ("DRAFT", "SUBMITTED", "ONHOLD")
INFORMATION: Mapping[str, tuple[str, str]] = {
    "REQUIRES_ATTENTION": ("ATT-17", "The merchant's category code does not fit its name."),
    "DOCS_REQUIRED": ("DOC-01", "A certificate of incorporation is needed."),
    "DOCS_REQUIRES_ATTENTION": ("DOC-02", "The certificate of incorporation cannot be read."),
    "PENDING_SIGNATURE": ("SIG-01", "The contract waits for a signature."),
    "CANCEL_ERROR": ("CAN-09", "The goods have been handed to the carrier already."),
    "DECLINED": ("DEC-03", "The merchant was declined by the acquirer."),
    "ONHOLD": ("HLD-01", "Out of stock until next month."),
}
NEWEST_STATUSES = (
    "SUBMITTED",
    "FULFILMENT_SHIPPED",
    "REQUIRES_ATTENTION",
    "DRAFT",
    "INPROGRESS",
    "COMPLETED",
    "ONHOLD",
    "CANCEL_REQUESTED",
    "DOCS_REQUIRED",
    "CANCELED_BYUSER",
    "UNDER_REVIEW",
    "OFFER_SENT",
    "FULFILMENT_BOOKED",
    "DECLINED",
    "PENDING_SIGNATURE",
    "CANCEL_ERROR",
    "FULFILMENT_PICKED",
    "PENDING_THIRD_PARTY",
    "CANCEL_INPROGRESS",
    "DOCS_REQUIRES_ATTENTION",
    "INTERNAL_BOARDING",
    "CANCELLED",
    "OPENED_BY_CUSTOMER",
    "INPROGRESS_BY_CUSTOMER",
)
OLD_STATUSES = ("COMPLETED",) * 12 + ("FULFILMENT_SHIPPED", "CANCELLED", "CANCELED_BYUSER", "DECLINED")

# ---------------------------------------------------------------------------------- what there is to order

CUSTOMER = "14f5ea24-cc4f-11e8-a8d5-f2801f1b9fd9"
FOREIGN_CUSTOMER = "24f5ea24-cc4f-11e8-a8d5-f2801f1b9fda"  # of somebody else: forbidden
CUSTOMERS: Mapping[str, str] = {CUSTOMER: "McDonalds", "14f5ea24-cc4f-11e8-a8d5-f2801f1b9fe0": "Corner Coffee"}
PORTFOLIO = "5b6a1c1e-0d0e-4a57-9c53-3d2a35d0c001"
DEVICES = ("T650P", "T650C", "P630", "M440", "V400M", "CARBON-8", "E285", "UX301")
ACCESSORIES = ("BASE-CHARGER", "PAPER-ROLLS-50", "CABLE_USB-C", "SLEEVE-T650P")
BASES = ("BASE-1", "BASE-OMNI")
SERVICES: Mapping[str, Sequence[tuple[str, str]]] = {
    "SVC-CONNECT": (("MONTHLY_FEE_PER_DEVICE", "7.50"),),
    "SVC-CARE": (("MONTHLY_FEE", "19.90"), ("ONE_TIME", "25")),
    "SVC-INSIGHT": (("YEARLY_FEE", "120.00"),),
    "SVC-BACKUP": (("QUARTERLY_FEE", "9.990"),),
    "SVC-ACQUIRE": (("AMT_PER_TRX", ".05"), ("PERC_PER_TRX", "0.19"), ("MINIMUM_AMT_PER_TRX", "0.10")),
}
DELIVERIES: Mapping[str, Sequence[tuple[str, str]]] = {
    "DELIVERY-STANDARD": (("ONE_TIME", "0"),),
    "DELIVERY-EXPRESS": (("ONE_TIME", "14.95"),),
}
BUNDLES = frozenset((*DEVICES, *ACCESSORIES, *BASES, *SERVICES, *DELIVERIES))
USERS: Mapping[str, str] = {
    "04f5ea24-cc4f-11e8-a8d5-f2801f1b9fd1": "John/Jane Smith",
    "04f5ea24-cc4f-11e8-a8d5-f2801f1b9fd2": "ola.nordmann",
    "04f5ea24-cc4f-11e8-a8d5-f2801f1b9fd3": "grace.hall",
}
OWN_USER = next(iter(USERS))
NOTES = "Current in draft, caller got busy, callback anothertime."  # as in the document

PEOPLE: Sequence[Record] = (
    {"contactType": "BUSINESS", "name": {"firstName": "Jane", "lastName": "Smith"}},
    {
        "contactType": "OWNER",
        "name": {
            "firstName": "Ola",
            "lastName": "Nordmann",
            "prefix": "Dr",
            "middleName": "Åse",
            "suffix": "Jr",
            "alternateFullName": "Nordmann Kaffe AS",
        },
        "phoneNumbers": [
            {"value": "91234567", "phoneType": "MOBILE", "callingCode": "47", "isPrimary": True},
            {"value": "22334455", "phoneType": "WORK", "callingCode": "47", "extension": "12", "isPrimary": False},
        ],
        "email": "ola@nordmann.example",
        "businessTitle": "Owner",
    },
    {
        "contactType": "DISPUTE_HANDLING",
        "name": {"firstName": "Grace", "lastName": "Hall"},
        "phoneNumbers": [{"value": "2079460000", "phoneType": "FAX", "isPrimary": False}],
        "email": "disputes@example.com",
    },
)
ADDRESSES: Sequence[Record] = (
    {"addressLine1": "1 High Street", "city": "York", "postCode": "YO1 7HH", "country": "GBR"},
    {
        "receiverName": "Loading bay 3",
        "addressLine1": "Karl Johans gate 22",
        "addressLine2": "Inngang B",
        "addressLine3": "2. etasje",
        "poBox": "Postboks 1700",
        "city": "Oslo",
        "countrySubdivision": "Oslo",
        "postCode": "0026",
        "country": "NOR",
        "timeZone": "Europe/Oslo",
        "contact": PEOPLE[1],
        "vfiSiteId": "SITE-22",
        "storeNumber": "0042",
        "governmentOwned": True,
        "governmentCountry": "USA",
    },
    {"addressLine1": "Camp 4", "city": "Nowhere", "postCode": "0", "country": "ZZZ"},
    {
        "addressLine1": "350 5th Avenue",
        "city": "New York",
        "countrySubdivision": "NY",
        "postCode": "10118",
        "country": "USA",
    },
)


def prices(models: Sequence[tuple[str, str]]) -> list[Record]:
    """Adjusted prices as Verifone writes them."""
    return [{"priceModel": model, "price": price} for model, price in models]


def seeded_device(draw: Random, names: Sequence[str]) -> Record:
    """A package of devices: with or without a quantity, serial numbers, data."""
    found: Record = {"packageBundleId": draw.choice(names)}
    if draw.random() < 0.8:
        found["quantity"] = draw.choice((1, 1, 2, 3, 10))
    if draw.random() < 0.3:
        count = found.get("quantity", 1)
        found["serialNumbers"] = [f"{draw.randrange(10**3)}-{draw.randrange(10**6):06d}" for _ in range(count)]
    if draw.random() < 0.2:
        found["additionalPackageData"] = [{"variableName": "MERCHANT_ID", "variableValue": "7012345"}]
    return found


def seeded_packages(draw: Random) -> Record:
    """The packages of an order: a base, some with services, some with a delivery."""
    base: Record = {"packageBundleId": draw.choice(BASES)}
    found: Record = {"basePackageBundle": base}
    if draw.random() < 0.6:
        found["portfolioUid"] = PORTFOLIO
    if draw.random() < 0.7:
        base["price"] = draw.choice(("0", "49.00", "199.999", "-5.00", ".50", "1200"))
    services = draw.sample(list(SERVICES), draw.choice((0, 1, 1, 2, 4)))
    if services:
        found["servicePackages"] = [seeded_service(draw, name) for name in services]
    if draw.random() < 0.4:
        name = draw.choice(list(DELIVERIES))
        found["deliveryPackage"] = {"packageBundleId": name, "adjustedPrices": prices(DELIVERIES[name])}
    return found


def seeded_service(draw: Random, name: str) -> Record:
    """A service, some with all that it can have."""
    found: Record = {"packageBundleId": name, "adjustedPrices": prices(SERVICES[name])}
    if name == "SVC-ACQUIRE":
        found["processorParameters"] = {"processor": "NETS", "tidList": ["71234567", "71234568"], "bank": {"no": 7}}
        found["threeDSMerchantIdentifiers"] = {"merchantId": "9812345678", "paymentType": "AMEX"}
    if draw.random() < 0.3:
        found["additionalPackageData"] = [{"variableName": "start_day", "variableValue": "1"}]
    return found


def seeded_merchant(draw: Random, at: str) -> Record:
    """A merchant: some with nothing but a contact and one terminal, some with everything."""
    found: Record = {"primaryContact": draw.choice(PEOPLE)}
    if draw.random() < 0.85:
        found["merchantName"] = draw.choice(tuple(CUSTOMERS.values()))
        found["shippingAddress"] = draw.choice(ADDRESSES)
    if draw.random() < 0.95:
        found["pois"] = [seeded_poi(draw) for _ in range(draw.choice((1, 1, 1, 2, 3)))]
    if draw.random() < 0.3:
        found.update(
            requestedDateOfShipment=at,
            mcc="5814",
            tradingAddress=ADDRESSES[0],
            billingAddress=ADDRESSES[1],
            companyAddress=ADDRESSES[3],
            siteReferenceId="YRK-7",
            siteName="York, High Street",
            openingHours=[{"day": day, "times": {"start": "08:30", "end": "17:00"}} for day in DAYS[:5]],
        )
    return found


def seeded_poi(draw: Random) -> Record:
    """A terminal and what comes with it."""
    found: Record = {"devicePackage": seeded_device(draw, DEVICES)}
    if draw.random() < 0.35:
        found["additionalDevicePackages"] = [seeded_device(draw, ACCESSORIES) for _ in range(draw.choice((1, 2)))]
    return found


def seeded_body(draw: Random, number: int, at: str) -> Record:
    """The body that a seeded order was made with."""
    found: Record = {
        "orderReference": f"ORD-{number:05d}",
        "customerEntityUid": draw.choice(list(CUSTOMERS)),
        "packageDetails": seeded_packages(draw),
        "merchant": seeded_merchant(draw, at),
    }
    if draw.random() < 0.6:
        found.update(requestedDate=at, poRef=f"8521{draw.randrange(10**4):04d}")
    if draw.random() < 0.4:
        found["notes"] = NOTES
    if draw.random() < 0.4:
        found["paymentDetails"] = {"paymentType": draw.choice(PAYMENT_DETAILS)}
    if draw.random() < 0.2:
        found["additionalOrderData"] = [{"variableName": "VAT_ID", "variableValue": "NO 987 654 321 MVA"}]
    return found


def seeded_notes_of_verifone(draw: Random, number: int, at: str) -> Record:
    """The rare parts of ``internal``, as one order has them."""
    sent = {"sentDateTime": at, "template": "T650P_WELCOME", "responseReferenceId": f"MSG-{number}"}
    reminder = {
        "lastNotificationSentDateTime": at,
        "notificationCount": -1,
        "templateName": "T650P_WELCOME",
        "notifications": [sent],
    }
    signer = {
        "providerRef": f"S-{number}",
        "contact": PEOPLE[1],
        "signed": True,
        "signedDateTime": at,
        "signingLink": f"https://sign.example.com/{number}",
    }
    return {
        "oracleOrderNumber": draw.randrange(10**6, 10**7),
        "kycReportUid": "7c6a1c1e-0d0e-4a57-9c53-3d2a35d0c002",
        "tokenScopeUid": "7c6a1c1e-0d0e-4a57-9c53-3d2a35d0c003",
        "vmssApplication": {
            "visaStatus": "NA ",
            "visaMatches": 0,
            "mcdStatus": "COMPLETE",
            "mcdMatches": 2,
            "mcdTransactionReference": f"MCD-{number}",
        },
        "salesforceApplicationId": f"SF-{number}",
        "signingInformation": {
            "provider": "SIGNICAT",
            "providerRef": f"SIG-{number}",
            "signedFileUrl": f"https://sign.example.com/{number}.pdf",
            "signingRequests": [signer],
        },
        "econtractNotificationReminder": reminder,
        "draftNotificationReminder": {"notificationCount": 1, "lastNotificationSentDateTime": at},
        "notificationReminders": {"econtract": reminder, "draft": reminder, "docRequired": reminder},
        "customerOrderLink": {
            "orderLink": f"https://order.example.com/{number}",
            "linkInitiatorUserUid": OWN_USER,
            "linkInitiatorUsername": USERS[OWN_USER],
            "linkReceiverUserUid": "04f5ea24-cc4f-11e8-a8d5-f2801f1b9fd2",
            "linkReceiverUsername": "ola.nordmann",
            "linkSendTime": at,
            "linkOpendByCustomerTime": at,
            "customerUpdateTime": at,
        },
        "externalOnboarding": {
            "provider": "BANKAXEPT",
            "agreementId": "7c6a1c1e-0d0e-4a57-9c53-3d2a35d0c004",
            "agreementStatus": "SIGNED",
        },
    }
