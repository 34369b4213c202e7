"""Tables from fields: `resource` for a FHIR type, `child` for what repeats in it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)

from wardbase.errors import ModelError
from wardbase.model.field import (
    ADMINISTRATIVE,
    Field,
    Mask,
    Reference,
    Sensitivity,
    leaves,
    snake,
)

NAMES = {
    "pk": "%(table_name)s_pkey",
    "fk": "%(table_name)s_%(column_0_name)s_fkey",
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s_check",
}
metadata = MetaData(naming_convention=NAMES)
"""The schema of every tenant's database."""

# Widest alignment first, so that PostgreSQL pads as little as it can; then the reader's order.
_ALIGNMENT = {"UUID": 0, "TIMESTAMP": 1, "BIGINT": 1, "DATE": 2, "INTEGER": 2, "SMALLINT": 3}


def says(
    sentence: str,
    sensitivity: Sensitivity = ADMINISTRATIVE,
    mask: Mask = Mask.KEEP,
    entry: str | None = None,
) -> dict[str, Any]:
    """The comment and the information of a column that is no FHIR field.

    `entry` is the dictionary it numbers an entry of, where no foreign key says so.
    """
    facts = {"sensitivity": sensitivity, "mask": mask, "field": None, "entry": entry}
    return {"comment": sentence, "info": facts}


def _width(column: Column[Any]) -> int:
    kind = str(column.type.compile()).split("(")[0].split(" ")[0].upper()
    return _ALIGNMENT.get("UUID" if kind == "CHAR" else kind, 5)


@dataclass
class Child:
    """What repeats in a resource or in another child, a row for each."""

    table: Table
    element: str
    fields: tuple[Field, ...]
    parent: "Resource | Child"
    key: tuple[str, ...]
    children: list["Child"] = field(default_factory=list)

    @property
    def root(self) -> "Resource":
        """The resource it is part of."""
        return self.parent if isinstance(self.parent, Resource) else self.parent.root


@dataclass
class Resource:
    """One FHIR type and its tables."""

    type: str
    table: Table
    fields: tuple[Field, ...]
    sensitivity: Sensitivity
    key: tuple[str, ...]
    children: list[Child] = field(default_factory=list)

    @property
    def key_column(self) -> str:
        """The primary key."""
        return self.key[0]

    @property
    def subject(self) -> Reference | None:
        """The reference to the patient whose compartment the resource is in."""
        return next(
            (f for f in leaves(self.fields) if isinstance(f, Reference) and f.subject), None
        )

    @property
    def in_compartment(self) -> bool:
        """Whether the rows belong to a patient."""
        return "patient_id" in self.table.c

    def everything(self) -> Iterator["Resource | Child"]:
        """The resource and all its children, parents first."""

        def walk(of: "Resource | Child") -> Iterator["Resource | Child"]:
            yield of
            for each in of.children:
                yield from walk(each)

        return walk(self)


RESOURCES: dict[str, Resource] = {}
"""The clinical core, by FHIR type, in an order in which targets mostly come before sources."""


def _constraints(name: str, fields: tuple[Field, ...]) -> Iterator[Any]:
    for leaf in leaves(fields):
        if not isinstance(leaf, Reference):
            continue
        keys = leaf.key_columns()
        if len(keys) > 1:
            yield CheckConstraint(f"num_nonnulls({', '.join(keys)}) <= 1", name=f"one_{leaf.stem}")
        nothing = " AND ".join(f"{key} IS NULL" for key in keys)
        where = f"{leaf.stem}_ref IS NOT NULL" + (f" AND {nothing}" if nothing else "")
        if keys:
            yield Index(
                f"{name}_{leaf.stem}_awaits", f"{leaf.stem}_ref", postgresql_where=text(where)
            )


