import { expect } from 'chai';
import { ADDRESS, numbered, TwoHosts } from './memory-two-hosts.js';
import { bytes } from './support.js';

const SILENT = 'closed: the peer gave no sign of life for too long: it is dead or cut off';
const LOST = 'closed: the connection ended without goodbye: the peer died or was cut off';
const RESET = 'closed: the connection was reset by the peer';

describe('a frozen host', () => {
  it('takes in what came, in order, when it goes on, before what comes then', async () => {
    const hosts = await TwoHosts.open({ minDelayMs: 1, maxDelayMs: 5 });
    const [first] = await hosts.connect();
    const [second] = await hosts.connect();
    hosts.network.freeze('b');
    hosts.network.freeze('b');
    for (let n = 0; n < 30; n++) {
      (n % 3 === 0 ? first : second).send(bytes(`${n}`));
      await hosts.passMs(10);
    }
    expect(hosts.log).to.deep.equal([]);
    expect(first.bufferedBytes).to.equal(16);
    first.send(bytes('30'));
    const nowMs = hosts.scheduler.monotonicMs();
    hosts.network.thaw('b');
    await hosts.passMs(0);
    expect(hosts.log).to.deep.equal(numbered(30));
    expect(hosts.scheduler.monotonicMs()).to.equal(nowMs);
    await hosts.passMs(10);
    expect(hosts.log).to.deep.equal(numbered(31));
    expect(first.bufferedBytes).to.equal(0);
  });

  it('keeps the order when something comes while it takes in what waited', async () => {
    const hosts = await TwoHosts.open({ minDelayMs: 10, maxDelayMs: 10 });
    const [here] = await hosts.connect();
    hosts.network.freeze('b');
    here.send(bytes('0'));
    await hosts.passMs(5);
    // At the instant when frame 1 lands, and before it does; frame 0 gets its turn only after that.
    hosts.scheduler.after(10, () => hosts.network.thaw('b'));
    here.send(bytes('1'));
    here.send(bytes('2'));
    await hosts.passMs(100);
    expect(hosts.log).to.deep.equal(numbered(3));
  });

  it('can be frozen again before it has taken in what waited', async () => {
    const hosts = await TwoHosts.open();
    const [here] = await hosts.connect();
    hosts.network.freeze('b');
    for (let n = 0; n < 3; n++) here.send(bytes(`${n}`));
    await hosts.passMs(10);
    hosts.network.thaw('b');
    hosts.scheduler.runNext();
    hosts.network.freeze('b');
    await hosts.passMs(1000);
    expect(hosts.log).to.deep.equal(numbered(1));
    hosts.network.thaw('b');
    await hosts.passMs(0);
    expect(hosts.log).to.deep.equal(numbered(3));
  });

  it('has sent what it sent', async () => {
    const hosts = await TwoHosts.open();
    const [here] = await hosts.connect();
    here.send(bytes('0'));
    hosts.network.freeze('a');
    await hosts.passMs(100);
    expect(hosts.log).to.deep.equal(numbered(1));
  });

  it('accepts dials when it goes on', async () => {
    const hosts = await TwoHosts.open();
    hosts.network.freeze('b');
    hosts.dial();
    await hosts.passMs(4000);
    expect(hosts.log).to.deep.equal([]);
    expect(hosts.served).to.have.length(0);
    hosts.network.thaw('b');
    await hosts.passMs(10);
    expect(hosts.log).to.deep.equal(['a dialled']);
    expect(hosts.served).to.have.length(1);
  });

  it('never hears of dials that were given up meanwhile', async () => {
    const hosts = await TwoHosts.open();
    hosts.network.freeze('b');
    hosts.dial();
    await hosts.passMs(6000);
    expect(hosts.log).to.deep.equal([`a failed: ${ADDRESS} did not answer within 5000 ms`]);
    hosts.network.thaw('b');
    await hosts.passMs(60_000);
    expect(hosts.served).to.have.length(0);
    expect(hosts.log).to.have.length(1);
  });

  it('hears how its own dials ended when it goes on: the answer comes before the deadline', async () => {
    const hosts = await TwoHosts.open();
    hosts.dial();
    hosts.network.freeze('a');
    await hosts.passMs(10);
    const [there] = hosts.served;
    there?.accepted();
    there?.send(bytes('early'));
    await hosts.passMs(7000);
    expect(hosts.log).to.deep.equal([]);
    hosts.network.thaw('a');
    await hosts.passMs(0);
    expect(hosts.log).to.deep.equal(['a dialled', 'a early']);
  });

  it('hears of failed dials and closed connections only then', async () => {
    const hosts = await TwoHosts.open();
    const [, there] = await hosts.connect();
    void hosts.network
      .transport('a')
      .dial('nobody:1')
      .catch((error: Error) => hosts.log.push(`a failed: ${error.message}`));
    hosts.network.freeze('a');
    there.close({ kind: 'normal', message: 'done' });
    await hosts.passMs(1000);
    expect(hosts.log).to.deep.equal(['b closed: null']);
    hosts.network.thaw('a');
    await hosts.passMs(0);
    expect(hosts.log).to.have.members([
      'b closed: null',
      'a closed: null',
      'a failed: nothing listens at nobody:1',
    ]);
  });

  it('does not close a connection whose hello waited with it', async () => {
    const hosts = await TwoHosts.open();
    hosts.dial();
    await hosts.passMs(100);
    const [there] = hosts.served;
    if (there === undefined) throw new Error('connected above');
    there.onFrame = () => there.accepted();
    hosts.network.freeze('b');
    hosts.dialled?.send(bytes('hello'));
    await hosts.passMs(9000);
    hosts.network.thaw('b');
    await hosts.passMs(100);
    expect(hosts.log).to.deep.equal(['a dialled']);
  });

  it('is given up by its peers after their heartbeat, and hears of that after what they sent', async () => {
    const hosts = await TwoHosts.open();
    const [here] = await hosts.connect();
    hosts.network.freeze('b');
    await hosts.passMs(1000);
    here.send(bytes('0'));
    await hosts.passMs(8999);
    expect(hosts.log).to.deep.equal([]);
    await hosts.passMs(1);
    expect(hosts.log).to.deep.equal([`a ${SILENT}`]);
    await hosts.passMs(5000);
    hosts.network.thaw('b');
    await hosts.passMs(10);
    expect(hosts.log).to.deep.equal([`a ${SILENT}`, 'b 0', `b ${LOST}`]);
    expect(hosts.network.statistics.broken).to.equal(1);
  });

  it('keeps its connections when it goes on in time, however often it stands still', async () => {
    const hosts = await TwoHosts.open();
    const [here] = await hosts.connect();
    for (let times = 0; times < 4; times++) {
      hosts.network.freeze('b');
      await hosts.passMs(6000);
      hosts.network.thaw('b');
      hosts.network.thaw('b');
    }
    here.send(bytes('0'));
    await hosts.passMs(60_000);
    expect(hosts.log).to.deep.equal(numbered(1));
  });

  it('counts no silence of others while it is frozen itself', async () => {
    const hosts = await TwoHosts.open();
    await hosts.connect();
    hosts.network.freeze('b');
    await hosts.passMs(2000);
    hosts.network.freeze('a');
    await hosts.passMs(20_000);
    hosts.network.thaw('a');
    await hosts.passMs(9999);
    expect(hosts.log).to.deep.equal([]);
    await hosts.passMs(1);
    expect(hosts.log).to.deep.equal([`a ${SILENT}`]);
  });

  it('hears of a cut that ended its connections when it goes on', async () => {
    const hosts = await TwoHosts.open();
    await hosts.connect();
    hosts.network.freeze('b');
    hosts.network.cut('a', 'b', { breakAfterMs: 1000 });
    await hosts.passMs(2000);
    expect(hosts.log).to.deep.equal([`a ${SILENT}`]);
    hosts.network.thaw('b');
    await hosts.passMs(0);
    expect(hosts.log).to.deep.equal([`a ${SILENT}`, `b ${SILENT}`]);
  });

  it('takes in nothing when it is killed, and its next process is not frozen', async () => {
    const hosts = await TwoHosts.open();
    const [here] = await hosts.connect();
    hosts.network.freeze('b');
    here.send(bytes('lost'));
    await hosts.passMs(100);
    hosts.dial();
    await hosts.passMs(100);
    hosts.network.crash('b');
    await hosts.passMs(100);
    expect(hosts.log).to.have.members([
      `a ${RESET}`,
      'a failed: the connection was reset by the peer',
    ]);
    hosts.network.thaw('b');
    hosts.log.length = 0;
    await hosts.serve();
    const [again] = await hosts.connect();
    again.send(bytes('0'));
    await hosts.passMs(60_000);
    expect(hosts.log).to.deep.equal(numbered(1));
  });
});

