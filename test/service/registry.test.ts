import { expect } from 'chai';
import { HearsayError } from '../../src/base/errors.js';
import { serviceByName, services } from '../../src/service/registry.js';

describe('registry of services', () => {
  it('finds each service by its name', () => {
    expect([...services.keys()]).to.deep.equal(['movies', 'kv', 'hungry']);
    for (const [name, service] of services) expect(serviceByName(name)).to.equal(service);
  });

  it('names those there are', () => {
    expect(() => serviceByName('films'))
      .to.throw(HearsayError, 'there is no service "films"; choose from hungry, kv, movies')
      .with.property('code', 'INVALID');
    expect(() => serviceByName('movie')).to.throw(HearsayError, 'did you mean movies?');
  });
});
