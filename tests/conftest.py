"""
What every test may ask for.

A test gets a database of its own, built by the migrations: a copied SQLite file, or,
with REGISTRY_TEST_DATABASE=postgresql, a database copied from a template.
"""

import contextvars
import gc
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from flask import Flask, session
from flask.testing import FlaskClient
from flask_security.utils import login_user
from sqlalchemy import create_engine, event, text

from registry.accounts.models import STAFF, User
from registry.clock import FixedClock
from registry.db import db as database
from registry.paths import CRITERIA
from registry.settings import Environment, Settings
from registry.storage import Storage
from tests import compiled
from tests.databases import throwaway_postgresql
from tests.selection import arranged
from tests.throwaway import Letterbox

#: What takes seconds to make and never changes, shared by all workers and runs.
CACHE = Path(__file__).parent.parent / ".cache"
ON_POSTGRESQL = os.environ.get("REGISTRY_TEST_DATABASE", "sqlite") == "postgresql"

# How long an example takes is no test's business, and a red run must be repeatable.
hypothesis.settings.register_profile("house", deadline=None, derandomize=True)
hypothesis.settings.load_profile("house")


compiled.prepare()


def pytest_collection_modifyitems(config: pytest.Config, items: list[Any]) -> None:
    """Choose and order the tests for this database."""
    kept = arranged(items, ON_POSTGRESQL)
    chosen = set(kept)
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = kept


def pytest_collection_finish() -> None:
    """What is loaded now stays: it is not looked through for garbage in every test."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture
def clock() -> FixedClock:
    """Monday 2 March 2026, ten in the morning in Rome."""
    return FixedClock(datetime(2026, 3, 2, 9, tzinfo=UTC))


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(tmp_path / "files")


@pytest.fixture
def postman() -> Letterbox:
    return Letterbox()


@pytest.fixture(scope="session")
def seal(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from registry.seal import development_seal

    return development_seal(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="session")
def editions() -> Any:
    from registry.criteria.reader import read_all

    return read_all(CRITERIA)


@cache
def shared_typefaces() -> Any:
    from registry.typefaces import prepare

    return prepare(CACHE / "typefaces")


@cache
def shared_paper() -> Any:
    from registry.paper import Paper

    return Paper(shared_typefaces())


@cache
def quick_paper() -> Any:
    from tests.printing import QuickPaper

    return QuickPaper(shared_typefaces())


@pytest.fixture(scope="session")
def typefaces() -> Any:
    return shared_typefaces()


@pytest.fixture(scope="session")
def paper() -> Any:
    return shared_paper()


@pytest.fixture
def printed_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """Certificates look as they do in life; see tests/printing.py."""
    monkeypatch.setattr("tests.printing.plain", False)


def make_app(address: str, data_dir: Path, **doors: Any) -> Flask:
    """The application on the database at `address`, with the given doors."""
    settings = Settings(
        environment=Environment.TEST,
        secret_key="a secret of the tests, long enough to sign with",
        totp_key="another secret of the tests, as long as it must be",
        base_url="http://localhost",
        data_dir=data_dir,
        database_url=address,
        rate_limits=False,
    )
    from registry import create_app
    from registry.services import Services

    class SharedServices(Services):
        """Services whose paper and typefaces are the same for all tests."""

        typefaces = property(lambda self: shared_typefaces())
        paper = property(lambda self: quick_paper())

    app = create_app(settings, SharedServices(settings=settings, **doors))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    app.test_client_class = Browser
    compiled.share(app)
    return app


@pytest.fixture(scope="session")
def blank_doors(seal: Any, editions: Any) -> dict[str, Any]:
    return {
        "clock": FixedClock(datetime(2026, 1, 1, tzinfo=UTC)),
        "storage": Storage(Path(os.devnull)),
        "seal": seal,
        "postman": Letterbox(),
        "editions": editions,
    }


@contextmanager
def opened(app: Flask) -> Iterator[Flask]:
    """Inside the application, with its connections closed at the end."""
    with app.app_context():
        try:
            yield app
        finally:
            database.session.remove()
            for engine in database.engines.values():
                engine.dispose()


@pytest.fixture(scope="session")
def new_database(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    blank_doors: dict[str, Any],
) -> Iterator[Callable[[Path], Any]]:
    """A context manager giving the address of a fresh database with every table."""
    folder = tmp_path_factory.mktemp("blank")

    def build(address: str) -> None:
        from registry.migrations import upgrade

        with opened(make_app(address, folder, **blank_doors)):
            upgrade(database.engine)

    if ON_POSTGRESQL:
        with _copies_on(request.getfixturevalue("postgresql"), build) as copy:
            yield copy
    else:
        yield _copies_of(folder / "blank.sqlite", build)


def _copies_of(blank: Path, build: Callable[[str], None]) -> Callable[[Path], Any]:
    build(f"sqlite:///{blank}")

    @contextmanager
    def copy(folder: Path) -> Iterator[str]:
        yield f"sqlite:///{shutil.copy(blank, folder / 'registry.sqlite')}"

    return copy


@contextmanager
def _copies_on(
    server: str, build: Callable[[str], None]
) -> Iterator[Callable[[Path], Any]]:
    prefix = f"registry_{os.getpid()}"
    admin = create_engine(server % "postgres", isolation_level="AUTOCOMMIT")
    numbers = count(1)

    connection = admin.connect()

    def run(sql: str) -> None:
        connection.execute(text(sql))

    run(f"CREATE DATABASE {prefix}_blank")
    build(server % f"{prefix}_blank")

    @contextmanager
    def copy(folder: Path) -> Iterator[str]:
        name = f"{prefix}_{next(numbers)}"
        run(f"CREATE DATABASE {name} TEMPLATE {prefix}_blank STRATEGY FILE_COPY")
        try:
            yield server % name
        finally:
            run(f"DROP DATABASE {name} WITH (FORCE)")

    yield copy
    run(f"DROP DATABASE {prefix}_blank WITH (FORCE)")
    connection.close()
    admin.dispose()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a throw-away server, with `%s` where the database's name goes."""
    with throwaway_postgresql() as address:
        yield address


