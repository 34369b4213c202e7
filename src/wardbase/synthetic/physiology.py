"""The body behind the numbers: what a measurement of this person would show on a day.

Each person has a level of their own for everything measured; diseases move it from the day they
begin, medicines move it back from the day they are taken, and an acute illness shakes it for a
while.
"""

import math
from collections.abc import Callable
from datetime import date

from wardbase.synthetic.chance import Chance
from wardbase.synthetic.conditions import Illness
from wardbase.synthetic.population import Person


class Body:
    """One person's physiology."""

    def __init__(self, chance: Chance, person: Person, illnesses: dict[str, Illness]) -> None:
        self.chance = chance
        self.person = person
        self.illnesses = illnesses
        self.taken: dict[str, date] = {}
        self._traits: dict[str, float] = {}

    def trait(self, name: str) -> float:
        """How far this person is from the mean, in deviations; always the same."""
        if name not in self._traits:
            self._traits[name] = max(-2.2, min(2.2, self.chance.normal(0, 1)))
        return self._traits[name]

    def take(self, effect: str, day: date) -> None:
        """The person begins a medicine with this effect."""
        if effect:
            self.taken.setdefault(effect, day)

    def ill(self, name: str, day: date) -> float:
        """Years since the disease began, at least a tenth; 0 without it."""
        illness = self.illnesses.get(name)
        if illness is None or illness.onset > day:
            return 0.0
        return max(0.1, (day - illness.onset).days / 365.25)

    def has(self, name: str, day: date) -> bool:
        """Whether the person has the disease."""
        illness = self.illnesses.get(name)
        return illness is not None and illness.onset <= day

    def helped(self, effect: str, day: date, days: float = 60) -> float:
        """How much of a medicine's effect there is by now: 0 to 1."""
        begun = self.taken.get(effect)
        if begun is None or begun >= day:
            return 0.0
        return 1 - math.exp(-(day - begun).days / days)

    def noise(self, deviation: float) -> float:
        """What varies from one measurement to the next."""
        return self.chance.normal(0, deviation)


class Draw:
    """One blood sample: its values agree with each other."""

    def __init__(self, body: Body, day: date, marks: str = "", strength: float = 0.0) -> None:
        self.body = body
        self.day = day
        self.marks = marks
        self.strength = strength
        self.found: dict[str, float] = {}

    def acute(self, mark: str) -> float:
        """How strong an acute process is in this sample: 0 to 1."""
        return self.strength if mark == self.marks else 0.0

    def value(self, name: str, low: float, high: float) -> float:
        """The value of an analyte; its reference range is what to expect of the healthy."""
        if name not in self.found:
            special = ANALYTES.get(name)
            self.found[name] = special(self) if special else self.plain(name, low, high)
        return self.found[name]

    def of(self, name: str) -> float:
        """The value of an analyte another depends on."""
        return self.value(name, 0, 0)

    def plain(self, name: str, low: float, high: float) -> float:
        """A healthy person's value: within the range nineteen times of twenty."""
        body = self.body
        middle, spread = (low + high) / 2, (high - low) / 4.4
        return middle + spread * (0.75 * body.trait(name) + body.noise(0.55))


def _hba1c(d: Draw) -> float:
    b, day = d.body, d.day
    level = 5.25 + 0.22 * b.trait("hba1c") + (0.2 if b.has("obesity", day) else 0)
    if years := b.ill("diabetes", day):
        level = 7.7 + 0.9 * abs(b.trait("hba1c")) + min(1.5, 0.09 * years)
        level -= 1.5 * b.helped("metformin", day, 70) + 0.8 * b.helped("glucose_lowering", day, 70)
    return max(4.4, level + b.noise(0.15))


def _glucose(d: Draw) -> float:
    fasting = 21.5 * d.of("hba1c") - 24 + d.body.noise(7)
    return max(52, fasting + 260 * d.acute("glucose") + 22 * d.acute("infection"))


def _egfr(d: Draw) -> float:
    b, day = d.body, d.day
    healthy = 116 - 0.72 * max(0.0, b.person.years(day) - 25) + 8 * b.trait("egfr")
    if years := b.ill("ckd", day):
        healthy = min(healthy, 56 + 4 * b.trait("egfr") - (2.4 - 0.7 * b.trait("egfr")) * years)
    hit = 0.2 * d.acute("infection") + 0.22 * d.acute("fluid")
    return max(7.0, min(128.0, healthy * (1 - hit) + b.noise(3)))


