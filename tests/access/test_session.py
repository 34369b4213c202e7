"""A session is to one tenant, for one caller and purpose, and leaves its trace."""

import os
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager

import psycopg
import pytest

from wardbase.access.session import (
    LOCAL_ADMINISTRATOR,
    Caller,
    NoPurpose,
    Session,
    TenantNotOpen,
    close_kept,
    request_session,
    session,
)
from wardbase.store import tenant as tenants
from wardbase.store.control import BadTenantName, UnknownTenant

Open = Callable[[str, Caller, str], AbstractContextManager[Session]]
NURSE = Caller("N. Adams")
WHO_AND_WHY = (
    "SELECT current_setting('wardbase.caller', true), current_setting('wardbase.purpose', true),"
    " current_setting('application_name')"
)

both = pytest.mark.parametrize("open_session", [session, request_session])


@both
def test_deed_and_entry_are_kept_together(tenant: str, open_session: Open) -> None:
    patient = uuid.uuid4()
    with open_session(tenant, NURSE, "treatment") as s:
        s.connection.execute("CREATE TABLE deed ()")
        s.audit("read", "chart", patient, {"rows": 3})
    with session(tenant, LOCAL_ADMINISTRATOR, "audit") as s:
        entries = s.connection.execute(
            "SELECT caller, purpose, action, what, patient_id, detail FROM audit"
        ).fetchall()
        assert s.connection.execute("SELECT to_regclass('deed')").fetchone() == ("deed",)
    assert entries == [("N. Adams", "treatment", "read", "chart", patient, {"rows": 3})]


@both
def test_deed_and_entry_are_undone_together(tenant: str, open_session: Open) -> None:
    def fail() -> None:
        with open_session(tenant, NURSE, "treatment") as s:
            s.connection.execute("CREATE TABLE deed ()")
            s.audit("write", "chart")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with session(tenant, LOCAL_ADMINISTRATOR, "audit") as s:
        assert s.connection.execute("SELECT count(*) FROM audit").fetchone() == (0,)
        assert s.connection.execute("SELECT to_regclass('deed')").fetchone() == (None,)


@both
def test_sql_sees_who_and_why(tenant: str, open_session: Open) -> None:
    with open_session(tenant, NURSE, "treatment") as s:
        row = s.connection.execute(WHO_AND_WHY).fetchone()
    assert row == ("N. Adams", "treatment", "wardbase N. Adams")


def test_loader_may_commit_in_between(tenant: str) -> None:
    with session(tenant, NURSE, "load") as s:
        s.connection.commit()
        assert s.connection.execute(WHO_AND_WHY).fetchone()[0] == "N. Adams"  # type: ignore[index]
        s.connection.rollback()
        assert s.connection.execute(WHO_AND_WHY).fetchone()[1] == "load"  # type: ignore[index]


def test_next_request_on_the_same_connection_finds_nothing_of_the_last(tenant: str) -> None:
    with request_session(tenant, NURSE, "treatment") as s:
        pid = s.connection.info.backend_pid
    with request_session(tenant, Caller("other"), "billing") as s:
        assert s.connection.info.backend_pid == pid
        s.connection.rollback()
        assert s.connection.execute(WHO_AND_WHY).fetchone() == ("", "", "wardbase")
    close_kept()


@both
def test_suspended_tenant_is_refused_until_resumed(tenant: str, open_session: Open) -> None:
    with open_session(tenant, NURSE, "treatment"):
        pass
    tenants.suspend(tenant)
    with pytest.raises(TenantNotOpen, match="resume"), open_session(tenant, NURSE, "treatment"):
        pass
    tenants.resume(tenant)
    with open_session(tenant, NURSE, "treatment") as s:
        assert s.tenant == tenant


def test_suspending_ends_work_under_way(tenant: str) -> None:
    def work_on() -> None:
        with session(tenant, NURSE, "treatment") as s:
            tenants.suspend(tenant)
            s.connection.execute("SELECT 1")

    with pytest.raises(psycopg.OperationalError):
        work_on()


@both
@pytest.mark.usefixtures("database_server")
def test_unknown_tenant_is_refused(open_session: Open) -> None:
    with pytest.raises(UnknownTenant, match="nobody"), open_session("nobody", NURSE, "x"):
        pass
    with pytest.raises(BadTenantName), open_session("../x", NURSE, "x"):
        pass


def test_dropped_tenant_is_unknown(tenant: str) -> None:
    tenants.drop(tenant)
    with pytest.raises(UnknownTenant), session(tenant, NURSE, "x"):
        pass


def test_purpose_must_be_said(tenant: str) -> None:
    with pytest.raises(NoPurpose), session(tenant, NURSE, " "):
        pass


def test_forked_process_opens_its_own(tenant: str) -> None:
    with request_session(tenant, NURSE, "treatment") as s:
        mine = s.connection.info.backend_pid
    child = os.fork()
    if child == 0:
        code = 1
        try:
            with request_session(tenant, NURSE, "treatment") as s:
                code = 0 if s.connection.info.backend_pid != mine else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    with request_session(tenant, NURSE, "treatment") as s:
        assert s.connection.info.backend_pid == mine
    close_kept()
