"""What files SET for the session they run in, followed statement by statement."""

from __future__ import annotations

from checks.base import MigrationFile
from checks.sql.statements import Statement
from checks.sql.tree import Tree, constant, dotted, is_true, nodes, of_kind

_OFF = ("", "0", "default")


class SessionSettings:
    """Values by the setting's name. Tools run all files of a range in one session, so that SET lasts from file to file.

    SET LOCAL lasts to the end of its transaction, thus of its file, and does nothing outside of one. PostgreSQL manual,
    SET; the function set_config does the same.
    """

    def __init__(self) -> None:
        self._session: dict[str, str] = {}
        self._local: dict[str, str] = {}
        self._file: MigrationFile | None = None

    def of(self, name: str) -> str:
        """The value that holds now; "" where the files set none."""
        return self._local.get(name, self._session.get(name, ""))

    @property
    def gives_up(self) -> bool:
        """Whether what waits for a lock gives up: lock_timeout is set, and to more than nothing."""
        return self.of("lock_timeout").lower() not in _OFF

    @property
    def is_utc(self) -> bool | None:
        """Whether the session's TimeZone is UTC; None where the files leave it to the server and the role."""
        zone = self.of("timezone")
        return zone.upper().removeprefix("ETC/") in ("UTC", "GMT", "ZULU", "UCT", "0") if zone else None

    def begin(self, file: MigrationFile) -> None:
        """What SET LOCAL set in another file is over."""
        if file is not self._file:
            self._file, self._local = file, {}

    def follow(self, statement: Statement, in_transaction: bool = True) -> None:
        """The statement has run, as part of a transaction or by itself."""
        self.begin(statement.file)
        if statement.kind not in ("VariableSetStmt", "TransactionStmt", "SelectStmt"):
            return
        tree = statement.tree
        match statement.kind:
            case "VariableSetStmt" if tree["kind"] == "VAR_RESET_ALL":
                self._session, self._local = {}, {}
            case "VariableSetStmt" if "name" in tree:
                self._set(tree["name"], _value(tree), bool(tree.get("is_local")), in_transaction)
            case "TransactionStmt" if tree["kind"] in ("TRANS_STMT_COMMIT", "TRANS_STMT_ROLLBACK"):
                self._local = {}
            case "SelectStmt" if "set_config" in statement.text:
                for call in (node["FuncCall"] for node in nodes(tree) if "FuncCall" in node):
                    self._call(call, in_transaction)

    def _call(self, call: Tree, in_transaction: bool) -> None:
        arguments = call.get("args", ())
        if dotted(call["funcname"]).rpartition(".")[2] == "set_config" and len(arguments) == 3:
            name, value = constant(arguments[0]), constant(arguments[1])
            is_local = is_true({"Boolean": arguments[2].get("A_Const", {}).get("boolval", {})})
            self._set(name or "", value or "", is_local, in_transaction)

    def _set(self, name: str, value: str, is_local: bool, in_transaction: bool) -> None:
        if not is_local:
            self._session[name.lower()] = value
            self._local.pop(name.lower(), None)
        elif in_transaction:
            self._local[name.lower()] = value


def _value(tree: Tree) -> str:
    """The first argument as text; "" for DEFAULT and RESET. SET TIME ZONE may have an interval: that is no zone."""
    for argument in of_kind(tree.get("args"), "A_Const"):
        if "sval" in argument:
            return str(argument["sval"].get("sval", ""))
        return str(argument.get("ival", {}).get("ival", 0))
    return ""
