"""Pages on which an organisation asks for the mark."""

from functools import partial

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
)
from flask import url_for as url
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from registry.accounts.access import current_person, open_to
from registry.accounts.models import SPEAKERS, Role
from registry.applications import operations, queries, rules
from registry.applications.asking import AnswersForm, signatory_words
from registry.applications.filled import Filled, read
from registry.applications.forms import (
    ActForm,
    DeclarationForm,
    DeclineForm,
    EvidenceForm,
    WaiverForm,
    WithdrawForm,
    WorkbookForm,
)
from registry.applications.models import DECIDED, Application
from registry.applications.models import ApplicationState as S
from registry.applications.offers import Offer, offered, offers, preparing
from registry.applications.questionnaire import Sheet
from registry.applications.reading import Dossier, declaration_text, documents
from registry.applications.receipt import Receipt
from registry.applications.workbook import MEDIA_TYPE, workbook
from registry.criteria.edition import Edition
from registry.db import db
from registry.editions.queries import open_on
from registry.errors import N_, NotFound
from registry.organisations.models import Organisation
from registry.organisations.queries import spoken_for_by
from registry.organisations.rules import is_answered_for
from registry.services import services
from registry.web.downloads import as_download, attachment, write_while_reading
from registry.web.paging import page_of

blueprint = Blueprint("applications", __name__)
AT = "/applications/<id:id_>"
WITH_AUDITOR = {S.ACCEPTED, S.IN_EVALUATION, S.INTEGRATION}
#: Pages of later rooms about an application; earlier rooms do not import them.
ONWARD = (
    (N_("Assign an auditor"), "audits.assign", Role.SECRETARIAT, WITH_AUDITOR),
    (N_("The decision"), "decisions.read_outcome", None, set(DECIDED)),
    (N_("The whole story"), "desk.dossier", None, set(S)),
)


@blueprint.get("/applications")
@open_to(*SPEAKERS, Role.SECRETARIAT)
def index() -> ResponseReturnValue:
    """The applications this person may know of, by state, a page at a time."""
    states = [one for one in S if one in request.args.getlist("state")]
    person = current_person()
    return render_template(
        "applications/index.html",
        page=page_of(queries.listed(person, states)),
        states=list(S),
        chosen=states,
        is_secretariat=person.is_a(Role.SECRETARIAT),
        person=person,
    )


@blueprint.route("/applications/new", methods=["GET", "POST"])
@open_to(*SPEAKERS)
def new() -> ResponseReturnValue:
    """What the mark asks, and the start of an application."""
    spoken_for, doors = spoken_for_by(current_person()), services()
    known = offers(spoken_for, doors.editions, doors.today())
    form = ActForm()
    if form.validate_on_submit() and form.does(lambda: _start(known)):
        db.session.commit()
        organisation, edition = _asked(known)
        opened = queries.open_of(organisation.id, edition.scheme)
        return redirect(url("applications.show", id_=opened.id if opened else 0))
    page = render_template(
        "applications/new.html",
        form=form,
        offers=known,
        organisations=spoken_for,
        drafts=preparing(spoken_for, doors.editions),
        is_answered_for=is_answered_for,
        asked_for=request.args.get("organisation", ""),
    )
    return page, form.status


def _start(known: list[Offer]) -> None:
    doors = services()
    operations.start(
        *_asked(known), doors.editions, by=current_person(), at=doors.clock.now()
    )


def _asked(known: list[Offer]) -> tuple[Organisation, Edition]:
    """Who asks for which mark, by the button pressed."""
    pressed = request.form
    return offered(known, pressed.get("organisation", ""), pressed.get("scheme", ""))


@blueprint.get(AT)
@open_to(*SPEAKERS)
def show(id_: int) -> ResponseReturnValue:
    """The task list: what is done, what is missing, whose move it is."""
    dossier = _dossier(id_)
    return render_template(
        "applications/show.html",
        case=dossier,
        onward=_onward(dossier.application),
        is_too_late=_is_too_late(dossier.application),
    )


@blueprint.route(f"{AT}/sections/<section>", methods=["GET", "POST"])
@open_to(*SPEAKERS)
def section(id_: int, section: str) -> ResponseReturnValue:
    """The questions and documents of one section."""
    sheet = _sheet(id_, section)
    form = sheet.form()
    if form.validate_on_submit() and form.does(lambda: _save(sheet, form)):
        db.session.commit()
        return redirect(_after(sheet, sheet.again(), form.looked_for))
    return _section_page(sheet, form)


def _save(sheet: Sheet, form: AnswersForm) -> None:
    operations.save_answers(
        sheet.application,
        form.given(),
        by=current_person(),
        at=services().clock.now(),
    )


