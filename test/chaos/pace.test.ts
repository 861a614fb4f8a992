import { expect } from 'chai';
import { thinkMs } from '../../chaos/pace.js';
import type { ServiceName } from '../../src/sim/workloads/workload.js';

describe('the pace of chaos', () => {
  it('is the same with more clients', () => {
    const few = thinkMs({ minutes: 2, clients: 2, service: 'kv' });
    expect(thinkMs({ minutes: 2, clients: 20, service: 'kv' })).to.be.within(few * 9, few * 11);
  });

  it('is slower in runs that would be too long for the checkers', () => {
    const at = (minutes: number) => thinkMs({ minutes, clients: 6, service: 'kv' });
    expect(at(19)).to.equal(at(2));
    expect(at(200)).to.be.within(at(20) * 9, at(20) * 11);
  });

  it('is slower where answers are long', () => {
    const at = (service: ServiceName, minutes = 2) => thinkMs({ minutes, clients: 6, service });
    expect(at('movies')).to.be.above(2 * at('kv'));
    expect(at('hungry')).to.be.above(2 * at('kv'));
    expect(at('hungry', 60)).to.be.above(2 * at('movies', 60));
  });
});
