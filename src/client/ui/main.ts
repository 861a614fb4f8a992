/**
 * The terminal client: blessed's screen in, keys out. This is the only file that touches the terminal.
 * It draws `frameOf(state)`, turns keys into actions, and does what `update` asks for. However the
 * process ends (quit, signals, a closed terminal, an uncaught error), the terminal is given back first.
 */

import blessed from 'blessed';
import { HearsayError } from '../../base/errors.js';
import type { Consistency, TraceEvent } from '../../wire/messages.js';
import type { Client } from '../api.js';
import type { Action } from './actions.js';
import { frameOf } from './frame.js';
import { actionOf } from './keymap.js';
import type { Line, Role } from './line.js';
import { logLineOf, noticeLine } from './log-pane.js';
import type { Call, Request } from './request.js';
import { initialState, LOG_LINES_KEPT, type Outcome, type State } from './state.js';
import { update } from './update.js';

export interface TerminalInit {
  /**
   * Called once, with the terminal given back: the user quits, the terminal is gone, or SIGINT, SIGTERM
   * or SIGHUP came. Closing the client and ending the process is left to it.
   */
  readonly onQuit: () => void;
}

export interface Terminal {
  /** Shows a line of the launcher in the log. */
  notice(text: string): void;
  /** Gives the terminal back without calling `onQuit`; does nothing the second time. */
  close(): void;
}

/** One look for each role, so that a colour always means the same (SGR parameters). */
const LOOKS: Readonly<Record<Role, string>> = {
  plain: '0',
  faint: '90',
  strong: '1',
  query: '36',
  update: '35',
  good: '32',
  warning: '33',
  bad: '31',
  border: '90',
  focus: '1;34',
  selected: '7',
  input: '4',
  cursor: '7',
};

/** What happens within this time is drawn at once, ms: 30 frames a second are smooth. */
const FRAME_MS = 33;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Whether there is a terminal on both sides that can be drawn on; line mode is for all others. */
export function hasTerminal(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY && process.env.TERM !== 'dumb';
}

/** Takes over the terminal. Throws HearsayError INVALID where there is none. */
export function runTerminal(client: Client, { onQuit }: TerminalInit): Terminal {
  if (!hasTerminal()) {
    throw new HearsayError('INVALID', 'there is no terminal to draw on; pipe lines in instead');
  }
  return new TerminalClient(client, onQuit);
}

class TerminalClient implements Terminal {
  readonly #client: Client;
  readonly #onQuit: () => void;
  /** blessed draws only what changed; UTF-8 terminals are the only ones left, whatever LANG says. */
  readonly #screen = blessed.screen({ fullUnicode: true, forceUnicode: true });
  readonly #canvas = blessed.box({ parent: this.#screen, width: '100%', height: '100%' });
  readonly #stopListening: (() => void)[] = [];
  #state: State;
  /** Events since the last frame. */
  #events: TraceEvent[] = [];
  #frameTimer: NodeJS.Timeout | null = null;
  /** The next question to all parts, while the list of replicas is open. */
  #lookTimer: NodeJS.Timeout | null = null;
  #isOpen = true;

