"""`/metrics` for Prometheus: what an operator alerts on. Read from the state at each scrape, kept nowhere."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from bot.background.backstage import Backstage
from bot.core.decision import RunState
from bot.usecases.books.units import PostReader

logger = logging.getLogger(__name__)
SCRAPED_ROWS = 1000


class StateCollector(Collector):
    """Gauges made from one consistent reading of the state."""

    def __init__(self, backstage: Backstage) -> None:
        self._backstage = backstage

    def collect(self) -> Iterable[GaugeMetricFamily]:
        return self._backstage.store.read(lambda reader: list(self._gauges(reader)))

    def _gauges(self, reader: PostReader) -> Iterator[GaugeMetricFamily]:
        now = self._backstage.clock()
        open_ones = reader.deployments.open()
        states = GaugeMetricFamily("gonogo_deployments", "Open deployments by state.", labels=["environment", "state"])
        for (environment, state), count in Counter((one.environment, str(one.state)) for one in open_ones).items():
            states.add_metric([environment, state], count)
        yield states
        waiting = [run for one in open_ones for run in reader.results.runs(one.id) if run.state is RunState.QUEUED]
        yield _gauge("gonogo_checks_queued", "Checks that wait for a worker.", len(waiting))
        unsent = reader.said.open(now, SCRAPED_ROWS)
        yield _gauge("gonogo_outbox_open", "Messages that wait to be sent.", len(unsent))
        oldest = max((now - row.created_at).total_seconds() for row in unsent) if unsent else 0.0
        yield _gauge("gonogo_outbox_oldest_seconds", "Age of the oldest message that waits.", oldest)
        yield _gauge("gonogo_outbox_dead", "Messages that were given up.", len(reader.said.dead(SCRAPED_ROWS)))
        beats = GaugeMetricFamily("gonogo_heartbeat_age_seconds", "Seconds since a part last beat.", labels=["part"])
        for name, beat in reader.heartbeats.all().items():
            beats.add_metric([name], (now - beat.at).total_seconds())
        yield beats


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    gauge = GaugeMetricFamily(name, words)
    gauge.add_metric([], value)
    return gauge


def serve_metrics(backstage: Backstage, port: int) -> int:
    """Serve `/metrics` on this port (0: any free one) of the loopback interface; the port that is served."""
    registry = CollectorRegistry()
    registry.register(StateCollector(backstage))
    server, _ = start_http_server(port, addr="127.0.0.1", registry=registry)
    logger.info("metrics are served on port %d", server.server_port)
    return int(server.server_port)
