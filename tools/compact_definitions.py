"""Write `src/wardbase/exchange/fhir/r4.json.gz` from HL7's package `hl7.fhir.r4.core` 4.0.1.

    python tools/compact_definitions.py hl7.fhir.r4.core-4.0.1.zip

The package (CC0) is 30 MB; what decoding and checking need of it is one line per element:

    name min max types [value-set]

in the order of the StructureDefinition's snapshot. `types` are joined by `|`; a type with `!` is an
attribute in XML (or xhtml), so it has no `_name` companion in JSON. A backbone element's type is
its own path (`Patient.contact`), so a contentReference is simply the path it names. The value set
is given where the element is a `code`, its binding is required, and the codes can be listed from
the package alone, at most `MOST_CODES` of them.
"""

import gzip
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

MOST_CODES = 400
TARGET = Path(__file__).parent.parent / "src/wardbase/exchange/fhir/r4.json.gz"
REGEX = "http://hl7.org/fhir/StructureDefinition/regex"
FHIR_TYPE = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type"
SYSTEM = "http://hl7.org/fhirpath/System."

Json = dict[str, Any]


class Package:
    """The resources of the package by canonical address, versions left off."""

    def __init__(self, path: Path) -> None:
        self.by_url: dict[str, Json] = {}
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                kind = name.removeprefix("package/").partition("-")[0]
                if kind in ("StructureDefinition", "ValueSet", "CodeSystem"):
                    resource = json.loads(archive.read(name))
                    self.by_url[resource["url"]] = resource

    def definitions(self) -> list[Json]:
        """The data types and resources, without their profiles."""
        return sorted(
            (
                r
                for r in self.by_url.values()
                if r["resourceType"] == "StructureDefinition"
                and r["kind"] != "logical"
                and r.get("derivation") != "constraint"
            ),
            key=lambda r: str(r["id"]),
        )

    def codes(self, url: str) -> list[str] | None:
        """The codes of a value set in their order; None when the package cannot list them all."""
        value_set = self.by_url.get(url.partition("|")[0])
        if value_set is None or "include" not in value_set.get("compose", {}):
            return None
        compose = value_set["compose"]
        kept = self._parts(compose["include"])
        gone = self._parts(compose.get("exclude", []))
        if kept is None or gone is None:
            return None
        codes = [code for code in dict.fromkeys(kept) if code not in set(gone)]
        return codes if 0 < len(codes) <= MOST_CODES else None

    def _parts(self, parts: list[Json]) -> list[str] | None:
        found: list[str] = []
        for part in parts:
            codes = self._part(part)
            if codes is None:
                return None
            found += codes
        return found

    def _part(self, part: Json) -> list[str] | None:
        if "filter" in part or ("valueSet" in part and "system" in part):
            return None
        if "concept" in part:
            return [concept["code"] for concept in part["concept"]]
        if "valueSet" in part:
            sets = [self.codes(url) for url in part["valueSet"]]
            # several value sets in one include are intersected; none in the package does so
            return sets[0] if len(sets) == 1 else None
        system = self.by_url.get(part["system"], {})
        if system.get("content") != "complete":
            return None
        return list(nested(system["concept"]))


def nested(concepts: list[Json]) -> list[str]:
    """The codes of concepts and of those below them, abstract ones left out."""
    found = []
    for concept in concepts:
        abstract = any(
            p.get("code") == "notSelectable" and p.get("valueBoolean")
            for p in concept.get("property", [])
        )
        if not abstract:
            found.append(concept["code"])
        found += nested(concept.get("concept", []))
    return found


def extension(element: Json, url: str) -> str | None:
    for found in element.get("extension", []):
        if found["url"] == url:
            value = found.get("valueUrl", found.get("valueUri", found.get("valueString")))
            return str(value)
    return None


def types(element: Json, owner: Json, parents: set[str]) -> list[str]:
    """The types of an element as the compact file names them."""
    path = element["path"]
    if "contentReference" in element:
        return [element["contentReference"].removeprefix("#")]
    if path in parents:
        return [path]
    found = []
    for kind in element["type"]:
        code = kind["code"]
        if code.startswith(SYSTEM):
            # the package calls Patient.id a string; the specification, an id
            resource_id = owner["kind"] == "resource" and path.count(".") == 1
            named = "id" if resource_id else extension(kind, FHIR_TYPE) or "string"
            code = f"{named}!"
        found.append("xhtml!" if code == "xhtml" else code)
    return found


def elements(owner: Json, package: Package, sets: dict[str, list[str]]) -> dict[str, list[str]]:
    """For a type and each backbone element in it: the lines of its elements."""
    snapshot = [e for e in owner["snapshot"]["element"] if ":" not in e["id"]]
    parents = {e["path"].rpartition(".")[0] for e in snapshot}
    lines: dict[str, list[str]] = {owner["type"]: []}
    for element in snapshot[1:]:
        parent, _, name = element["path"].rpartition(".")
        named = types(element, owner, parents)
        line = f"{name} {element['min']} {element['max']} {'|'.join(named)}"
        binding = element.get("binding", {})
        if named == ["code"] and binding.get("strength") == "required":
            url = binding["valueSet"].partition("|")[0]
            codes = package.codes(url)
            if codes:
                key = url.rpartition("/")[2]
                if sets.setdefault(key, codes) != codes:
                    raise SystemExit(f"two value sets are called {key}")
                line += f" {key}"
        lines.setdefault(parent, []).append(line)
    return lines


def primitive(definition: Json) -> Json:
    """The regular expression and limits of a primitive type."""
    (value,) = [e for e in definition["snapshot"]["element"] if e["path"].endswith(".value")]
    facts: Json = {"regex": extension(value["type"][0], REGEX)}
    for name in ("minValueInteger", "maxValueInteger"):
        if name in value:
            facts[name] = value[name]
    return facts


def compact(package: Package) -> Json:
    """The whole content of the compact file."""
    sets: dict[str, list[str]] = {}
    found: dict[str, Json] = {"primitives": {}, "types": {}, "resources": {}}
    for definition in package.definitions():
        if definition["kind"] == "primitive-type":
            found["primitives"][definition["type"]] = primitive(definition)
        elif not (definition["kind"] == "resource" and definition["abstract"]):
            home = "resources" if definition["kind"] == "resource" else "types"
            found[home] |= elements(definition, package, sets)
    source = "hl7.fhir.r4.core 4.0.1 (CC0), made by tools/compact_definitions.py"
    return {"source": source, **found, "codes": dict(sorted(sets.items()))}


def main() -> None:
    content = json.dumps(compact(Package(Path(sys.argv[1]))), separators=(",", ":"))
    TARGET.write_bytes(gzip.compress(content.encode(), 9, mtime=0))
    print(f"{TARGET}: {TARGET.stat().st_size:,} bytes, {len(content):,} unpacked")


if __name__ == "__main__":
    main()
