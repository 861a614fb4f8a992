import { expect } from 'chai';
import { assert, InvariantError } from '../../src/base/assert.js';
import { ERROR_CODES, type ErrorCode, FatalError, HearsayError } from '../../src/base/errors.js';

/** DESIGN sections 4 and 6, once more: definite, retriable, exit status. */
const EXPECTED: Record<ErrorCode, readonly [boolean, boolean, number]> = {
  INVALID: [true, false, 2],
  REFUSED: [true, false, 1],
  UNAVAILABLE: [false, true, 3],
  TIMEOUT: [false, true, 3],
  UNAUTHORIZED: [true, false, 1],
  TOO_LARGE: [true, false, 2],
  OVERLOADED: [false, true, 3],
  EXPIRED: [false, false, 1],
  VERSION: [true, false, 3],
};

describe('errors', () => {
  it('has the codes of the design, each with what it promises', () => {
    const table = Object.entries(ERROR_CODES).map(([code, rule]) => [
      code,
      [rule.definite, rule.retriable, rule.exitStatus],
    ]);
    expect(Object.fromEntries(table)).to.deep.equal(EXPECTED);
  });

  it('never calls an error both certain to have had no effect and worth repeating unchanged', () => {
    for (const [code, rule] of Object.entries(ERROR_CODES)) {
      expect(rule.definite && rule.retriable, code).to.equal(false);
    }
  });

  it('makes errors that carry their code, its promises and a cause', () => {
    const cause = new Error('below');
    const error = new HearsayError('TIMEOUT', 'too slow', { cause });
    expect(error).to.be.instanceOf(Error);
    expect(error).to.include({ name: 'HearsayError', code: 'TIMEOUT', message: 'too slow', cause });
    expect(error).to.include({ definite: false, retriable: true });
    expect(new HearsayError('INVALID', 'no')).not.to.have.property('cause');
  });

  it('lets whoever knows more say that an error is definite', () => {
    const error = new HearsayError('UNAVAILABLE', 'nothing was sent', { definite: true });
    expect(error).to.include({ definite: true, retriable: true });
  });

  it('ends a process with status 4 on a fatal error', () => {
    const cause = new Error('EADDRINUSE');
    expect(new FatalError('the port is taken', { cause })).to.include({ exitStatus: 4, cause });
    expect(new FatalError('the port is taken')).not.to.have.property('cause');
  });

  it('keeps assertions on', () => {
    expect(() => assert(true, 'fine')).not.to.throw();
    expect(() => assert(0, 'a broken invariant')).to.throw(InvariantError, 'a broken invariant');
  });
});
