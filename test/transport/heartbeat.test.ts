import { expect } from 'chai';
import { Heartbeat, type Pulse } from '../../src/transport/heartbeat.js';

/** A connection whose peer answers pings or does not. */
class FakePulse implements Pulse {
  receivedBytes = 0;
  pings = 0;
  isDead = false;
  readonly #answers: boolean;

  constructor(answers: boolean) {
    this.#answers = answers;
  }

  ping(): void {
    this.pings += 1;
    if (this.#answers) this.receivedBytes += 2;
  }

  presumeDead(): void {
    this.isDead = true;
  }
}

describe('Heartbeat', () => {
  let heartbeat: Heartbeat;

  // Rounds are called by hand; the timer would come in an hour.
  beforeEach(() => {
    heartbeat = new Heartbeat({ roundMs: 3_600_000, silentRounds: 3 });
  });

  function rounds(count: number): void {
    for (let i = 0; i < count; i++) heartbeat.round();
  }

  it('gives up a peer that was silent for the number of rounds, not before', () => {
    const pulse = new FakePulse(false);
    heartbeat.add(pulse);
    rounds(2);
    expect(pulse).to.include({ pings: 2, isDead: false });
    rounds(1);
    expect(pulse.isDead).to.equal(true);
    heartbeat.remove(pulse);
  });

  it('keeps a peer that answers pings', () => {
    const pulse = new FakePulse(true);
    heartbeat.add(pulse);
    rounds(20);
    expect(pulse.isDead).to.equal(false);
    expect(pulse.pings).to.equal(10);
    heartbeat.remove(pulse);
  });

  it('does not ping where something came anyway', () => {
    const pulse = new FakePulse(true);
    heartbeat.add(pulse);
    for (let i = 0; i < 5; i++) {
      pulse.receivedBytes += 1;
      heartbeat.round();
    }
    expect(pulse.pings).to.equal(0);
    heartbeat.remove(pulse);
  });

  it('leaves a removed connection alone, also when it goes during a round', () => {
    const doomed = new FakePulse(false);
    const other = new FakePulse(false);
    doomed.presumeDead = () => heartbeat.remove(other);
    heartbeat.add(doomed);
    heartbeat.add(other);
    rounds(3);
    expect(other).to.include({ pings: 2, isDead: false });
    heartbeat.remove(doomed);
    rounds(3);
    expect(doomed.pings).to.equal(2);
  });
});
