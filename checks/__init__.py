"""Checks of PostgreSQL migrations and databases, usable alone; nothing here knows the bot or a checklist.

**To add a check**, write a function under the `_check` of its folder, and add one line:

1. In the file of its subject, such as `checks/files/privileges.py`, or in one of its own (or `scratch/`, `target/`,
   `repository/`), a function from the context to a `Result`; its name is the check's id, here `no-truncate`:

       @files_check(
           title="No file empties a table",
           decides="what it looks at and when it passes", cost="what it costs to run", fix="what to do when it fails",
       )
       def no_truncate(context: FilesContext) -> Result:
           found = [
               Finding("empties the table", object="orders", file=s.file.name, line=s.line, hint="DELETE in batches")
               for s in context.all_statements(context.pending)
               if s.kind == "TruncateStmt"
           ]
           if found:
               return failed(f"{counted(len(found), 'TRUNCATE')} in pending files", found)
           return passed(f"{counted(len(context.pending), 'file')}, no TRUNCATE")

2. Its line in that folder's `__init__.py`: `CHECKS = [..., privileges.no_truncate]`.

The summary is one line of evidence with its numbers. Every failure names a finding. A check that lacks something raises
`CannotRun(sentence, hint)`; one whose question does not arise raises `NotApplicable(sentence)`; any other exception
becomes *could-not-run* as well and stops no other check. `took` and `inputs_hash` are filled in by the runner.

| folder, `needs` | context | read with |
| --- | --- | --- |
| files, `FILES` | `contexts.FilesContext` | `pending`, `statements(file)`, `declared`, `pending_downs` |
| repository, `FILES` | the same | `documents.documents_of(context.options)`: `text(path)`, `matching`, `changed` |
| scratch, `SCRATCH` | `scratchdb.context.ScratchContext` | `rows(sql)`, `trial()`, `applied`, `copy()` |
| target, `TARGET` | `contexts.TargetContext` | `rows(sql, parameters)`, `session()`, `migrations`, `inputs` |
| target, `PAIR` | `contexts.PairContext` | `target`, `other`: two TargetContexts |
| probes, `COMMAND`, `HTTP`, `PROMETHEUS` | `contexts.ProbeContext` | `spec`, `inputs` |

A check that means nothing until a team names something (a file, queries) has `option="file"`, a key of its table
`[checks.ID]`: without it the runner says *not applicable*, and no line of a checklist waits for it.

psycopg and pglast take long to import: import them inside functions.
"""
