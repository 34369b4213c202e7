"""Money: what a visit cost, the claim for it, and what the payer made of the claim.

Amounts are whole hundredths, so that items add up to totals exactly: for every item
submitted = eligible + reduction, and eligible = copay + deductible + benefit.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from wardbase.synthetic.chart import Chart, moment, on, period
from wardbase.synthetic.country import Country
from wardbase.synthetic.fhir import Json, Raw, concept, money
from wardbase.synthetic.hospital import Payer
from wardbase.synthetic.timeline import Visit

_KINDS = {
    "professional": concept("claim-type", "professional", "Professional", False),
    "institutional": concept("claim-type", "institutional", "Institutional", False),
}
_NORMAL = concept("processpriority", "normal", "Normal", False)
_PRIMARY = concept("claimcareteamrole", "primary", "Primary provider", False)
_AMOUNTS = {
    name: concept("adjudication", name)
    for name in ("submitted", "eligible", "copay", "deductible", "benefit")
}
_REASONS = {
    "ar001": concept("adjudication-reason", "ar001", "Not covered", False),
    "ar002": concept("adjudication-reason", "ar002", "Plan Limit Reached", False),
}
_PAYMENT = concept("ex-paymenttype", "complete", "Complete", False)
# A payer decides within so many days; what is younger than that may still be open.
_DAYS_TO_DECIDE = (6, 35)
MAX_LINES = 8


@dataclass
class Line:
    """One thing done, and its price in hundredths."""

    code: Raw
    unit_price: int
    quantity: int

    @property
    def net(self) -> int:
        return self.unit_price * self.quantity


class Bill:
    """What was done in a visit, as it is written down for the claim."""

    def __init__(self, country: Country) -> None:
        self.country = country
        self._lines: dict[bytes, Line] = {}

    def add(self, code: Raw, dollars: float, times: int = 1) -> None:
        """Something was done, at a price."""
        key = bytes(code)
        if key in self._lines:
            self._lines[key].quantity += times
        else:
            self._lines[key] = Line(code, self.country.price(dollars), times)

    def lines(self) -> list[Line]:
        """One line for each thing, the first ones written."""
        return list(self._lines.values())[:MAX_LINES]


def record_claim(
    chart: Chart,
    visit: Visit,
    bill: Bill,
    encounter: Json,
    doctor: Json,
    diagnoses: list[Json],
    payer: Payer,
    coverage: Json,
) -> None:
    """The Claim of a finished visit, and the ExplanationOfBenefit once there is one."""
    if visit.end is None:
        return
    clerk = _Clerk(chart, visit, bill.lines(), encounter, doctor, diagnoses, payer, coverage)
    claim = clerk.claim()
    decided = visit.end + timedelta(
        days=chart.chance.between(*_DAYS_TO_DECIDE), minutes=chart.chance.between(1, 400)
    )
    if decided <= chart.closing:
        clerk.benefit(claim, decided)


class _Clerk:
    def __init__(
        self,
        chart: Chart,
        visit: Visit,
        lines: list[Line],
        encounter: Json,
        doctor: Json,
        diagnoses: list[Json],
        payer: Payer,
        coverage: Json,
    ) -> None:
        self.chart = chart
        self.lines = lines
        self.encounter = encounter
        self.payer = payer
        assert visit.end is not None
        self.end = visit.end
        self.filed = chart.later(visit.end, chart.chance.between(30, 2900))
        self.currency = chart.country.currency
        self.served: Json = {"servicedDate": on(visit.day)}
        if visit.inpatient:
            self.served = {"servicedPeriod": period(visit.start, visit.end)}
        self.insurer: Json = {"reference": f"Organization/{payer.id}", "display": payer.name}
        self.coverage = coverage
        self.shared: Json = {
            "status": "active",
            "type": _KINDS[visit.kind.claim],
            "use": "claim",
            "patient": chart.subject | {"display": chart.person.full_name},
            "billablePeriod": period(visit.start, visit.end),
        }
        self.team: Json = {
            "careTeam": [{"sequence": 1, "provider": doctor, "responsible": True, "role": _PRIMARY}]
        }
        self.diagnosis: Json = (
            {
                "diagnosis": [
                    {"sequence": n, "diagnosisReference": condition}
                    for n, condition in enumerate(diagnoses, start=1)
                ]
            }
            if diagnoses
            else {}
        )

    def item(self, sequence: int, line: Line) -> Json:
        body: Json = {"sequence": sequence}
        if self.diagnosis and sequence == 1:
            body["diagnosisSequence"] = [1]
        body |= {"productOrService": line.code, **self.served}
        if line.quantity > 1:
            body["quantity"] = {"value": line.quantity}
            body["unitPrice"] = money(line.unit_price, self.currency)
        body["net"] = money(line.net, self.currency)
        if sequence == 1:
            body["encounter"] = [self.encounter]
        return body

    def claim(self) -> str:
        """The claim: its total is the sum of its items."""
        chart = self.chart
        body: Json = {
            "identifier": [self.number("claim")],
            **self.shared,
            "created": moment(self.filed),
            "insurer": self.insurer,
            "provider": chart.hospital.reference,
            "priority": _NORMAL,
            "facility": chart.hospital.places["hospital"],
            **self.team,
            **self.diagnosis,
            "insurance": [{"sequence": 1, "focal": True, "coverage": self.coverage}],
            "item": [self.item(n, line) for n, line in enumerate(self.lines, start=1)],
            "total": money(sum(line.net for line in self.lines), self.currency),
        }
        return chart.add("Claim", body, self.filed)

    def number(self, of: str) -> Json:
        value = f"{of[0].upper()}{self.filed:%Y%m%d}{self.chart.chance.digits(6)}"
        return {"system": self.chart.hospital.system(of), "value": value}

    def benefit(self, claim: str, decided: datetime) -> None:
        """The payer's decision: every amount split, and the sums of the splits."""
        chart, chance = self.chart, self.chart.chance
        allowed = 100 if self.payer.kind == "public" else chance.between(72, 95)
        share = chance.pick((0, 5, 10)) if self.payer.kind == "public" else chance.pick((10, 20))
        deductible_left = 0 if self.payer.kind == "public" else chance.between(0, 12000)
        totals = dict.fromkeys(_AMOUNTS, 0)
        items = []
        for n, line in enumerate(self.lines, start=1):
            denied = n > 1 and chance.happens(0.03)
            eligible = 0 if denied else line.net * allowed // 100
            deductible = min(deductible_left, eligible)
            deductible_left -= deductible
            copay = (eligible - deductible) * share // 100
            split = {
                "submitted": line.net,
                "eligible": eligible,
                "copay": copay,
                "deductible": deductible,
                "benefit": eligible - deductible - copay,
            }
            for name, amount in split.items():
                totals[name] += amount
            reason = _REASONS[chance.pick(("ar001", "ar002"))] if denied else None
            items.append(self.item(n, line) | {"adjudication": self.adjudication(split, reason)})
        body: Json = {
            "identifier": [self.number("remittance")],
            **self.shared,
            "created": moment(decided),
            "insurer": self.insurer,
            "provider": chart.hospital.reference,
            "facility": chart.hospital.places["hospital"],
            "claim": chart.link("Claim", claim),
            "outcome": "complete",
            **self.diagnosis,
            "insurance": [{"focal": True, "coverage": self.coverage}],
            "item": items,
            "total": [
                {"category": _AMOUNTS[name], "amount": money(amount, self.currency)}
                for name, amount in totals.items()
            ],
            "payment": {
                "type": _PAYMENT,
                "date": on(decided.date()),
                "amount": money(totals["benefit"], self.currency),
            },
        }
        chart.add("ExplanationOfBenefit", body, decided)

    def adjudication(self, split: dict[str, int], reason: Raw | None) -> list[Json]:
        """The split of an item; of the parts only those that are not nothing."""
        body: list[Json] = []
        for name, amount in split.items():
            if amount or name in ("submitted", "eligible", "benefit"):
                entry: Json = {"category": _AMOUNTS[name]}
                if reason is not None and name == "eligible":
                    entry["reason"] = reason
                body.append(entry | {"amount": money(amount, self.currency)})
        return body