def _creatinine(d: Draw) -> float:
    person = d.body.person
    age = person.years(d.day)
    if age < 18:
        return 0.28 + 0.031 * age + d.body.noise(0.04)
    kappa, alpha, scale = (0.7, -0.241, 1.012) if person.female else (0.9, -0.302, 1.0)
    # CKD-EPI 2021, solved for the creatinine that gives this filtration rate.
    ratio = d.of("egfr") / (142 * 0.9938**age * scale)
    return kappa * (float(ratio ** (1 / -1.2)) if ratio < 1 else float(ratio ** (1 / alpha)))


def _urea(d: Draw) -> float:
    return max(4, 13 + max(0.0, 90 - d.of("egfr")) * 0.34 + d.body.noise(2.2))


def _potassium(d: Draw) -> float:
    low = max(0.0, 55 - d.of("egfr")) * 0.017
    return 4.2 + 0.25 * d.body.trait("potassium") + low + d.body.noise(0.2)


def _bicarbonate(d: Draw) -> float:
    return 25.5 - max(0.0, 45 - d.of("egfr")) * 0.1 - 9 * d.acute("glucose") + d.body.noise(1.3)


def _sodium(d: Draw) -> float:
    return 140 + 1.5 * d.body.trait("sodium") - 5 * d.acute("fluid") + d.body.noise(1.4)


def _hemoglobin(d: Draw) -> float:
    b, day = d.body, d.day
    age = b.person.years(day)
    usual = 12.4 if age < 12 else 13.6 if b.person.female else 15.1
    usual += 0.7 * b.trait("hemoglobin") - max(0.0, age - 70) * 0.03
    usual -= 1.1 if b.has("ckd", day) else 0
    if b.has("anemia", day):
        usual -= 2.5 * (1 - 0.6 * b.helped("iron", day))
    if d.marks == "oncology":
        usual -= 1.4
    return max(5.2, usual - 3.6 * d.acute("bleeding") + b.noise(0.3))


def _mcv(d: Draw) -> float:
    low = 8 if d.body.has("anemia", d.day) else 0
    return 89.5 + 3.4 * d.body.trait("mcv") - low + d.body.noise(0.8)


def _mchc(d: Draw) -> float:
    return 33.6 + 0.6 * d.body.trait("mchc") + d.body.noise(0.4)


def _hematocrit(d: Draw) -> float:
    return d.of("hemoglobin") / d.of("mchc") * 100


def _rbc(d: Draw) -> float:
    return d.of("hematocrit") / d.of("mcv") * 10


def _mch(d: Draw) -> float:
    return d.of("mcv") * d.of("mchc") / 100


def _wbc(d: Draw) -> float:
    b = d.body
    usual = 7.0 + 1.2 * b.trait("wbc") + (0.8 if b.person.smoking == "current" else 0)
    low = 2.5 if d.marks == "oncology" else 0
    return max(1.2, usual - low + 8.5 * d.acute("infection") + b.noise(0.8))


def _crp(d: Draw) -> float:
    quiet = 1.6 * math.exp(0.7 * d.body.trait("crp"))
    if d.body.has("rheumatoid", d.day):
        quiet += 14
    return float(quiet + 150 * d.acute("infection") * d.body.chance.uniform(0.6, 1.3))


def _ldl(d: Draw) -> float:
    b, day = d.body, d.day
    level = 108 + 21 * b.trait("ldl") - (18 if b.person.years(day) < 20 else 0)
    if b.has("hyperlipidemia", day):
        level = 168 + 17 * b.trait("ldl")
    return max(34, level * (1 - 0.4 * b.helped("statin", day, 30)) + b.noise(6))


def _hdl(d: Draw) -> float:
    b = d.body
    level = (58 if b.person.female else 49) + 10 * b.trait("hdl")
    return max(22, level - (6 if b.has("obesity", d.day) else 0) + b.noise(2.5))


