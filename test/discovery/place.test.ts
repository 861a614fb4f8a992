import { expect } from 'chai';
import { HearsayError } from '../../src/base/errors.js';
import { readPlace } from '../../src/discovery/place.js';

describe('what --discover takes', () => {
  const GOOD = {
    'h1:7200': { kind: 'seeds', addresses: ['h1:7200'] },
    'h1:7200,[::1]:7201,h1:7200': { kind: 'seeds', addresses: ['h1:7200', '[::1]:7201'] },
    'ws://h1:7100,ws://h2:7100': { kind: 'seeds', addresses: ['h1:7100', 'h2:7100'] },
    'dns://rm.default.svc:7200': { kind: 'dns', name: { host: 'rm.default.svc', port: 7200 } },
    'etcd://h1:2379/c': { kind: 'etcd', hosts: ['h1:2379'], prefix: 'c' },
    'ETCD://h1:2379,h2:2379/a/b-1/': {
      kind: 'etcd',
      hosts: ['h1:2379', 'h2:2379'],
      prefix: 'a/b-1',
    },
  };
  for (const [text, place] of Object.entries(GOOD)) {
    it(`reads ${text}`, () => expect(readPlace('--discover', text)).to.deep.equal(place));
  }

  const BAD = {
    '': '"" is no HOST:PORT',
    h1: '"h1" is no HOST:PORT',
    'h1:7200,,h2:7200': '"" is no HOST:PORT',
    'h1:99999': '"h1:99999" is no HOST:PORT',
    'dns://rm': 'dns:// takes NAME:PORT',
    'dns://h1:7200,h2:7200': 'dns:// takes NAME:PORT',
    'etcd://h1:2379': 'a prefix of its own',
    'etcd://h1:2379/': 'a prefix of its own',
    'etcd://h1:2379//c': 'a prefix of its own',
    'etcd://h1:2379/c d': 'a prefix of its own',
    'etcd://h1/c': '"h1" is no HOST:PORT',
    'etcd://user:secret@h1:2379/c': 'is no HOST:PORT',
    'consul://h1:8500': 'consul:// is not known',
    'http://h1:2379/c': 'http:// is not known',
  };
  for (const [text, says] of Object.entries(BAD)) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(() => readPlace('--discover', text))
        .to.throw(HearsayError, says)
        .with.property('code', 'INVALID');
    });
  }

  it('says which flag it was and what it takes', () => {
    expect(() => readPlace('--discover', 'x')).to.throw(
      '--discover must be HOST:PORT,… or dns://NAME:PORT or etcd://HOST:2379,…/PREFIX',
    );
  });
});
