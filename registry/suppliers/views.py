"""Pages of companies: handing a list in, its columns and names, what comes back."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template
from flask import url_for as url
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from registry.accounts.access import current_person, open_to
from registry.accounts.forms import ActForm
from registry.accounts.models import Role
from registry.certificates.layouts import mark_of
from registry.criteria.schemes import MAIN_SCHEME, published
from registry.db import db
from registry.errors import N_, NotFound
from registry.organisations.models import Organisation
from registry.receipts import printing
from registry.services import services
from registry.suppliers import (
    confirming,
    operations,
    queries,
    reading,
    report,
    rules,
    tables,
    work,
)
from registry.suppliers.forms import (
    ColumnsForm,
    ListForm,
    NamesForm,
    columns_form,
    names_form,
)
from registry.suppliers.models import ListState, SupplierList
from registry.suppliers.operations import Wishes
from registry.suppliers.vault import the_vault
from registry.web.downloads import attachment
from registry.web.language import page_language
from registry.web.paging import page_of

blueprint = Blueprint("suppliers", __name__, url_prefix="/suppliers")
#: Seconds after which a page about work in progress looks again.
AGAIN = "3"
NAMES_ON_A_PAGE = 20
S = ListState


@blueprint.route("", methods=["GET", "POST"])
@open_to(Role.COMPANY)
def home() -> ResponseReturnValue:
    """What to do, my lists and how far each is; hand in another."""
    companies = queries.companies_of(current_person())
    doors = services()
    form = ListForm(today=doors.today(), schemes=published(doors.editions))
    made: list[SupplierList] = []
    if (
        companies
        and form.validate_on_submit()
        and form.does(lambda: made.append(_hand_in(companies[0].id, form)))
    ):
        return redirect(url("suppliers.show", id_=made[0].id))
    lists = page_of(queries.of_company(companies[0])) if companies else None
    page = render_template(
        "suppliers/home.html",
        form=form,
        company=companies[0] if companies else None,
        lists=lists,
        called=_called,
        rules=rules,
        act=ActForm(),
        most_rows=doors.settings.list_rows,
    )
    return page, form.status


@blueprint.post("/forget")
@open_to(Role.COMPANY)
def forget() -> ResponseReturnValue:
    """Forget the columns and the names that were said for earlier lists."""
    for company in queries.companies_of(current_person()):
        operations.forget_company(
            company, by=current_person(), at=services().clock.now()
        )
    db.session.commit()
    flash(_("The columns and names you had said are forgotten."), "success")
    return redirect(url("suppliers.home"))


def _hand_in(company_id: int, form: ListForm) -> SupplierList:
    """Read the file while nobody waits for us, keep it, and check it if it is short."""
    content, name = form.file.data.read(), form.file.data.filename
    at = services().clock.now()
    with work.only_reading():
        read = reading.read(content, services().settings.list_rows)
    made = operations.hand_in(
        db.session.get_one(Organisation, company_id),
        content,
        name,
        read,
        Wishes(
            page_language(),
            form.on.data,
            int(form.threshold.data),
            scheme=form.scheme.data if "scheme" in form else MAIN_SCHEME,
        ),
        by=current_person(),
        at=at,
        vault=the_vault(),
    )
    db.session.commit()
    _check_if_short(made)
    return made


def _check_if_short(of: SupplierList) -> None:
    if rules.is_at_work(of) and of.total <= rules.AT_ONCE_ROWS:
        work.check(of.id, services().clock.now())


@blueprint.get("/<id:id_>")
@open_to(Role.COMPANY)
def show(id_: int) -> ResponseReturnValue:
    """One list: how far it is, then what came of it."""
    of = _mine(id_)
    page = render_template(
        "suppliers/show.html",
        of=of,
        act=ActForm(),
        name=_called(of),
        mark=mark_of(of.scheme),
        report=_report(of) if of.state is S.DONE else None,
        rules=rules,
        sentences=reading.SENTENCES,
    )
    response = Response(page)
    if rules.is_at_work(of):
        response.headers["Refresh"] = AGAIN
    return response


@blueprint.route("/<id:id_>/columns", methods=["GET", "POST"])
@open_to(Role.COMPANY)
def columns(id_: int) -> ResponseReturnValue:
    """Say which column is which."""
    of = _mine(id_, S.ASKING, S.CONFIRMING, S.DONE)
    preview = tables.preview(of, the_vault())
    form = columns_form(preview)
    if form.validate_on_submit() and form.does(lambda: _name(of, form, preview)):
        db.session.commit()
        _check_if_short(of)
        return redirect(url("suppliers.show", id_=id_))
    page = render_template(
        "suppliers/columns.html", form=form, of=of, preview=preview, rules=rules
    )
    return page, form.status


def _name(of: SupplierList, form: ColumnsForm, preview: tables.Preview) -> None:
    operations.name_columns(
        of,
        form.layout(preview.layout.header_row),
        by=current_person(),
        at=services().clock.now(),
        vault=the_vault(),
    )


@blueprint.route("/<id:id_>/names", methods=["GET", "POST"])
@open_to(Role.COMPANY)
def names(id_: int) -> ResponseReturnValue:
    """Say who is meant by the names that are only alike, some at a time."""
    of = _mine(id_, S.CONFIRMING)
    waiting = confirming.groups(of, the_vault())
    shown = waiting[:NAMES_ON_A_PAGE]
    form = names_form(shown)
    if form.validate_on_submit() and form.does(lambda: _confirm(of, form, shown)):
        db.session.commit()
        if of.state is S.CONFIRMING:
            return redirect(url("suppliers.names", id_=id_))
        _check_if_short(of)
        return redirect(url("suppliers.show", id_=id_))
    page = render_template(
        "suppliers/names.html", form=form, of=of, left=len(waiting), act=ActForm()
    )
    return page, form.status


def _confirm(of: SupplierList, form: NamesForm, shown: list[confirming.Group]) -> None:
    operations.confirm(
        of,
        form.said(shown),
        {group.mark: group.ids for group in shown},
        by=current_person(),
        at=services().clock.now(),
        vault=the_vault(),
    )


@blueprint.post("/<id:id_>/<any('cancel', 'erase', 'finish'):act>")
@open_to(Role.COMPANY)
def act_on(id_: int, act: str) -> ResponseReturnValue:
    """The buttons of a list: stop it, erase it, finish it as it is."""
    of = _mine(id_)
    operation, words = ACTS[act]
    operation(of, by=current_person(), at=services().clock.now())
    db.session.commit()
    _check_if_short(of)
    flash(_(words), "success")
    return redirect(url("suppliers.show", id_=id_))


ACTS: dict[str, tuple[Any, str]] = {
    "cancel": (operations.cancel, N_("The check was stopped; nothing of it was kept.")),
    "erase": (operations.erase, N_("The list was erased.")),
    "finish": (operations.go_without, N_("The names left open are marked as such.")),
}


@blueprint.get("/<id:id_>/result")
@open_to(Role.COMPANY)
def result(id_: int) -> ResponseReturnValue:
    """The company's own file with its answers."""
    of = _mine(id_, S.DONE)
    file = queries.content(of, "result", the_vault()) or b""
    name = report.answered_name(_called(of), of)
    return attachment(file, name, reading.MEDIA_TYPES[of.format])