def _triglycerides(d: Draw) -> float:
    b, day = d.body, d.day
    level = 104 * math.exp(0.33 * b.trait("triglycerides"))
    level *= 1.25 if b.has("obesity", day) else 1
    level *= 1.3 if b.has("diabetes", day) else 1
    return max(32, level + b.noise(12))


def _cholesterol(d: Draw) -> float:
    return d.of("ldl") + d.of("hdl") + d.of("triglycerides") / 5


def _tsh(d: Draw) -> float:
    b = d.body
    level = 1.8 * math.exp(0.35 * b.trait("tsh"))
    if b.has("hypothyroidism", d.day):
        level = 9.5 * math.exp(0.25 * b.trait("tsh")) * (1 - 0.75 * b.helped("thyroid", d.day, 45))
    return float(level * math.exp(b.noise(0.12)))


def _inr(d: Draw) -> float:
    helped = d.body.helped("anticoagulant", d.day, 5)
    return max(0.9, 1.02 + 1.45 * helped + d.body.noise(0.05 + 0.3 * helped))


def _pt(d: Draw) -> float:
    return d.of("inr") * 11.9


def _troponin(d: Draw) -> float:
    usual = 4 * math.exp(0.4 * d.body.trait("troponin"))
    return float(usual + 3200 * d.acute("cardiac") ** 2 * d.body.chance.uniform(0.2, 1.6))


def _bnp(d: Draw) -> float:
    b = d.body
    level = 30 + max(0.0, b.person.years(d.day) - 40) * 3.5
    if b.has("heart_failure", d.day):
        level += 1300 * math.exp(0.6 * b.trait("bnp"))
    return float((level + 5200 * d.acute("fluid")) * math.exp(b.noise(0.15)))


def _uacr(d: Draw) -> float:
    b, day = d.body, d.day
    level = 7 * math.exp(0.5 * b.trait("uacr"))
    level *= 9 if b.has("ckd", day) else 1
    return float(level * (2.4 if b.has("diabetes", day) else 1) * math.exp(b.noise(0.25)))


def _psa(d: Draw) -> float:
    b = d.body
    level = 0.9 * math.exp(0.5 * b.trait("psa") + max(0.0, b.person.years(d.day) - 50) * 0.02)
    level *= 2.2 if b.has("prostate_hyperplasia", d.day) else 1
    return float(level * (7 if b.has("prostate_cancer", d.day) else 1) * math.exp(b.noise(0.08)))


def _ferritin(d: Draw) -> float:
    b = d.body
    level = (62 if b.person.female else 130) * math.exp(0.5 * b.trait("ferritin"))
    if b.has("anemia", d.day):
        level = 11 + 55 * b.helped("iron", d.day, 120)
    return max(3, level * math.exp(b.noise(0.12)))


def _lactate(d: Draw) -> float:
    return max(0.4, 1.2 + 3.2 * d.acute("infection") + 1.5 * d.acute("glucose") + d.body.noise(0.2))


def _urate(d: Draw) -> float:
    b = d.body
    level = (4.4 if b.person.female else 5.5) + 0.8 * b.trait("urate")
    if b.has("gout", d.day):
        level = 8.6 - 2.9 * b.helped("urate", d.day, 40)
    return max(2, level + b.noise(0.3))


ANALYTES: dict[str, Callable[[Draw], float]] = {
    "hba1c": _hba1c,
    "glucose": _glucose,
    "egfr": _egfr,
    "creatinine": _creatinine,
    "urea": _urea,
    "potassium": _potassium,
    "bicarbonate": _bicarbonate,
    "sodium": _sodium,
    "hemoglobin": _hemoglobin,
    "hematocrit": _hematocrit,
    "rbc": _rbc,
    "mcv": _mcv,
    "mch": _mch,
    "mchc": _mchc,
    "wbc": _wbc,
    "crp": _crp,
    "ldl": _ldl,
    "hdl": _hdl,
    "triglycerides": _triglycerides,
    "cholesterol": _cholesterol,
    "tsh": _tsh,
    "inr": _inr,
    "pt": _pt,
    "troponin": _troponin,
    "bnp": _bnp,
    "uacr": _uacr,
    "psa": _psa,
    "ferritin": _ferritin,
    "lactate": _lactate,
    "urate": _urate,
}