def _after(before: Sheet, now: Sheet, looked_for: str) -> str:
    """Where saving leads: to the questions that appeared, else as was asked."""
    id_ = before.application.id
    if appeared := [name for name in now.asked if name not in before.asked]:
        flash(_("Saved. Your answers call for more questions: here they are."), "info")
        there = now.anchor_of(appeared[0])
        return url("applications.section", id_=id_, section=now.name, _anchor=there)
    flash(_("Saved."), "success")
    if looked_for and request.form.get("then") != "continue":
        return url(
            "applications.section",
            id_=id_,
            section=now.name,
            look_for=looked_for,
            _anchor="look_for",
        )
    if request.form.get("then") == "continue":
        if following := now.following:
            return url("applications.section", id_=id_, section=following)
        return url("applications.show", id_=id_)
    return url("applications.section", id_=id_, section=now.name)


@blueprint.route(f"{AT}/sections/<section>/evidence/<kind>", methods=["GET", "POST"])
@open_to(*SPEAKERS)
def attach(id_: int, section: str, kind: str) -> ResponseReturnValue:
    """Add a document of a kind the section asks for."""
    sheet = _sheet(id_, section)
    if kind not in sheet.edition.evidence_in(section):
        raise NotFound(N_("There is no such kind of document."))
    form = EvidenceForm(sheet.edition.evidence[kind], kind)
    if form.validate_on_submit() and form.does(lambda: _attach(sheet, kind, form)):
        db.session.commit()
        flash(_("The document is attached."), "success")
        there = f"evidence-{kind}"
        return redirect(url(".section", id_=id_, section=section, _anchor=there))
    return _section_page(sheet, sheet.form(fresh=True), form)


def _attach(sheet: Sheet, kind: str, form: EvidenceForm) -> None:
    operations.attach(
        sheet.application,
        kind,
        form.content(),
        form.file.data.filename or "",
        **form.days(),
        by=current_person(),
        at=services().clock.now(),
        storage=services().storage,
    )


@blueprint.post(f"{AT}/criteria/<name>/waiver")
@open_to(*SPEAKERS)
def waive(id_: int, name: str) -> ResponseReturnValue:
    """Claim that a criterion does not apply, with the reason."""
    sheet = _sheet_of_criterion(id_, name)
    form = WaiverForm(name)
    if form.validate_on_submit() and form.does(lambda: _waive(sheet, name, form)):
        db.session.commit()
        flash(_("Kept: what the criterion asks need not be answered."), "success")
        there = f"criterion-{name}"
        return redirect(url(".section", id_=id_, section=sheet.name, _anchor=there))
    return _section_page(sheet, sheet.form(fresh=True), waiver=form)


def _waive(sheet: Sheet, name: str, form: WaiverForm) -> None:
    operations.waive(
        sheet.application,
        sheet.edition,
        name,
        form.reason.data,
        by=current_person(),
        at=services().clock.now(),
    )


@blueprint.post(f"{AT}/criteria/<name>/waiver/take-back")
@open_to(*SPEAKERS)
def unwaive(id_: int, name: str) -> ResponseReturnValue:
    """The criterion applies after all."""
    sheet = _sheet_of_criterion(id_, name)
    at, person = services().clock.now(), current_person()
    operations.unwaive(sheet.application, sheet.edition, name, by=person, at=at)
    db.session.commit()
    flash(_("Taken back: the criterion is judged by its rule again."), "success")
    there = f"criterion-{name}"
    return redirect(url(".section", id_=id_, section=sheet.name, _anchor=there))


ACTS = {"detach": operations.detach, "put-back": operations.put_back}


@blueprint.post(f"{AT}/evidence/<id:piece_id>/<any(detach, 'put-back'):act>")
@open_to(*SPEAKERS)
def move_evidence(id_: int, piece_id: int, act: str) -> ResponseReturnValue:
    """Take a document out, or put it back."""
    application = _held(id_)
    piece = queries.evidence_of(application, piece_id)
    ACTS[act](application, piece, by=current_person(), at=services().clock.now())
    db.session.commit()
    words = {
        "detach": _("The document is taken out. You can put it back below."),
        "put-back": _("The document is back."),
    }
    flash(words[act], "success")
    section = rules.section_of(_edition(application), piece.kind)
    there = f"evidence-{piece.kind}"
    return redirect(url(".section", id_=id_, section=section, _anchor=there))


@blueprint.post(f"{AT}/evidence/<id:piece_id>/reuse")
@open_to(*SPEAKERS)
def reuse(id_: int, piece_id: int) -> ResponseReturnValue:
    """Attach a document of last time again."""
    application = _held(id_)
    edition = _edition(application)
    piece = queries.of_last_time(application, piece_id)
    at = services().clock.now()
    operations.reuse(application, edition, piece, by=current_person(), at=at)
    db.session.commit()
    flash(_("The document is attached."), "success")
    section, there = rules.section_of(edition, piece.kind), f"evidence-{piece.kind}"
    return redirect(url(".section", id_=id_, section=section, _anchor=there))


