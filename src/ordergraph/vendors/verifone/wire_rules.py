"""The rules of the schemas for Verifone's bodies. Requests are checked by them before they are sent.

Source: Verifone Order API 2.62, the schemas of "Hardware Orders": types, lengths, patterns, enum values and counts. A
field whose type does not imply its rule declares the rule in `wire`. `rule_of` combines the rules of a body.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, cast, get_args, get_origin

import msgspec

from ordergraph.domain.countries import ALPHA3
from ordergraph.vendors.verifone import values
from ordergraph.wire.fields import Field, Input, fields_of, struct_in

Record = dict[str, Any]
Problems = dict[str, str]
"""The problems by the path of the value, such as ``merchant.pois[0].devicePackage.quantity``."""

# ---- Rules ------------------------------------------------------------------------------------------


MAX_SHOWN = 20
"""An error message lists the values of an enum only if there are at most this many."""

Rule = Callable[[Any, str, Problems], Any]
"""Checks a value: takes the value, its path and the problems to add to, and returns the value to keep."""


@dataclass(frozen=True, slots=True)
class Text:
    """A string with limits for its length, a pattern, or a list of allowed values."""

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
class Value:
    """A value that passes a test. ``wrong`` is the message if it fails. ``default`` is used if the value is omitted."""

    wrong: str
    passes: Callable[[Any], bool]
    default: Any = None

    def __call__(self, value: Any, path: str, problems: Problems) -> Any:
        """Check a value."""
        if not self.passes(value):
            problems[path] = self.wrong
        return value


@dataclass(frozen=True, slots=True)
class Count:
    """The number of items that an array may have, and whether they must be unique."""

    least: int = 0
    most: int | None = None
    unique: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """An array."""

    of: Rule
    count: Count = Count()

    def __call__(self, value: Any, path: str, problems: Problems) -> Any:
        """Check an array and its items."""
        if not isinstance(value, list):
            problems[path] = "must be an array"
            return value
        items, count = cast("list[Any]", value), self.count
        if len(items) < count.least:
            problems[path] = f"must have at least {count.least} items"
        elif count.most is not None and len(items) > count.most:
            problems[path] = f"must have at most {count.most} items"
        elif count.unique and any(item in items[:index] for index, item in enumerate(items)):
            problems[path] = "must not hold the same item twice"
        return [self.of(item, f"{path}[{index}]", problems) for index, item in enumerate(items)]


@dataclass(frozen=True, slots=True)
class Thing:
    """An object. Null counts as omitted. A field without a rule is dropped, ``kept``, or a problem if ``closed``."""

    fields: Mapping[str, Rule]
    needs: Sequence[str] = ()
    kept: bool = False
    closed: bool = False
    defaults: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def __call__(self, value: Any, path: str, problems: Problems) -> Any:
        """Check an object and its fields."""
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


@dataclass(frozen=True, slots=True)
class Needed:
    """Marks a field that a request must have. A required `Input` has the same effect."""


@cache
def rule_of(struct: type[msgspec.Struct]) -> Thing:
    """Return the rule of a body that a struct describes.

    If the struct's ``closed`` is true, other fields are not allowed.
    """
    fields = fields_of(struct)
    rules = {one.wire_name: _rule_of(one) for one in fields}
    defaults = {
        name: rule.default for name, rule in rules.items() if isinstance(rule, Value) and rule.default is not None
    }
    needs = [one.wire_name for one in fields if one.get(Needed) or ((given := one.get(Input)) and given.required)]
    return Thing(rules, needs, closed=getattr(struct, "closed", False), defaults=defaults)


def _rule_of(field: Field) -> Rule:
    """Return the rule of a field. For a list, the declared rule applies to each item."""
    one = _rule_of_one(field)
    is_list = any(get_origin(shape) is list for shape in get_args(field.type))
    return Items(one, field.get(Count) or Count()) if is_list else one


def _rule_of_one(field: Field) -> Rule:
    own = next((one for one in field.declared if isinstance(one, Text | Value | Thing)), None)
    if own is not None:
        return own
    if (struct := struct_in(field.type)) is not None:
        return rule_of(struct)
    given = field.get(Input)
    if given is not None and isinstance(given.type, type) and issubclass(given.type, Enum):
        return Text(words=given.type.__members__.keys())
    if field.codec is values.TIME:
        return MOMENT
    if field.codec is values.AMOUNT:
        return AMOUNT
    return FLAG if bool in get_args(field.type) else Text()


def words(text: str) -> frozenset[str]:
    """Return the values of an enum."""
    return frozenset(text.split())


MOMENT_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)


def is_moment(text: object) -> bool:
    """Return whether a value is a time with a zone as a string (RFC 3339)."""
    if not (isinstance(text, str) and MOMENT_FORM.fullmatch(text)):
        return False
    try:
        datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))
    except ValueError:
        return False
    return True


# ---- Schemas of the document ------------------------------------------------------------------------

# Verifone's code for each country: ISO 3166-1 alpha-3, except for one that the document spells differently. Two
# more codes are not countries: ZZZ, and BSB, which is undocumented.
COUNTRY: Mapping[str, str] = {**ALPHA3, "GS": "SGC"}
COUNTRIES = frozenset({"ZZZ", "BSB", *COUNTRY.values()})
STATUSES = ("DRAFT", "SUBMITTED", "INPROGRESS", "COMPLETED", "CANCELLED", "ONHOLD")
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

MOMENT = Value("must be a date-time with its zone, such as 2020-01-06T18:16:14.243Z", is_moment)
FLAG = Value("must be a boolean", lambda value: isinstance(value, bool))
UNSET_FLAG = replace(FLAG, default=False)
QUANTITY = Value("must be an integer, 1 or more", lambda value: type(value) is int and value >= 1)
UUID_FORM = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
UUID = Text(form=UUID_FORM)
BUNDLE_ID = Text(most=100, form=re.compile(r"[A-Za-z0-9_-]*"))
AMOUNT = Text(most=32, form=re.compile(r"((-?[0-9]+)|(-?([0-9]+)?[.][0-9]+))", re.ASCII))
COUNTRY_CODE = Text(words=COUNTRIES)
EMAIL = Text(3, 254, re.compile(r"[a-zA-Z0-9!#$%&'*+=?^_`{|}~.-]+@[a-zA-Z0-9-]+[.].+"))
VARIABLE_NAME = re.compile(r"[A-Za-z0-9_-]*")
NOT_BLANK = re.compile(r"(?!\s*$).+")
MERCHANT_ID = Text(most=30, form=re.compile(r"|(?!\s*$).+"))
MCC = Text(4, 4, re.compile(r"[0-9]{4,4}", re.ASCII))
TIME_OF_DAY = Text(form=re.compile(r"\d{2}:\d{2}", re.ASCII))
PROCESSOR_PARAMETERS = Thing(
    {"processor": Text(words=PROCESSORS), "tidList": Items(Text(), Count(unique=True))}, ("processor",), kept=True
)
PAYMENT_DETAILS = Thing(
    {"paymentType": Text(words=values.VerifonePaymentMethod.__members__.keys())}, ("paymentType",), kept=True
)