  constructor(client: Client, onQuit: () => void) {
    this.#client = client;
    this.#onQuit = onQuit;
    const { user, service, operations, frontend, timestamp } = client;
    const size = this.#size();
    this.#state = initialState({ size, user, service, operations, frontend, timestamp });
    // Borders as UTF-8 like all other text: some terminals (PuTTY) do not know the older way with it.
    (this.#screen as unknown as { tput: { brokenACS: boolean } }).tput.brokenACS = true;
    // Lines have the screen's width: where blessed wraps them as well, it breaks those that end in colours.
    (this.#canvas as unknown as { wrap: boolean }).wrap = false;
    this.#listenToTerminal();
    this.#listenToProcess();
    this.#stopListening.push(
      client.watch((event) => this.#note(event)),
      client.onFrontend((now) => this.#dispatch({ kind: 'frontend-changed', frontend: now })),
    );
    this.#dispatch({ kind: 'started' });
    this.#draw();
  }

  notice(text: string): void {
    this.#dispatch({ kind: 'logged', lines: [noticeLine(text)] });
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (this.#frameTimer !== null) clearTimeout(this.#frameTimer);
    if (this.#lookTimer !== null) clearTimeout(this.#lookTimer);
    for (const stop of this.#stopListening) stop();
    this.#screen.destroy();
  }

  #quit(): void {
    if (!this.#isOpen) return;
    this.close();
    this.#onQuit();
  }

  #listenToTerminal(): void {
    this.#screen.on('keypress', (character: string | undefined, key: { readonly full: string }) => {
      // blessed tells the key Enter twice, as `enter` and as `return`.
      if (!this.#isOpen || key.full === 'return') return;
      const name = key.full === 'linefeed' ? 'enter' : key.full;
      const action = actionOf({ name, character: character ?? '' }, this.#state);
      if (action !== null) this.#dispatch(action);
    });
    this.#screen.on('resize', () => this.#dispatch({ kind: 'resized', size: this.#size() }));
    // These stay for good: a terminal that is gone may fail once more when it is given back.
    for (const stream of [process.stdin, process.stdout]) stream.on('error', () => this.#quit());
    process.stdin.on('end', () => this.#quit());
  }

  #listenToProcess(): void {
    const quit = (): void => this.#quit();
    const close = (): void => this.close();
    const redraw = (): void => this.#redraw();
    for (const signal of SIGNALS) process.on(signal, quit);
    process.on('SIGCONT', redraw);
    process.on('uncaughtExceptionMonitor', close);
    // A listener of ours alone would keep a rejection from ending the process.
    const reportsRejections = process.listenerCount('unhandledRejection') > 0;
    if (reportsRejections) process.prependListener('unhandledRejection', close);
    this.#stopListening.push(() => {
      for (const signal of SIGNALS) process.off(signal, quit);
      process.off('SIGCONT', redraw);
      process.off('uncaughtExceptionMonitor', close);
      process.off('unhandledRejection', close);
    });
  }

  #size(): State['size'] {
    const { cols, rows } = this.#screen.program;
    return { columns: cols, rows };
  }

  #dispatch(action: Action): void {
    if (!this.#isOpen) return;
    const { state, requests } = update(this.#state, action);
    this.#state = state;
    for (const request of requests) this.#carryOut(request);
    this.#drawSoon();
  }

  #note(event: TraceEvent): void {
    this.#events.push(event);
    // More than the log keeps would be formatted for nothing.
    if (this.#events.length > 2 * LOG_LINES_KEPT)
      this.#events = this.#events.slice(-LOG_LINES_KEPT);
    this.#drawSoon();
  }

  #drawSoon(): void {
    if (!this.#isOpen) return;
    this.#frameTimer ??= setTimeout(() => this.#draw(), FRAME_MS);
  }

  #draw(): void {
    this.#frameTimer = null;
    if (this.#events.length > 0) {
      // What comes at once comes host by host; people read it by time.
      const inOrder = this.#events.toSorted((one, other) => one.at - other.at);
      const lines = inOrder.slice(-LOG_LINES_KEPT).map(logLineOf);
      this.#events = [];
      this.#state = update(this.#state, { kind: 'logged', lines }).state;
    }
    this.#canvas.setContent(frameOf(this.#state).map(paint).join('\n'));
    this.#screen.render();
  }

  #redraw(): void {
    // Whoever had the terminal meanwhile may have left it in another mode.
    process.stdin.setRawMode(true);
    this.#screen.realloc();
    this.#draw();
  }

  #carryOut(request: Request): void {
    switch (request.kind) {
      case 'quit':
        return this.#quit();
      case 'redraw':
        return this.#redraw();
      case 'call':
        return void this.#call(request.call, request.consistency);
      case 'look':
        this.#lookTimer = setTimeout(() => void this.#look(request.id), request.afterMs);
        return;
      case 'set-status':
        return void this.#setStatus(request);
    }
  }

  async #look(id: number): Promise<void> {
    const answer = await this.#client.status().catch(asHearsayError);
    this.#dispatch({ kind: 'looked', id, answer });
  }

  async #setStatus({ id, name, value }: Extract<Request, { kind: 'set-status' }>): Promise<void> {
    const error = await this.#client.setStatus(name, value).catch(asHearsayError);
    this.#dispatch({ kind: 'status-set', id, name, value, error: error?.message ?? null });
  }

  async #call(call: Call, consistency: Consistency): Promise<void> {
    const { id } = call;
    const startedMs = performance.now();
    const waiting = setInterval(() => {
      const seconds = Math.floor((performance.now() - startedMs) / 1000);
      this.#dispatch({ kind: 'waited', id, seconds });
    }, 1000);
    const outcome = await outcomeOf(this.#client, call, consistency).finally(() => {
      clearInterval(waiting);
    });
    this.#dispatch({
      kind: 'answered',
      id,
      outcome: { ...outcome, tookMs: performance.now() - startedMs },
      timestamp: this.#client.timestamp,
    });
  }
}

/** An outcome before it is known how long it took. */
type Untimed<Kind> = Kind extends { readonly tookMs: number } ? Omit<Kind, 'tookMs'> : never;

async function outcomeOf(
  client: Client,
  { operation, args }: Call,
  consistency: Consistency,
): Promise<Untimed<Outcome>> {
  try {
    return operation.kind === 'query'
      ? { kind: 'value', ...(await client.query(operation.name, args, { consistency })) }
      : { kind: 'done', ...(await client.update(operation.name, args)) };
  } catch (error) {
    if (!(error instanceof HearsayError)) throw error;
    const { code, message, definite } = error;
    return { kind: 'failed', code, message, definite };
  }
}

/** What the cluster could not do is shown; anything else is a fault of this program. */
function asHearsayError(error: unknown): HearsayError {
  if (error instanceof HearsayError) return error;
  throw error;
}

/** A line with colours as escapes; its text has none of its own (line.ts), and no tags are read. */
const paint = (line: Line): string =>
  line.map(({ text, role }) => `\u001b[${LOOKS[role]}m${text}\u001b[0m`).join('');
