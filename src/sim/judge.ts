/** Judges a run: what clients saw, what became of the replicas, and whether the run proved anything. */

import { digestOf } from '../base/digest.js';
import { checkHistory } from '../check/check-history.js';
import type { History, HistoryOperation } from '../check/history.js';
import { pack } from '../wire/msgpack.js';
import type { TraceEvent } from '../wire/messages.js';
import { clientPause } from './faults/processes.js';
import { describePlan, type Plan } from './plan.js';
import type { HistoryRecorder } from './recorder.js';
import type { World } from './world.js';

/** Counted, because a run in which nothing happened proves nothing. */
export interface PlayFigures {
  readonly virtualMs: number;
  readonly acknowledged: number;
  /** Of the acknowledged updates, the forced ones. */
  readonly ordered: number;
  readonly answered: number;
  readonly fresh: number;
  readonly failed: number;
  readonly unknown: number;
  /** The longest that a request which ended well took, ms. */
  readonly longestMs: number;
  readonly convergenceMs: number;
  /** The number of the last view. */
  readonly views: number;
  /** What changed among the members; all zero where they are given at the start. */
  readonly membership: Readonly<Record<string, number>>;
  /** How often each kind of fault struck, and what the network did to frames. */
  readonly faults: Readonly<Record<string, number>>;
  readonly frames: Readonly<Record<string, number>>;
}

export interface PlayReport {
  readonly plan: Plan;
  /** What must not be, in words; empty when all promises held. */
  readonly problems: readonly string[];
  readonly figures: PlayFigures;
  readonly history: History;
  /** Of all that clients saw and replicas became: equal seeds give equal digests. */
  readonly digest: string;
  /** What processes traced and what the faults were, when that was asked for. */
  readonly events: readonly TraceEvent[];
}

export interface JudgeInit {
  readonly plan: Plan;
  readonly world: World;
  readonly recorder: HistoryRecorder;
  readonly strikes: ReadonlyMap<string, number>;
  /** Updates with one copy may be gone. */
  readonly hasLostDisks: boolean;
  /** Replicas were given up that alone may have had what somebody was shown. */
  readonly hasRetired: boolean;
  readonly convergenceMs: number;
  /** What was wrong while it was played. */
  readonly problems: readonly string[];
}

export function judge(init: JudgeInit): PlayReport {
  const { plan, world, recorder, hasLostDisks, hasRetired } = init;
  const history = recorder.history({
    leastCopies: hasLostDisks || hasRetired ? 2 : 1,
    takesBack: plan.members === 'founded' && (hasLostDisks || hasRetired),
    finalHashes: world.stateHashes(),
  });
  const { violations } = checkHistory(history);
  const problems = [
    ...init.problems,
    ...(plan.faults.includes(clientPause) ? [] : recorder.overdue),
    ...world.halted.map((halt) => `a replica stopped by itself: ${halt}`),
    ...world.brokenRules(),
    ...violations.map(({ promise, words }) => `${promise}: ${words}`),
  ];
  // What a run failed to prove matters only when it found nothing.
  if (problems.length === 0) problems.push(...emptiness(init));
  const figures = figuresOf(init, history.operations);
  return {
    plan,
    problems,
    figures,
    history,
    digest: digestOf(pack([describePlan(plan), history, figures])),
    events: world.events,
  };
}

/** Why a run without violation proves nothing. */
function emptiness({ plan, world, recorder, strikes }: JudgeInit): string[] {
  const { progress } = recorder;
  const changesMembers = plan.faults.some((kind) => kind.changesMembers === true);
  const missing = plan.faults.filter(({ name }) => !strikes.has(name));
  return [
    ...missing.map(({ name }) => `this run proves nothing: "${name}" never struck`),
    ...(progress.acknowledged === 0 ? ['this run proves nothing: no update succeeded'] : []),
    ...(plan.workloads.some(({ isForced }) => isForced) && progress.ordered === 0
      ? ['this run proves nothing: no forced update succeeded']
      : []),
    ...(changesMembers && world.membershipCounts.configurations < plan.replicas
      ? ['this run proves nothing: the members never changed']
      : []),
    ...(progress.fresh === 0 ? ['this run proves nothing: no fresh query succeeded'] : []),
    ...(plan.frontends > 1 && progress.travelled === 0
      ? ['this run proves nothing: no session used two front ends']
      : []),
  ];
}

function figuresOf(
  { world, recorder, strikes, convergenceMs }: JudgeInit,
  operations: readonly HistoryOperation[],
): PlayFigures {
  const { acknowledged, ordered, answered, fresh } = recorder.progress;
  const views = world.replicas.map(({ driver }) => driver?.figures.viewNumber ?? 0);
  const count = (kind: string): number =>
    operations.reduce((sum, { outcome }) => sum + Number(outcome.kind === kind), 0);
  const longestMs = operations.reduce((longest, { outcome, calledMs, returnedMs }) => {
    const endedWell = outcome.kind === 'updated' || outcome.kind === 'answered';
    return endedWell && returnedMs !== null ? Math.max(longest, returnedMs - calledMs) : longest;
  }, 0);
  return {
    virtualMs: world.scheduler.monotonicMs(),
    acknowledged,
    ordered,
    answered,
    fresh,
    failed: count('failed'),
    unknown: count('unknown'),
    longestMs,
    convergenceMs,
    views: Math.max(...views),
    membership: { ...world.membershipCounts },
    faults: Object.fromEntries(strikes),
    frames: { ...world.network.statistics },
  };
}