@pytest.fixture
def database_url(new_database: Callable[[Path], Any], tmp_path: Path) -> Iterator[str]:
    """A fresh database with every table and no rows but those of the migrations."""
    with new_database(tmp_path) as address:
        yield address


@pytest.fixture
def app(
    database_url: str,
    tmp_path: Path,
    clock: FixedClock,
    storage: Storage,
    seal: Any,
    postman: Letterbox,
    editions: Any,
) -> Iterator[Flask]:
    app = make_app(
        database_url,
        tmp_path,
        clock=clock,
        storage=storage,
        seal=seal,
        postman=postman,
        editions=editions,
    )
    with opened(app):
        if not ON_POSTGRESQL:
            _hurry()
        yield app


def _hurry() -> None:
    """A test's file need not survive a power cut."""

    @event.listens_for(database.engine, "connect")
    def connect(connection: Any, record: Any) -> None:
        connection.execute("PRAGMA synchronous=OFF")


@pytest.fixture
def db(app: Flask) -> Any:
    return database


class Browser(FlaskClient):
    """
    A client that stands outside: what a test has arranged is committed before a page
    is asked for, and the page has a session and a `g` of its own.
    """

    def open(self, *args: Any, **kwargs: Any) -> Any:
        database.session.commit()
        return contextvars.Context().run(super().open, *args, **kwargs)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask, client: FlaskClient) -> Callable[[User], FlaskClient]:
    """Sign a person in as the pages do, the second factor given; returns the client."""

    def enter(user: User) -> FlaskClient:
        if user.is_a(*STAFF) and not user.tf_primary_method:
            user.tf_primary_method = "authenticator"
        user_id = user.id
        database.session.commit()
        entered = contextvars.Context().run(_enter, app, client, user_id)
        with client.session_transaction() as cookie:
            cookie.clear()
            cookie.update(entered)
        return client

    return enter


def _enter(app: Flask, client: FlaskClient, user_id: int) -> dict[str, Any]:
    with app.test_request_context(environ_base=client.environ_base):
        user = database.session.get(User, user_id)
        login_user(user, remember=False, authn_via=["password", "authenticator"])
        database.session.commit()
        return dict(session)


@pytest.fixture(scope="session")
def built_world(
    tmp_path_factory: pytest.TempPathFactory, seal: Any, editions: Any
) -> Iterator[Any]:
    """Two of everything, built once; on SQLite, whichever database is tried."""
    from tests.security.world import build

    folder = tmp_path_factory.mktemp("world")
    world = build(folder, {"seal": seal, "editions": editions})
    yield world
    world.close()


@pytest.fixture
def world(built_world: Any) -> Any:
    """The small world of tests/security, as built, whatever was done to it before."""
    built_world.reset()
    built_world.app.config["WTF_CSRF_ENABLED"] = False
    return built_world
