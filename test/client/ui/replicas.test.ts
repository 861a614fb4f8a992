/** The list of replicas: what it shows, what its keys do, and what it asks for. */

import { expect } from 'chai';
import type { ClusterStatus } from '../../../src/client/api.js';
import type { State } from '../../../src/client/ui/state.js';
import { update } from '../../../src/client/ui/update.js';
import { MEMBER } from './fake-client.js';
import { press, pressed, screenOf, startState, textsIn } from './support.js';

const STATUS: ClusterStatus = {
  clusterId: 'c0ffee',
  epoch: 3,
  view: { n: 7, owner: 'rm-1.x7' },
  members: [
    MEMBER,
    { ...MEMBER, name: 'rm-2', role: 'backup', status: { value: 'OFFLINE', source: 'hand' } },
    { ...MEMBER, name: 'rm-3', role: 'backup', epoch: 0, counted: false, lagRecords: 12 },
    {
      ...MEMBER,
      ...{ name: 'rm-4', role: null, counted: null, lagRecords: null },
      status: { value: 'UNREACHABLE', source: 'auto' },
    },
  ],
  frontends: [{ name: 'fe-1', address: '127.0.0.1:7100', pid: 1 }],
};

/** The state after the answer to the newest list. */
function looked(state: State, answer: ClusterStatus | Error = STATUS): State {
  return update(state, { kind: 'looked', id: state.replicas?.id ?? 0, answer }).state;
}

describe('the list of replicas', () => {
  it('opens with s outside of text, with F5 everywhere, and closes again', () => {
    for (const key of ['s', 'f5']) {
      const open = press(startState(), key);
      expect(screenOf(open.state)).to.contain('Asking the replicas');
      expect(open.requests).to.deep.equal([{ kind: 'look', id: 1, afterMs: 0 }]);
      for (const close of ['escape', 's', 'f5', 'q']) {
        expect(pressed(open.state, close).replicas).to.equal(null);
      }
    }
    const typed = pressed(startState(), 'enter', 's');
    expect(typed.replicas).to.equal(null);
    expect(pressed(typed, 'f5').replicas).not.to.equal(null);
  });

  it('shows role, status and address of each replica, the epoch and the primary', () => {
    const state = looked(pressed(startState(), 's'));
    const [, head, , , ...rows] = screenOf(state)
      .split('\n')
      .map((line) => line.replace(/^│|│$/g, '').trimEnd());
    expect(head).to.equal('cluster c0ffee   epoch 3   view 7 led by rm-1');
    expect(rows.slice(0, 5)).to.deep.equal([
      ' ▸ rm-1     primary   ACTIVE               0       yes      127.0.0.1:7200',
      '   rm-2     backup    OFFLINE (hand)       0       yes      127.0.0.1:7200',
      '   rm-3     learner   ACTIVE               12      no       127.0.0.1:7200',
      '   rm-4     -         UNREACHABLE          -       -        127.0.0.1:7200',
      '   fe-1     front end                                       127.0.0.1:7100',
    ]);
    expect(textsIn(state, 'bad')).to.deep.equal(['UNREACHABLE']);
  });

  it('lists replicas by their numbers', () => {
    const members = ['rm-10', 'rm-2', 'rm-1'].map((name) => ({ ...MEMBER, name }));
    const screen = screenOf(looked(pressed(startState(), 's'), { ...STATUS, members }));
    expect(screen).to.match(/rm-1 [^]*rm-2 [^]*rm-10 /);
  });

  it('says that there is no primary, and what a change of the members waits for', () => {
    const waitsFor = 'the report of rm-3';
    const waiting = { ...STATUS, view: null, members: [{ ...MEMBER, waitsFor }] };
    const state = looked(pressed(startState(), 's'), waiting);
    expect(textsIn(state, 'warning')).to.include.members([
      'no primary',
      'waits for the report of rm-3',
    ]);
  });

  it('asks again and again while it is open, and not when it is closed', () => {
    const open = pressed(startState(), 's');
    const again = update(open, { kind: 'looked', id: 1, answer: STATUS });
    expect(again.requests).to.deep.equal([{ kind: 'look', id: 1, afterMs: 1000 }]);
    const reopened = pressed(open, 's', 's');
    const late = update(reopened, { kind: 'looked', id: 1, answer: STATUS });
    expect(late).to.deep.equal({ state: reopened, requests: [] });
  });

  it('keeps what it knows, and asks again, when nobody answers', () => {
    const known = looked(pressed(startState(), 's'));
    const answer = new Error('no front end');
    const { state, requests } = update(known, { kind: 'looked', id: 1, answer });
    expect(screenOf(state)).to.contain('no front end').and.to.contain('rm-3');
    expect(requests).to.have.length(1);
    expect(screenOf(looked(state))).not.to.contain('no front end');
  });

  it('gives the chosen replica the chosen status', () => {
    const open = looked(pressed(startState(), 's'));
    const { state, requests } = press(open, 'down', 'right', 'right', 'enter');
    expect(requests).to.deep.equal([{ kind: 'set-status', id: 1, name: 'rm-2', value: 'OFFLINE' }]);
    expect(screenOf(state)).to.contain('asking rm-2 to be OFFLINE');
    const set = { kind: 'status-set', id: 1, name: 'rm-2', value: 'OFFLINE' } as const;
    const done = update(state, { ...set, error: null }).state;
    expect(screenOf(done)).to.contain('rm-2: takes no requests');
    const refused = update(state, { ...set, error: 'it is gone' }).state;
    expect(screenOf(refused)).to.contain('rm-2 is not OFFLINE: it is gone');
    expect(screenOf(looked(refused)), 'it stays until a key is pressed').to.contain('it is gone');
  });

  it('keeps the chosen replica while others come and go', () => {
    const open = pressed(looked(pressed(startState(), 's')), 'end');
    expect(open.replicas?.chosen).to.equal('rm-4');
    const members = STATUS.members.slice(2);
    expect(looked(open, { ...STATUS, members }).replicas?.chosen).to.equal('rm-4');
    expect(looked(open, { ...STATUS, members: [MEMBER] }).replicas?.chosen).to.equal('rm-1');
  });

  it('shows the chosen one of more than fit', () => {
    const members = Array.from({ length: 40 }, (_, index) => ({
      ...MEMBER,
      name: `rm-${index + 1}`,
    }));
    const open = pressed(looked(pressed(startState(), 's'), { ...STATUS, members }), 'end');
    const screen = screenOf(open);
    expect(screen).to.contain('▸ rm-40').and.to.contain('set rm-40 to').and.not.to.contain('rm-2 ');
    expect(screen.split('\n')).to.have.length(24);
  });
});
