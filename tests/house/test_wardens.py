"""Rules of thumb that nobody has to remember, because these tests do."""

from __future__ import annotations

import ast
import re

from .source import calls, imported, of_tests, product

FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc", "base", "manager", "processor", "data", "info"}
CALLED_BASE = {"casemgmt/settings/base.py", "casemgmt/postgresql/base.py"}  # Django's own word for it
PURE = re.compile(
    r"(guards|rules|permits|policies|lifecycle|stages|gate|quiet_hours|schedule|lexicon|segments|signatures|words)\.py$"
)
NOT_JUDGING = ("casemgmt/settings/", "casemgmt/management/commands/")  # a command is called what one types
LOCK_HOLDERS = re.compile(r"(querysets|outbox/relay)\.py$")  # reads that lock live beside the other reads


def test_modules_stay_small() -> None:
    too_long = {module.path: module.lines for module in product() if module.lines > 300}
    too_long |= {module.path: module.lines for module in of_tests() if module.lines > 400}

    assert too_long == {}


def test_functions_stay_short() -> None:
    too_long = {
        f"{module.path}:{node.name}": node.end_lineno - node.lineno + 1
        for module in product()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno + 1 > 40
    }

    assert too_long == {}


def test_every_module_says_what_lives_in_it() -> None:
    assert [module.path for module in product() if module.text.strip() and not ast.get_docstring(module.tree)] == []


def test_every_public_thing_says_what_it_is() -> None:
    silent = []
    for module in product():
        for node in module.tree.body:
            if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
                continue
            if not ast.get_docstring(node):
                silent.append(f"{module.path}:{node.name}")

    assert silent == []


def test_no_module_or_class_has_a_name_that_says_nothing() -> None:
    files = [module.path for module in product() if module.path not in CALLED_BASE]
    found = [path for path in files if path.rsplit("/", 1)[-1].removesuffix(".py") in FORBIDDEN_NAMES]
    classes = [
        f"{module.path}:{node.name}"
        for module in product()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef) and node.name.lower() in FORBIDDEN_NAMES
    ]

    assert found + classes == []


def test_nothing_listens_to_signals() -> None:
    listening = {
        module.path
        for module in product()
        for name in imported(module)
        if name.startswith(("django.dispatch", "django.db.models.signals", "django_fsm.signals"))
    }

    assert listening == set()


def test_services_never_call_a_celery_task() -> None:
    ringing = {
        module.path
        for module in product()
        for call in calls(module)
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("delay", "apply_async", "send_task")
    }

    assert ringing <= {"casemgmt/outbox/tasks.py", "notifications/tasks.py", "notifications/bell.py"}


def test_no_task_is_put_off_by_the_broker() -> None:
    """Reliability F2: due times are columns, never ETA."""
    found = [
        f"{module.path}:{call.lineno}"
        for module in product()
        for call in calls(module)
        for word in call.keywords
        if word.arg in ("eta", "countdown")
    ]

    assert found == []


def test_rows_are_locked_in_one_place() -> None:
    locking = {
        module.path
        for module in product()
        for call in calls(module)
        if isinstance(call.func, ast.Attribute) and call.func.attr == "select_for_update"
    }

    assert {path for path in locking if not LOCK_HOLDERS.search(path)} == set()


def test_no_stage_is_written_past_its_lifecycle() -> None:
    found = [
        f"{module.path}:{call.lineno}"
        for module in product()
        for call in calls(module)
        if isinstance(call.func, ast.Attribute) and call.func.attr == "update"
        for word in call.keywords
        if word.arg == "stage"
    ]

    assert found == []


def test_pure_modules_touch_neither_database_nor_settings_nor_clock() -> None:
    forbidden = ("django.db.connection", "django.db.transaction", "django.conf", "django.utils.timezone", "httpx")
    touching = {
        f"{module.path}: {name}"
        for module in product()
        if PURE.search(module.path) and not module.path.startswith(NOT_JUDGING)
        for name in imported(module)
        if name.startswith(forbidden) or name.endswith(("kernel.clock", "kernel.clock.now"))
    }

    assert touching == set()


def test_nobody_asks_the_host_what_time_it_is() -> None:
    """Reliability F15: the database's clock is the only clock."""
    found = {
        f"{module.path}:{call.lineno}"
        for module in product()
        if "/devtools/" not in module.path
        for call in calls(module)
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in ("now", "utcnow", "today")
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id in ("datetime", "timezone", "date")
    }

    assert found == set()


def test_no_serializer_shows_everything_or_all_but_something() -> None:
    found = [
        f"{module.path}:{node.lineno}"
        for module in product()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
        and (
            target.id == "exclude" or (target.id == "fields" and ast.unparse(node.value) in ("'__all__'", '"__all__"'))
        )
    ]

    assert found == []


def test_every_index_and_constraint_says_who_needs_it() -> None:
    bare = []
    for module in product():
        lines = module.text.splitlines()
        for call in calls(module):
            if not (isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name)):
                continue
            kind = call.func.attr
            if call.func.value.id != "models" or kind not in ("Index", "UniqueConstraint", "CheckConstraint"):
                continue
            around = "\n".join(lines[max(0, call.lineno - 4) : call.end_lineno])
            if "#" not in around:
                bare.append(f"{module.path}:{call.lineno}")

    assert bare == []


def test_nothing_is_left_unfinished() -> None:
    word = re.compile("TO" + "DO|FIX" + "ME|XX" + "X")
    found = [module.path for module in (*product(), *of_tests()) if word.search(module.text)]

    assert found == []
