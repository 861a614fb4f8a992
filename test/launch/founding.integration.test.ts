/** Whether the cluster of a data folder is founded, with real files. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { FatalError } from '../../src/base/errors.js';
import { SeededRandom } from '../../src/base/random.js';
import { type ClusterFolder, openClusterFolder } from '../../src/launch/founding.js';

describe('the founding of a cluster in a data folder', () => {
  let data: string;
  const random = new SeededRandom(1);

  beforeEach(() => {
    data = mkdtempSync(join(tmpdir(), 'hearsay-founding-'));
  });

  afterEach(() => {
    rmSync(data, { recursive: true, force: true });
  });

  const open = (): Promise<ClusterFolder> => openClusterFolder(data, random);
  const noted = (): unknown => JSON.parse(readFileSync(join(data, 'cluster.json'), 'utf8'));

  it('is noted before and after, and goes on under its id until it is done', async () => {
    const first = (await open()).founding;
    const clusterId = first?.clusterId;
    expect(noted()).to.deep.equal({ clusterId, founder: 'rm-1', founded: false });
    const again = (await open()).founding;
    expect(again).to.include({ clusterId, isDone: false });
    await again?.finish();
    expect(noted()).to.deep.equal({ clusterId, founder: 'rm-1', founded: true });
    expect((await open()).founding).to.include({ clusterId, isDone: true });
  });

  it('never happens again, even with all folders of replicas gone', async () => {
    await (await open()).founding?.finish();
    expect(await open()).to.have.nested.property('founding.isDone', true);
  });

  it('does not happen beside replicas whose members were fixed', async () => {
    mkdirSync(join(data, 'rm-2'));
    writeFileSync(join(data, 'rm-2', 'hearsay.json'), '{}');
    expect(await open()).to.deep.equal({ founding: null, replicas: [2] });
  });

  it('happens where a replica was only begun to be made', async () => {
    mkdirSync(join(data, 'rm-1', 'journal'), { recursive: true });
    expect((await open()).founding).to.have.property('isDone', false);
  });

  it('counts folders of replicas, but none that was put away', async () => {
    await open();
    for (const name of ['rm-10', 'rm-2', 'rm-5.retired-2026-01-01', 'rm-0', 'fe-1', 'log']) {
      mkdirSync(join(data, name));
    }
    expect((await open()).replicas).to.deep.equal([2, 10]);
  });

  for (const text of ['', '{"clusterId":', '[]', '{"clusterId":1,"founder":"a","founded":true}']) {
    it(`stops at a damaged note: ${text || 'empty'}`, async () => {
      writeFileSync(join(data, 'cluster.json'), text);
      const error: unknown = await open().catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(FatalError);
      expect(error)
        .to.have.property('message')
        .that.matches(/cluster\.json is damaged/);
    });
  }
});
