"""The control database: which tenants there are, where each lives and in what state."""

import re
from enum import StrEnum

from sqlalchemy import CHAR, CheckConstraint, Column, DateTime, MetaData, Table, Text, func

control = MetaData()

TENANT_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")

# ISO 3166-1 alpha-2, as assigned in 2026.
_CODES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS
BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE
EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM
HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC
LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO
TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
COUNTRIES = frozenset(_CODES.split())


class State(StrEnum):
    """What may be done with a tenant now."""

    CREATING = "creating"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    DROPPING = "dropping"
    DROPPED = "dropped"


def _one_of(name: str, values: frozenset[str] | type[State]) -> str:
    quoted = ", ".join(f"'{value}'" for value in sorted(values))
    return f"{name} IN ({quoted})"


tenant = Table(
    "tenant",
    control,
    Column("name", Text, primary_key=True, comment="How commands and addresses name the tenant."),
    Column("display_name", Text, nullable=False, comment="How pages name the tenant."),
    Column("country", CHAR(2), nullable=False, comment="ISO 3166: where its data must stay."),
    Column("cluster", Text, nullable=False, comment="The server that holds its database."),
    Column("database", Text, nullable=False, unique=True, comment="Its database on that server."),
    Column("schema_version", Text, comment="The last migration its database has gone through."),
    Column("state", Text, nullable=False, comment="What may be done with it now."),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("archive", Text, comment="The file with what it held, once it is dropped."),
    CheckConstraint(f"name ~ '^{TENANT_NAME.pattern}$'", name="tenant_name_is_a_name"),
    CheckConstraint(_one_of("country", COUNTRIES), name="tenant_country_is_iso_3166"),
    CheckConstraint(_one_of("state", State), name="tenant_state_is_known"),
    comment="One row per tenant there is or has been.",
)
