/**
 * Partial order reduction. Where one choice in a state neither disturbs nor is disturbed by whatever the
 * others may do before it is taken, to try it alone is enough: every run that takes it later has the
 * same steps in another order, and ends in the same state (Godefroid, *Partial-Order Methods for the
 * Verification of Concurrent Systems*, 1996: a persistent set of one). All kinds used here shorten a
 * queue or a program, so none can be put off for ever.
 *
 * 1. Steps of a client whose connection cannot break and which has no timer. It alone takes from its
 *    queue and makes its calls; others only add behind. Checks that compare times (`fresh`,
 *    acknowledged) are made where messages pass the front end, so a client's step changes no verdict.
 *    Where others have timers it happens at an earlier time, which only its own timers would read.
 * 2. Where the members are given, an acknowledgement that comes to a front end which nothing can befall
 *    any more: it is connected to all replicas, no connection breaks, no timer goes off, nothing comes
 *    twice. What it does commutes with all else that may happen there: another one of the same update (the
 *    answer names both in order of their names, whichever came first), words about other requests, new
 *    requests. Only what a fresh query must hold depends on the order, and it must hold more when the
 *    acknowledgement comes first.
 * 3. A delivery that changes nothing, now or ever: a `cancel` of a query that is not waiting (it went
 *    ahead on the same connection, so it has been answered), and a late word to a front end about a
 *    request that has ended, as numbers of requests are never used again. The latter also tells that
 *    its sender lives, so only where no timer can go off any more; and only where nothing comes twice,
 *    for a second word about a request that goes on changes nothing either.
 *    Where the receiver's time stands still, also
 *    - a word of life to a front end that says what the one before it said: what a front end knows of a
 *      replica's primary and status comes by this connection only, in order;
 *    - an acknowledgement of entries that are known to be held, or of a view that is over, and an answer
 *      to a round of votes that is over: views and rounds never come back.
 */

import type { Choice } from './choices.js';
import { at } from './lists.js';
import type { World } from './world.js';
import type { WorldState } from './world-state.js';

const LATE: ReadonlySet<string> = new Set([
  'acknowledged',
  'forced-answered',
  'answer',
  'collected',
]);

/** Words of the forced log that change nothing where they come too late. */
const SETTLED: ReadonlySet<string> = new Set(['prepare-ok', 'vote-answered']);

/** The choices that have to be tried: all of them, or one that stands for all. */
export function reduced(
  world: World,
  state: WorldState,
  choices: readonly Choice[],
): readonly Choice[] {
  const alone = choices.find(
    (choice) =>
      isOfUndisturbedClient(world, state, choice) ||
      isAcknowledgement(world, state, choice) ||
      isIdle(world, state, choice),
  );
  return alone === undefined ? choices : [alone];
}

function isOfUndisturbedClient(world: World, state: WorldState, choice: Choice): boolean {
  const { members, pairs } = world.topology;
  let client: number;
  if (choice.kind === 'call') client = choice.process;
  else if (choice.kind === 'deliver' && choice.to === 'dialler' && !choice.again) {
    client = at(pairs, choice.pair).dialler;
  } else return false;
  return at(members, client).role === 'client' && isUndisturbed(world, state, client);
}

function isAcknowledgement(world: World, state: WorldState, choice: Choice): boolean {
  // Whether it counts depends on what the front end has been told of the members by then.
  if (world.topology.isFounded) return false;
  if (choice.kind !== 'deliver' || choice.to !== 'dialler' || choice.again) return false;
  const { back } = at(at(state.connections, choice.pair), choice.place);
  if (world.first(back).kind !== 'acknowledged') return false;
  return isUndisturbed(world, state, at(world.topology.pairs, choice.pair).dialler);
}

/**
 * Nothing comes twice, no timer of this process can go off, all connections that it makes are there, and
 * none of its connections can break.
 */
function isUndisturbed(world: World, state: WorldState, process: number): boolean {
  const { members, pairs } = world.topology;
  const mayCrash = (member: number): boolean => state.crashes > 0 && at(members, member).mayCrash;
  if (state.duplicates > 0 || (state.ticks > 0 && at(members, process).mayTick)) return false;
  return pairs.every(({ dialler, acceptor, mayBreak }, pair) => {
    if (dialler !== process && acceptor !== process) return true;
    if ((mayBreak && state.breaks > 0) || mayCrash(dialler) || mayCrash(acceptor)) return false;
    const connections = at(state.connections, pair);
    // A client has a connection to one front end only.
    if (connections.length === 0) return at(members, dialler).role === 'client';
    return connections.every(({ isDead, dialled }) => dialled && !isDead);
  });
}

function isIdle(world: World, state: WorldState, choice: Choice): boolean {
  if (choice.kind !== 'deliver' || choice.again) return false;
  const { forth, back } = at(at(state.connections, choice.pair), choice.place);
  const { kind } = world.first(choice.to === 'acceptor' ? forth : back);
  const { hasDuplicates, isForced, members, pairs } = world.topology;
  const isLate = LATE.has(kind) && state.ticks === 0 && !hasDuplicates;
  const { role, mayTick, silence, change } = at(members, at(pairs, choice.pair)[choice.to]);
  const isStill =
    (!mayTick || state.ticks === 0) &&
    (silence === null || state.silences === 0) &&
    (change === null || state.changes === 0);
  const isHint = kind === 'heartbeat' && role === 'frontend';
  const isSettled = isForced && isStill && (isHint || (SETTLED.has(kind) && !hasDuplicates));
  if (kind !== 'cancel' && !isLate && !isSettled) return false;
  const { step } = world.apply(state, choice);
  if (step === null) return false;
  const { to, sends, closes, notes } = step.local;
  const isSame = to === at(state.processes, step.process);
  return isSame && sends.length + closes.length + notes.length === 0;
}