def _table(
    name: str, key: list[Column[Any]], fields: tuple[Field, ...], sentence: str, extra: list[Any]
) -> Table:
    columns = [*key, *(column for leaf in leaves(fields) for column in leaf.columns())]
    seen: set[str] = set()
    for column in columns:
        if column.name in seen:
            raise ModelError(what=f"{name}.{column.name} is declared twice; rename one")
        seen.add(column.name)
    wire_order = [column.name for column in columns]
    keyed = len(key)
    columns = columns[:1] + sorted(columns[1:keyed] + columns[keyed:], key=_width)
    return Table(
        name,
        metadata,
        *columns,
        *_constraints(name, fields),
        *extra,
        comment=sentence,
        info={"wire_order": wire_order},
    )


def _indexes(name: str, indexes: tuple[tuple[str, ...], ...]) -> list[Any]:
    return [Index(f"{name}_{'_'.join(columns)}_idx", *columns) for columns in indexes]


def resource(
    type_: str,
    sentence: str,
    *fields: Field,
    sensitivity: Sensitivity,
    indexes: tuple[tuple[str, ...], ...] = (),
    checks: tuple[Any, ...] = (),
) -> Resource:
    """Declare the table of one FHIR type.

    `sensitivity` is the class of its top-level elements that have no column of their own.
    """
    name = snake(type_)
    key = [
        Column(
            f"{name}_id",
            Uuid(),
            **says("The key: the id as sent, or a hash of type and id.", mask=Mask.PSEUDONYM),
        ),
        Column(
            "id",
            Text(),
            **says(
                "The id as sent, where it is not the key.", Sensitivity.IDENTIFYING, Mask.PSEUDONYM
            ),
        ),
        Column(
            "hash",
            Uuid(),
            nullable=False,
            **says("Hash of the content as sent.", mask=Mask.PSEUDONYM),
        ),
        Column("meta_id", Integer(), **says("Profiles, tags, labels.", entry="meta")),
        Column(
            "updated_at",
            DateTime(timezone=True),
            **says("When the sender last changed it, as it says.", mask=Mask.SHIFTED),
        ),
        Column(
            "written_at",
            DateTime(timezone=True),
            nullable=False,
            **says("When this content came into this database.", mask=Mask.SHIFTED),
        ),
    ]
    table = _table(
        name,
        key,
        fields,
        sentence,
        [PrimaryKeyConstraint(f"{name}_id"), *_indexes(name, indexes), *checks],
    )
    made = Resource(type_, table, fields, sensitivity, (f"{name}_id",))
    RESOURCES[type_] = made
    return made


def child(
    of: Resource | Child,
    element: str,
    sentence: str,
    *fields: Field,
    name: str | None = None,
    indexes: tuple[tuple[str, ...], ...] = (),
) -> Child:
    """Declare the table of what repeats as `element`: keyed by its parent and its position `n`."""
    root = of if isinstance(of, Resource) else of.root
    table_name = f"{of.table.name}_{name or snake(element)}"
    parent_key = list(of.key)
    if isinstance(of, Child):
        short = of.table.name.removeprefix(f"{root.table.name}_")
        parent_key = [*of.key[:-1], f"{short}_n"]
    key: list[Column[Any]] = [
        Column(
            parent_key[0],
            Uuid(),
            **says(f"The {root.table.name} it is part of.", mask=Mask.PSEUDONYM),
        ),
        *(
            Column(
                column, SmallInteger(), **says(f"The position of the {column[:-2]} it is part of.")
            )
            for column in parent_key[1:]
        ),
        Column("n", SmallInteger(), **says("Its position, from 1.")),
    ]
    if root.in_compartment and root.type != "Patient":
        key.append(
            Column(
                "patient_id",
                Uuid(),
                **says("The patient, as in its parent.", Sensitivity.IDENTIFYING, Mask.PSEUDONYM),
            )
        )
    table = _table(
        table_name,
        key,
        fields,
        sentence,
        [
            PrimaryKeyConstraint(*parent_key, "n"),
            ForeignKeyConstraint(
                parent_key,
                [f"{of.table.name}.{column}" for column in of.key],
                ondelete="CASCADE",
                deferrable=True,
                initially="DEFERRED",
            ),
            *_indexes(table_name, indexes),
        ],
    )
    made = Child(table, element, fields, of, (*parent_key, "n"))
    of.children.append(made)
    return made