describe('a host that is watched or hurt', () => {
  it('tells before each frame that it sends, and may die of it with the frame unsent', async () => {
    const hosts = await TwoHosts.open();
    const [here] = await hosts.connect();
    let left = 3;
    hosts.network.onSend.set('a', () => {
      left -= 1;
      if (left === 0) hosts.network.crash('a');
    });
    for (let n = 0; n < 5; n++) here.send(bytes(`${n}`));
    expect(left).to.equal(0);
    await hosts.passMs(100);
    expect(hosts.log.filter((line) => line !== `b ${RESET}`)).to.deep.equal(
      numbered(2).slice(0, hosts.log.length - 1),
    );
    expect(hosts.log).to.include(`b ${RESET}`);
  });

  it('loses all its connections as by a broken wire, and can dial again', async () => {
    const hosts = await TwoHosts.open();
    await hosts.connect();
    await hosts.connect();
    hosts.network.breakConnectionsOf('a');
    expect(hosts.log).to.deep.equal([`a ${RESET}`, `a ${RESET}`]);
    await hosts.passMs(100);
    expect(hosts.log.slice(2)).to.deep.equal([`b ${RESET}`, `b ${RESET}`]);
    expect(hosts.network.statistics.broken).to.equal(4);
    await hosts.connect();
  });
});