@blueprint.get(f"{AT}/evidence/<id:piece_id>")
@open_to(*SPEAKERS, Role.SECRETARIAT, Role.COMMITTEE)
def evidence(id_: int, piece_id: int) -> ResponseReturnValue:
    """A document, to those who may see the application; that it was read is kept."""
    write_while_reading()
    piece = queries.evidence_of(_seen(id_), piece_id)
    content = operations.read_evidence(
        piece,
        by=current_person(),
        at=services().clock.now(),
        storage=services().storage,
    )
    response = as_download(piece.file, content)
    db.session.commit()
    return response


@blueprint.route(f"{AT}/workbook", methods=["GET", "POST"])
@open_to(*SPEAKERS)
def workbook_page(id_: int) -> ResponseReturnValue:
    """Filling in off line: the workbook to take, and the way back for it."""
    dossier, form = _dossier(id_), WorkbookForm()
    filled = Filled()
    act = partial(_take_over, dossier, form, filled)
    if form.validate_on_submit() and form.does(act) and not filled.mistakes:
        db.session.commit()
        flash(_("The answers of the workbook are saved."), "success")
        return redirect(url("applications.show", id_=id_))
    page = render_template(
        "applications/workbook.html", case=dossier, form=form, mistakes=filled.mistakes
    )
    return page, 422 if filled.mistakes else form.status


@blueprint.get(f"{AT}/workbook.xlsx")
@open_to(*SPEAKERS)
def workbook_file(id_: int) -> Response:
    """The questionnaire with the answers so far."""
    dossier = _dossier(id_)
    given = rules.values(dossier.application, dossier.edition)
    draft = dossier.edition.key not in services().editions
    content = workbook(dossier.edition, given, draft=draft)
    name = f"{dossier.edition.key.replace('/', '-')}-{id_}.xlsx"
    return attachment(content, name, MEDIA_TYPE)


def _take_over(dossier: Dossier, form: WorkbookForm, filled: Filled) -> None:
    """Every answer of the workbook or, where something is wrong in it, none."""
    found = read(form.content(), dossier.edition)
    filled.mistakes = found.mistakes
    if not found.mistakes:
        at, person = services().clock.now(), current_person()
        operations.save_answers(dossier.application, found.answers, by=person, at=at)


@blueprint.route(f"{AT}/submit", methods=["GET", "POST"])
@open_to(*SPEAKERS)
def submit(id_: int) -> ResponseReturnValue:
    """Everything once more, the declaration, and off it goes."""
    dossier = _dossier(id_)
    form = DeclarationForm(of=dossier.application)
    text = declaration_text(dossier.organisation)
    if form.validate_on_submit() and form.does(lambda: _submit(dossier, text)):
        db.session.commit()
        return redirect(url("applications.receipt", id_=id_))
    page = render_template(
        "applications/submit.html",
        case=dossier,
        form=form,
        declaration=text,
        is_too_late=_is_too_late(dossier.application),
    )
    return page, form.status


def _submit(dossier: Dossier, declaration: str) -> None:
    operations.submit(
        dossier.application,
        services().editions,
        declaration=declaration,
        by=current_person(),
        at=services().clock.now(),
    )


@blueprint.get(f"{AT}/receipt")
@open_to(*SPEAKERS, Role.SECRETARIAT)
def receipt(id_: int) -> ResponseReturnValue:
    """What was handed over, when, and its hash."""
    application = _seen(id_)
    made = Receipt.of(application, _edition(application))
    return render_template("applications/receipt.html", receipt=made)


@blueprint.get(f"{AT}/receipt.pdf")
@open_to(*SPEAKERS, Role.SECRETARIAT)
def receipt_paper(id_: int) -> Response:
    """The same on paper."""
    application = _seen(id_)
    made = Receipt.of(application, _edition(application))
    content = made.paper(services().paper)
    return attachment(content, f"{made.protocol}.pdf", "application/pdf")


@blueprint.route(f"{AT}/withdraw", methods=["GET", "POST"])
@open_to(*SPEAKERS)
def withdraw(id_: int) -> ResponseReturnValue:
    """Take the application back, after being asked whether one is sure."""
    dossier = _dossier(id_)
    form = WithdrawForm(of=dossier.application)
    if form.validate_on_submit():
        operations.withdraw(
            dossier.application, by=current_person(), at=services().clock.now()
        )
        db.session.commit()
        flash(_("The application is withdrawn."), "success")
        return redirect(url("applications.show", id_=id_))
    page = render_template("applications/withdraw.html", case=dossier, form=form)
    return page, form.status