@blueprint.get("/<id:id_>/report.pdf")
@open_to(Role.COMPANY)
def report_pdf(id_: int) -> ResponseReturnValue:
    """The report on paper."""
    of = _mine(id_, S.DONE)
    page = report.pdf(_report(of), of.company.name, services().paper)
    name = _("report")
    return attachment(page, f"{name}-{of.checked_on}-{of.id}.pdf", "application/pdf")


@blueprint.get("/<id:id_>/receipt.pdf")
@open_to(Role.COMPANY)
def receipt(id_: int) -> ResponseReturnValue:
    """The signed receipt of the whole list."""
    of = _mine(id_, S.DONE)
    (made,) = queries.contents(of, "receipt", the_vault())
    page = printing.pdf(made["payload"], made["jwt"], services().paper)
    return attachment(page, f"{made['number']}.pdf", "application/pdf")


def _mine(id_: int, *states: ListState) -> SupplierList:
    """A list as far as who asks may see it, and only while it is in these states."""
    of = queries.get(id_, user=current_person())
    if of is None or (states and of.state not in states):
        raise NotFound(N_("There is no such list."))
    return of


def _called(of: SupplierList) -> str:
    return queries.called(of, the_vault())


def _report(of: SupplierList) -> report.Report:
    return report.of_list(of, the_vault())
