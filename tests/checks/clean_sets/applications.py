"""The applications whose databases grow in the clean sets: tables with their columns, in the order they are made."""

from __future__ import annotations

from dataclasses import dataclass, field

# A line a table: `name > parent: column type, …`; a type that ends in `!` is NOT NULL, one with `>0` has a CHECK.
_SHOP = """
customers: email text!, full_name text!, phone varchar(20), locale text!
addresses > customers: street text!, city text!, postcode text!, country text!
products: sku text!, title text!, price_cents bigint>0, attributes jsonb!
orders > customers: reference text!, placed_at timestamptz, total_cents bigint>0, note text
order_items > orders > products: quantity integer>0, unit_cents bigint>0
payments > orders: provider text!, external_id text!, amount_cents bigint>0, paid_at timestamptz
invoices > orders: number text!, issued_on date!, due_on date!, pdf_path text
shipments > orders > addresses: carrier text!, tracking_code text, shipped_at timestamptz
vouchers: code text!, percent_off integer>0, valid_until date
reviews > products > customers: stars integer>0, body text
"""
_BILLING = """
accounts: company text!, vat_number text, billing_email text!, currency text!
plans: plan_code text!, label text!, monthly_cents bigint>0, features jsonb!
subscriptions > accounts > plans: started_on date!, ended_on date, seats integer>0
usage_records > subscriptions: metric text!, amount bigint>0, used_on date!
credit_notes > accounts: reference text!, credit_cents bigint>0, reason text
bills > accounts: bill_number text!, period_start date!, period_end date!, total_cents bigint>0
bill_lines > bills > plans: description text!, quantity integer>0, line_cents bigint>0
mandates > accounts: iban text!, signed_on date!, mandate_ref text!
dunning_letters > bills: level integer>0, sent_at timestamptz, address text
refunds > bills: refund_cents bigint>0, requested_by text!, settled_at timestamptz
"""
_FREIGHT = """
depots: depot_code text!, city text!, capacity integer>0, opening_hours jsonb!
drivers > depots: full_name text!, licence text!, phone varchar(20), hired_on date!
vehicles > depots: plate text!, payload_kg integer>0, inspected_on date
routes > depots: route_code text!, distance_km integer>0, planned_for date!
stops > routes: position integer>0, address text!, window_start timestamptz, window_end timestamptz
parcels > stops: barcode text!, weight_grams integer>0, recipient text!, contents jsonb!
handovers > parcels > drivers: signed_by text, handed_at timestamptz, photo_path text
fuel_cards > vehicles: card_number text!, limit_cents bigint>0, expires_on date!
incidents > routes > drivers: category text!, details text, reported_at timestamptz!
tariffs: zone text!, base_cents bigint>0, valid_from date!
"""
_CLINIC = """
practices: title text!, street text!, city text!, settings jsonb!
patients > practices: family_name text!, given_name text!, born_on date!, phone varchar(20)
clinicians > practices: full_name text!, speciality text!, register_number text!
appointments > patients > clinicians: starts_at timestamptz!, minutes integer>0, reason text
prescriptions > patients > clinicians: drug_code text!, dosage text!, issued_on date!
referrals > patients: target text!, urgency text!, sent_at timestamptz
lab_orders > patients: panel text!, ordered_at timestamptz!, result_count integer>0
lab_results > lab_orders: analyte text!, measured numeric, unit text!, raw jsonb!
letters > patients: subject text!, body text!, printed_at timestamptz
claims > appointments: insurer text!, amount_cents bigint>0, claim_number text!
"""
_FORUM = """
members: handle text!, email text!, display_name text!, avatar_path text
communities: slug text!, title text!, description text, theme jsonb!
memberships > communities > members: joined_on date!, invited_by text
posts > communities > members: title text!, body text!, published_at timestamptz
replies > posts > members: body text!, edited_at timestamptz
tags: label text!, color_code text!, usage_count integer>0
post_tags > posts > tags: added_on date!
reports > posts > members: reason text!, handled_at timestamptz
attachments > posts: file_path text!, byte_size bigint>0, checksum text!
badges > members: badge_code text!, awarded_on date!
"""


@dataclass
class Table:
    """A table as it stands: its columns by type, the tables that it refers to, and what grew on it already."""

    name: str
    parents: tuple[str, ...]
    columns: dict[str, str]
    grown: set[str] = field(default_factory=set)

    def having(self, *types: str) -> str:
        """A column of one of the types; "" where there is none."""
        return next((name for name, kind in self.columns.items() if kind.split(">")[0].rstrip("!") in types), "")


def tables_of(application: str) -> list[Table]:
    lines = APPLICATIONS[application].strip().splitlines()
    return [_table(line) for line in lines]


def _table(line: str) -> Table:
    head, _, columns = line.partition(":")
    name, *parents = (part.strip() for part in head.split(">"))
    parsed = dict(part.strip().split(" ", 1) for part in columns.split(", "))
    return Table(name, tuple(parents), parsed)


APPLICATIONS = {"shop": _SHOP, "billing": _BILLING, "freight": _FREIGHT, "clinic": _CLINIC, "forum": _FORUM}
