"""What can be recorded: for each kind its form, and how its fields and FHIR elements go together.

`fill` reads the fields off a resource; `put` writes only the fields that changed into it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from wardbase.web.codes import Code
from wardbase.web.editing import Draft, code_of, coded, words_of
from wardbase.web.forms import Field, Form, Values, fhir_date

_HL7 = "http://terminology.hl7.org/CodeSystem/"
_SNOMED = "http://snomed.info/sct"
_SEVERITY = {"255604002": "Mild", "6736007": "Moderate", "24484000": "Severe"}
_NOT_OVER = ("active", "recurrence", "relapse")


@dataclass(frozen=True)
class Kind:
    """One kind of thing to record about a patient."""

    type: str
    path: str
    noun: str
    section: str
    form: Form
    fill: Callable[[Draft], Values]
    put: Callable[[Draft, Values, set[str], Code | None, str], None]


def _choices(*pairs: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return (("", "not recorded"), *pairs)


def _cap(*codes: str) -> tuple[tuple[str, str], ...]:
    return _choices(*((code, code.replace("-", " ")) for code in codes))


def _ended_after_begin(values: Values) -> Iterator[tuple[str, str]]:
    onset, end = values["onset"], values["abatement"]
    width = min(len(onset), len(end), 10)
    if onset and end and end[:4].isdigit() and onset[:4].isdigit() and end[:width] < onset[:width]:
        yield "abatement", "It ended before it began."


def _over_or_not(values: Values) -> Iterator[tuple[str, str]]:
    if values["abatement"] and values["status"] in _NOT_OVER:
        yield "status", "It has ended, so it is inactive, in remission or resolved."


_CONDITION = Form(
    "diagnosis",
    (
        Field("what", "Diagnosis", "code", "Type a word or a code, and choose; or write it in "
              "your own words.", required=True, wide=True, codes="condition"),
        Field("status", "Clinical status", "choice", required=False, initial="active",
              choices=_cap("active", "recurrence", "relapse", "inactive", "remission", "resolved")),
        Field("certainty", "How sure", "choice", initial="confirmed",
              choices=_cap("confirmed", "provisional", "differential", "unconfirmed", "refuted",
                           "entered-in-error")),
        Field("severity", "Severity", "choice", choices=_choices(*_SEVERITY.items())),
        Field("onset", "Since", "date", "1998, 1998-03 or 1998-03-14"),
        Field("abatement", "Until", "date", "Empty while it goes on."),
        Field("note", "Remark", "note", wide=True),
    ),
    (_ended_after_begin, _over_or_not),
)  # fmt: skip


def _fill_condition(draft: Draft) -> Values:
    return {
        "what": words_of(draft["code"]) or code_of(draft["code"]),
        "status": code_of(draft["clinicalStatus"]),
        "certainty": code_of(draft["verificationStatus"]),
        "severity": code_of(draft["severity"]),
        "onset": (draft["onsetDateTime"] or "")[:10],
        "abatement": (draft["abatementDateTime"] or "")[:10],
        "note": ((draft["note"] or [{}])[0]).get("text", ""),
    }


def _put_condition(
    draft: Draft, values: Values, changed: set[str], code: Code | None, country: str
) -> None:
    _put_code(draft, values, changed, code)
    _put_status(draft, values, changed, "condition")
    if "severity" in changed:
        severity = values["severity"]
        draft["severity"] = severity and coded(_SNOMED, severity, _SEVERITY.get(severity, ""))
    for name, element in (("onset", "onset"), ("abatement", "abatement")):
        if name in changed:
            for other in ("Age", "Period", "Range", "String"):
                draft[element + other] = None
            draft[f"{element}DateTime"] = values[name] and fhir_date(values[name], country)
    _put_note(draft, values, changed)


_ALLERGY = Form(
    "allergy",
    (
        Field("what", "Substance", "code", "Type a word or a code, and choose; or write it in your "
              "own words.", required=True, wide=True, codes="allergy"),
        Field("danger", "Danger at the next contact", "choice",
              choices=_cap("low", "high", "unable-to-assess")),
        Field("category", "Kind of substance", "choice",
              choices=_cap("food", "medication", "environment", "biologic")),
        Field("reaction", "Reaction", hint="What happened: rash, wheezing, ..."),
        Field("severity", "How severe it was", "choice",
              choices=_cap("mild", "moderate", "severe")),
        Field("status", "Clinical status", "choice", initial="active",
              choices=_cap("active", "inactive", "resolved")),
        Field("certainty", "How sure", "choice", initial="confirmed",
              choices=_cap("confirmed", "unconfirmed", "refuted", "entered-in-error")),
        Field("onset", "Since", "date", "1998, 1998-03 or 1998-03-14"),
        Field("note", "Remark", "note", wide=True),
    ),
    (lambda values: _severity_of_something(values),),
)  # fmt: skip


def _severity_of_something(values: Values) -> Iterator[tuple[str, str]]:
    if values["severity"] and not values["reaction"]:
        yield "reaction", "Say what happened, or leave its severity out."


def _fill_allergy(draft: Draft) -> Values:
    first = (draft["reaction"] or [{}])[0]
    return {
        "what": words_of(draft["code"]) or code_of(draft["code"]),
        "danger": draft["criticality"] or "",
        "category": (draft["category"] or [""])[0],
        "reaction": words_of((first.get("manifestation") or [{}])[0]),
        "severity": first.get("severity", ""),
        "status": code_of(draft["clinicalStatus"]),
        "certainty": code_of(draft["verificationStatus"]),
        "onset": (draft["onsetDateTime"] or "")[:10],
        "note": ((draft["note"] or [{}])[0]).get("text", ""),
    }


def _put_allergy(
    draft: Draft, values: Values, changed: set[str], code: Code | None, country: str
) -> None:
    _put_code(draft, values, changed, code)
    _put_status(draft, values, changed, "allergyintolerance")
    if "danger" in changed:
        draft["criticality"] = values["danger"]
    if "category" in changed:
        draft["category"] = [values["category"], *(draft["category"] or [""])[1:]]
        if not values["category"]:
            draft["category"] = None
    if changed & {"reaction", "severity"}:
        _put_reaction(draft, values, changed)
    if "onset" in changed:
        for other in ("Age", "Period", "Range", "String"):
            draft[f"onset{other}"] = None
        draft["onsetDateTime"] = values["onset"] and fhir_date(values["onset"], country)
    _put_note(draft, values, changed)


def _put_reaction(draft: Draft, values: Values, changed: set[str]) -> None:
    reactions: list[dict[str, Any]] = draft["reaction"] or [{}]
    first = reactions[0]
    if "reaction" in changed:
        if not values["reaction"]:
            draft["reaction"] = reactions[1:]
            return
        others = (first.get("manifestation") or [])[1:]
        first["manifestation"] = [{"text": values["reaction"]}, *others]
    if "severity" in changed:
        first["severity"] = values["severity"]
        if not values["severity"]:
            del first["severity"]
    draft["reaction"] = reactions


def _put_code(draft: Draft, values: Values, changed: set[str], code: Code | None) -> None:
    if "what" in changed:
        draft["code"] = (
            coded(code.system, code.code, code.display) if code else {"text": values["what"]}
        )


def _put_status(draft: Draft, values: Values, changed: set[str], of: str) -> None:
    if "certainty" in changed:
        sure = values["certainty"]
        draft["verificationStatus"] = sure and coded(
            f"{_HL7}{'condition-ver-status' if of == 'condition' else f'{of}-verification'}", sure
        )
    # What was entered in error has no clinical status (FHIR R4, con-5 and ait-2).
    if values["certainty"] == "entered-in-error":
        draft["clinicalStatus"] = None
    elif "status" in changed:
        status = values["status"]
        draft["clinicalStatus"] = status and coded(f"{_HL7}{of}-clinical", status)


def _put_note(draft: Draft, values: Values, changed: set[str]) -> None:
    if "note" in changed:
        notes = draft["note"] or [{}]
        draft["note"] = [
            *([notes[0] | {"text": values["note"]}] if values["note"] else []),
            *notes[1:],
        ]


CONDITION = Kind(
    "Condition", "conditions", "diagnosis", "problems", _CONDITION, _fill_condition, _put_condition
)
ALLERGY = Kind(
    "AllergyIntolerance", "allergies", "allergy", "allergies", _ALLERGY, _fill_allergy, _put_allergy
)
KINDS = {kind.path: kind for kind in (CONDITION, ALLERGY)}
