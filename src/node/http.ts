/** What a process answers over HTTP on its port: whether it lives, whether it is ready, and figures. */

import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { HttpAnswer } from '../ports/transport.js';

const text = (status: number, body: string): HttpAnswer => ({
  status,
  contentType: 'text/plain; charset=utf-8',
  body: `${body}\n`,
});

/** Answers `/livez`, `/readyz` and `/metrics`; null for any other path. */
export function httpAnswers(
  name: string,
  isReady: () => boolean,
  figures: () => object,
  /** In words, what a process that is not ready waits for; null: nothing in particular. */
  waitsFor: () => string | null = () => null,
): (path: string) => Promise<HttpAnswer | null> {
  const registry = new Registry();
  registry.setDefaultLabels({ process: name });
  collectDefaultMetrics({ register: registry });
  const gauges = new Map<string, Gauge>();
  const collect = (): void => {
    for (const [figure, value] of Object.entries(figures())) {
      let gauge = gauges.get(figure);
      if (gauge === undefined) {
        const help = figure.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
        gauge = new Gauge({ name: metricName(figure), help, registers: [registry] });
        gauges.set(figure, gauge);
      }
      gauge.set(Number(value));
    }
  };
  return async (path) => {
    switch (path) {
      case '/livez':
        return text(200, 'alive');
      case '/readyz':
        return isReady() ? text(200, 'ready') : text(503, notReady(waitsFor()));
      case '/metrics':
        collect();
        return { status: 200, contentType: registry.contentType, body: await registry.metrics() };
      default:
        return null;
    }
  };
}

const notReady = (waitsFor: string | null): string =>
  waitsFor === null ? 'not ready' : `not ready: waits for ${waitsFor}`;

/** `journalSyncs` is `hearsay_journal_syncs`. */
const metricName = (figure: string): string =>
  `hearsay_${figure.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