@blueprint.post(f"{AT}/reply")
@open_to(*SPEAKERS)
def reply(id_: int) -> ResponseReturnValue:
    """What was asked is complete: the auditor goes on."""
    operations.reply(_held(id_), by=current_person(), at=services().clock.now())
    db.session.commit()
    flash(_("Your reply is on its way to the auditor."), "success")
    return redirect(url("applications.show", id_=id_))


@blueprint.get(f"{AT}/review")
@open_to(Role.SECRETARIAT)
def review(id_: int) -> ResponseReturnValue:
    """The application as the secretariat reads it."""
    return _review_page(_dossier(id_), DeclineForm())


@blueprint.post(f"{AT}/accept")
@open_to(Role.SECRETARIAT)
def accept(id_: int) -> ResponseReturnValue:
    """It is in scope: the clock starts."""
    application = _held(id_)
    edition = _edition(application)
    at = services().clock.now()
    operations.accept(application, edition, by=current_person(), at=at)
    db.session.commit()
    flash(_("The application is accepted. Now an auditor can be assigned."), "success")
    return redirect(url("applications.review", id_=id_))


@blueprint.route(f"{AT}/decline", methods=["GET", "POST"])
@open_to(Role.SECRETARIAT)
def decline(id_: int) -> ResponseReturnValue:
    """Outside the scheme, with the reason."""
    dossier = _dossier(id_)
    form = DeclineForm()
    if form.validate_on_submit() and form.does(
        lambda: operations.decline(
            dossier.application,
            form.reason.data,
            by=current_person(),
            at=services().clock.now(),
        )
    ):
        db.session.commit()
        flash(_("The application is declined; the organisation is told."), "success")
        return redirect(url("applications.review", id_=id_))
    return _review_page(dossier, form)


def _review_page(dossier: Dossier, form: DeclineForm) -> ResponseReturnValue:
    onward = _onward(dossier.application)
    page = render_template(
        "applications/review.html", case=dossier, form=form, onward=onward
    )
    return page, form.status


def _onward(application: Application) -> list[tuple[str, str]]:
    """Where the story of an application goes on: (words, address) of later rooms."""
    return [
        (words, url(endpoint, id_=application.id))
        for words, endpoint, role, states in ONWARD
        if endpoint in current_app.view_functions
        and application.state in states
        and (role is None or current_person().is_a(role))
    ]


# --- what the pages start from --------------------------------------------------


def _edition(application: Application) -> Edition:
    return services().editions[application.edition]


def _is_too_late(application: Application) -> bool:
    """Whether this is a draft under an edition that takes no applications any more."""
    doors = services()
    open_ones = open_on(doors.editions, doors.today(), application.scheme)
    return application.state is S.DRAFT and rules.is_too_late(application, open_ones)


def _seen(id_: int) -> Application:
    return queries.get(id_, seen_by_user=current_person())


def _held(id_: int) -> Application:
    """The application; while something is sent, nobody else changes it."""
    found = _seen(id_)
    return queries.locked(found.id) if request.method == "POST" else found


def _dossier(id_: int) -> Dossier:
    application = _held(id_)
    edition = _edition(application)
    return _told(application, edition)


def _told(application: Application, edition: Edition) -> Dossier:
    return Dossier(application, edition, current_person(), services().today())


def _sheet(id_: int, section: str) -> Sheet:
    application = _held(id_)
    edition = _edition(application)
    if section not in edition.sections:
        raise NotFound(N_("There is no such section."))
    return Sheet(application, edition, section, current_person(), services().today())


def _sheet_of_criterion(id_: int, name: str) -> Sheet:
    """The section of a criterion; raises NotFound."""
    application = _held(id_)
    for one in _edition(application).requirements:
        if one.id == name:
            return _sheet(id_, one.section)
    raise NotFound(N_("There is no such criterion."))


def _section_page(
    sheet: Sheet,
    form: AnswersForm,
    upload: EvidenceForm | None = None,
    waiver: WaiverForm | None = None,
) -> ResponseReturnValue:
    form.tell_contracts()
    case = _told(sheet.application, sheet.edition)
    looked_for = form.looked_for or request.args.get("look_for", "")[:80]
    page = render_template(
        "applications/section.html",
        sheet=sheet,
        case=case,
        form=form,
        upload=upload,
        waiver=waiver,
        waiver_forms=case.waiver_forms(sheet.name, waiver),
        documents=documents(sheet, upload, services().today()),
        looked_for=looked_for,
        signatory_words=signatory_words,
        found=sheet.contracts.search(looked_for, 8) if looked_for else [],
    )
    return page, (upload or waiver or form).status
