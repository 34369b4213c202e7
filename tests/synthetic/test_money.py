"""Claims and benefits: every sum is the sum of its parts, to the cent."""

from decimal import Decimal
from typing import Any

import pytest


def cents(money: Any) -> int:
    amount = Decimal(str(money["value"])) * 100
    assert amount == int(amount)
    return int(amount)


def test_a_claim_is_the_sum_of_its_items(people: Any) -> None:
    for claim in people.of("Claim"):
        assert cents(claim["total"]) == sum(cents(item["net"]) for item in claim["item"])


def test_an_item_is_its_price_by_its_quantity(people: Any) -> None:
    for item in (item for claim in people.of("Claim") for item in claim["item"]):
        if "quantity" in item:
            assert cents(item["net"]) == cents(item["unitPrice"]) * item["quantity"]["value"]


def split(adjudication: Any) -> dict[str, int]:
    return {a["category"]["coding"][0]["code"]: cents(a["amount"]) for a in adjudication}


def test_what_is_eligible_is_paid_by_someone(people: Any) -> None:
    for benefit in people.of("ExplanationOfBenefit"):
        for item in benefit["item"]:
            part = split(item["adjudication"])
            paid = part["benefit"] + part.get("copay", 0) + part.get("deductible", 0)
            assert part["eligible"] == paid
            assert part["submitted"] == cents(item["net"]) >= part["eligible"]


def test_totals_are_the_sums_of_the_items_and_the_payment_is_the_benefit(people: Any) -> None:
    for benefit in people.of("ExplanationOfBenefit"):
        totals = split(benefit["total"])
        items = [split(item["adjudication"]) for item in benefit["item"]]
        assert totals == {name: sum(i.get(name, 0) for i in items) for name in totals}
        assert cents(benefit["payment"]["amount"]) == totals["benefit"]


def test_a_benefit_answers_one_claim_of_the_same_amount(people: Any) -> None:
    claims = {f"Claim/{c['id']}": c for c in people.of("Claim")}
    answered = [b["claim"]["reference"] for b in people.of("ExplanationOfBenefit")]
    assert len(answered) == len(set(answered))
    for benefit in people.of("ExplanationOfBenefit"):
        claim = claims[benefit["claim"]["reference"]]
        assert split(benefit["total"])["submitted"] == cents(claim["total"])
        assert benefit["created"] >= claim["created"][:10]


@pytest.mark.parametrize("kind", ["Claim", "ExplanationOfBenefit"])
def test_money_is_of_the_country(people: Any, kind: str) -> None:
    country = people.of("Organization")[0]["address"][0]["country"]
    currency = {"US": "USD", "DE": "EUR", "FR": "EUR", "GB": "GBP", "IN": "INR"}[country]
    assert {i["net"]["currency"] for r in people.of(kind) for i in r["item"]} == {currency}
