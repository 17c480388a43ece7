"""What the checks of a deployment are given, and what is kept of their answers."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.background.backstage import Backstage
from bot.background.migration_source import read_documents, read_source
from bot.background.preflight import migrations_for, pinned
from bot.core.decision import CheckResult, CheckRun
from bot.core.deployment import Deployment, Outcome, fingerprint
from bot.core.journal import to_text
from bot.settings.inputs import Sources
from checks.base import Check, Inputs, MigrationSet, Need, Result
from checks.catalogue import CATALOGUE
from checks.probes import check_for
from checks.result import Status

FINDINGS_KEPT = 50


def inputs_of(backstage: Backstage, deployment_id: str, sources: Sources) -> Inputs:
    """The pinned files over today's; the baseline and the moment of go of the deployment to that environment.

    That is another one where the environment before is asked. Raises MigrationsError where the files cannot be read.
    """
    deployment, files = backstage.store.read(
        lambda reader: (
            reader.deployments.get(deployment_id),
            [(file, reader.files.content(file.sha)) for file in reader.files.of(deployment_id)],
        )
    )
    found = read_source(sources, backstage.cache, deployment.source_commit)
    inputs = sources.inputs(migrations_for(found, deployment, files) if found else None)
    ran = deployment if sources.environment == deployment.environment else _last_there(backstage, deployment, sources)
    since = to_text(ran.go_at) if ran and ran.go_at else ""
    options = {**inputs.options, **_placeholders(deployment), **_documents(backstage, sources, deployment)}
    baseline = baseline_of(backstage, ran.id) if ran else None
    return replace(inputs, since=since, baseline=baseline, options=options)


def _last_there(backstage: Backstage, deployment: Deployment, sources: Sources) -> Deployment | None:
    """The newest deployment to the environment that is asked which is completed; None where there was none."""
    place = (deployment.team, deployment.project, sources.environment)
    past = backstage.store.read(lambda reader: reader.deployments.of_environment(*place))
    return next((one for one in past if one.result in {Outcome.SUCCESS, Outcome.PARTIAL}), None)


def _placeholders(deployment: Deployment) -> Mapping[str, str]:
    """What a probe's command may name in braces; what is not known is left out."""
    known = {
        "deployment": deployment.label,
        "range": deployment.range_words.replace("–", "-") if deployment.first_version else "",
        "commit": deployment.source_commit or "",
        "started": to_text(deployment.started_at),
    }
    return {name: value for name, value in known.items() if value}


def _documents(backstage: Backstage, sources: Sources, deployment: Deployment) -> Mapping[str, object]:
    """Where checks of documents read, if any is set up: what was written since the start is in no pinned commit."""
    if not sources.reads_documents:
        return {}
    found = read_documents(sources, backstage.cache, deployment.source_commit)
    return {"documents": found} if found else {}


def baseline_of(backstage: Backstage, deployment_id: str) -> Mapping[str, Any] | None:
    """What was measured at go; None before go, and where nothing could be measured."""
    text = backstage.store.read(lambda reader: reader.troubles.baseline(deployment_id))
    return json.loads(text) if text else None


def find_check(check_id: str, inputs: Inputs) -> Check[Any] | None:
    """The check of the catalogue, or the team's own probe of that name."""
    if check_id in CATALOGUE:
        return CATALOGUE[check_id]
    return next((check_for(spec) for spec in inputs.probes if spec.id == check_id), None)


def kept(run: CheckRun, check: Check[Any], result: Result, inputs: Inputs, at: datetime) -> CheckResult:
    """The answer as stored; one about the files carries their fingerprint, so that it holds while that holds."""
    about_files = check.needs in {Need.FILES, Need.SCRATCH} and inputs.migrations is not None
    return CheckResult(
        *_answered(run),
        status=result.status,
        summary=result.summary,
        hint=result.hint,
        findings=result.findings[:FINDINGS_KEPT],
        took_ms=round(result.took * 1000),
        inputs_hash=result.inputs_hash,
        fingerprint=_range_fingerprint(inputs.migrations) if about_files and inputs.migrations else None,
        at=at,
    )


def _range_fingerprint(migrations: MigrationSet) -> str:
    """The fingerprint of the range alone: up files after `applied_through`, with their down files."""
    versions = {file.version for file in migrations.pending}
    return fingerprint(pinned(file) for file in migrations.files if file.version in versions)


def could_not_run(run: CheckRun, why: str, at: datetime) -> CheckResult:
    """An answer for a run that could not even begin."""
    return CheckResult(*_answered(run), Status.COULD_NOT_RUN, why, at, inputs_hash=why)


def _answered(run: CheckRun) -> tuple[str, str, str, str]:
    """An id, and what the answer answers."""
    return uuid.uuid4().hex, run.id, run.deployment_id, run.check_id
