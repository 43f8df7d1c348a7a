"""What Verifone's bodies have to be: the document's schemas as rules, by which requests are checked before they go.

Source: Verifone Order API 2.62, the schemas of "Hardware Orders": types, lengths, patterns, words and counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from ordergraph.domain.countries import ALPHA3

Record = dict[str, Any]
Problems = dict[str, str]
"""What is wrong, by the path of the value: ``merchant.pois[0].devicePackage.quantity``."""

# ------------------------------------------------------------------------------------------- rules


MAX_SHOWN = 20
"""So many words of an enum are worth telling to who used another."""

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
            return f"must be one of {', '.join(self.words)}" if len(self.words) <= MAX_SHOWN else "is unknown"
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
        if isinstance(value, bool) or not isinstance(value, int) or value < self.least:
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

# Verifone's word for each country: ISO 3166-1 alpha-3, but one of the document's list is written otherwise, and
# two are no countries: ZZZ, and BSB, which nobody explains.
COUNTRY: Mapping[str, str] = {**ALPHA3, "GS": "SGC"}
COUNTRIES = frozenset({"ZZZ", "BSB", *COUNTRY.values()})
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
