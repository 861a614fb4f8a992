import { expect } from 'chai';
import { EMPTY_SNAPSHOT } from '../../src/replica/state.js';
import { aliasOf, body, effectsOf, record, sent, shown, TestReplica, ts } from './support.js';

describe('a replica that starts again from its disk', () => {
  it('executes all of the log above its snapshot, once an update', () => {
    const [first, second] = [record('rm-2', 1, body(1)), record('rm-1', 1, body(1))];
    const records = [first, aliasOf(second), record('rm-1', 2, body(2))];
    const snapshot = {
      ...EMPTY_SNAPSHOT,
      valueTimestamp: ts({ 'rm-2': 1 }),
      executed: [['session-1', [[1, 1]], body(1).stamp]] as never,
      latest: body(1).stamp,
    };
    const replica = new TestReplica({ start: 's2', recovered: { records, snapshot } });
    expect(effectsOf(replica.startEffects, 'apply').map((effect) => effect.body.n)).to.deep.equal([
      2,
    ]);
    expect(replica.state.value.value().equals(ts({ 'rm-1': 2, 'rm-2': 1 }))).to.equal(true);
    expect(replica.state.latest).to.deep.equal(body(2).stamp);
  });

  it('from an older snapshot it executes more of the log, to the same end', () => {
    const records = [1, 2, 3].map((seq) => record('rm-2', seq));
    const replica = new TestReplica({ start: 's2', recovered: { records } });
    expect(effectsOf(replica.startEffects, 'apply')).to.have.length(3);
  });

  it('answers a retry of an update that its earlier start took', () => {
    const records = [record('rm-1', 1, body(1))];
    const replica = new TestReplica({ start: 's2', recovered: { records } });
    replica.frontend(1);
    const effects = replica.update(body(1));
    expect(sent(effects, 'acknowledged').timestamp.equals(ts({ 'rm-1': 1 }))).to.equal(true);
    expect(effectsOf(effects, 'append')).to.deep.equal([]);
  });

  it('sends its earlier start’s records to peers that lack them', () => {
    const records = [record('rm-1', 1, body(1))];
    const replica = new TestReplica({ start: 's2', recovered: { records } });
    expect(sent(replica.peer(2), 'gossip').records.map(shown)).to.deep.equal(['rm-1:1']);
  });

  it('stops where damage took away what no member has, naming it, once all were heard', () => {
    const replica = new TestReplica({ recovered: { mustRecover: ts({ 'rm-3': 4 }) } });
    expect(effectsOf(replica.peer(2, ts({ 'rm-3': 3 })), 'halt')).to.deep.equal([]);
    const [halt] = effectsOf(replica.peer(3, ts({ 'rm-3': 2 })), 'halt');
    expect(halt?.message).to.include('no member has rm-3:4');
  });

  it('says when all that damage took away is here again', () => {
    const replica = new TestReplica({ members: 2, recovered: { mustRecover: ts({ 'rm-2': 1 }) } });
    replica.peer(2, ts({ 'rm-2': 1 }));
    replica.gossip(2, [record('rm-2', 1)]);
    expect(effectsOf(replica.durable(), 'repaired')).to.have.length(1);
    expect(effectsOf(replica.durable(), 'repaired'), 'once').to.have.length(0);
  });
});
