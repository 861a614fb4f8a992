/** Parts of a cluster that exist only in a test: it decides what they say and when they end. */

import type { Ending, Part, PartObserver, PartProcess, StartPart } from '../../src/launch/part.js';

export class FakeProcess implements PartProcess {
  readonly part: Part;
  readonly pid: number;
  readonly observer: PartObserver;
  /** What it was asked to do. */
  readonly asked: ('terminate' | 'kill')[] = [];
  /** It ends when it is asked to. */
  obeys = true;

  constructor(part: Part, pid: number, observer: PartObserver) {
    this.part = part;
    this.pid = pid;
    this.observer = observer;
  }

  terminate(): void {
    this.asked.push('terminate');
    if (this.obeys) this.end({ exitStatus: 0, signal: null });
  }

  kill(): void {
    this.asked.push('kill');
    this.end({ exitStatus: null, signal: 'SIGKILL' });
  }

  end(ending: Ending): void {
    this.observer.onEnd(ending);
  }
}

/** Remembers every process that was started, in order. */
export class FakeParts {
  readonly started: FakeProcess[] = [];
  /** What a process does as soon as it is started. */
  onStart: (process: FakeProcess) => void = (process) =>
    process.observer.onMessage({ kind: 'listening' });

  readonly startPart: StartPart = (part, observer) => {
    const process = new FakeProcess(part, 100 + this.started.length, observer);
    this.started.push(process);
    // As with a real process, nothing comes from it before the caller has it.
    queueMicrotask(() => this.onStart(process));
    return process;
  };

  /** The newest process of a part. */
  newest(name: string): FakeProcess {
    const found = this.started.findLast(({ part }) => part.name === name);
    if (found === undefined) throw new Error(`${name} was not started`);
    return found;
  }
}

/** Lets promises that are settled go on. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
