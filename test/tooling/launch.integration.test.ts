/**
 * launch.sh in a project of its own whose `hearsay` prints what it was given, with a stand-in for npm
 * that installs by linking. launch.ps1 cannot run here: it is parsed with the grammar that VS Code uses.
 */

import { chmodSync, mkdirSync, readFileSync, utimesSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import treeSitter from '@vscode/tree-sitter-wasm';
import { expect } from 'chai';
import { PROJECT, ProjectCopy } from './project-copy.js';

const STAND_IN = `import { readFileSync } from 'node:fs';

const [...args] = process.argv.slice(2);
process.stdout.write(JSON.stringify({ cwd: process.cwd(), args, input: readFileSync(0, 'utf8') }));
`;

/** Installs, slowly and talkatively, and takes whatever it finds on stdin. */
const NPM = `#!/bin/sh
[ "$1" = ci ] || exit 0
cat >> stdin-taken
echo installed >> npm-log
echo 'noise of npm'
sleep 0.5
rm -rf node_modules
mkdir node_modules
ln -s "$REAL_MODULES"/* node_modules/
touch node_modules/.package-lock.json
`;

describe('launch.sh', () => {
  let project: ProjectCopy;
  const environment = (): Record<string, string> => ({
    PATH: `${project.path('fake-bin')}${delimiter}${process.env.PATH ?? ''}`,
    REAL_MODULES: join(PROJECT, 'node_modules'),
  });
  const launch = (commandArguments: string[], input = '') =>
    project.run(project.path('launch.sh'), commandArguments, {
      input,
      cwd: tmpdir(),
      env: environment(),
    });

  beforeEach(() => {
    project = new ProjectCopy([
      ...['launch.sh', 'scripts/prepare.mjs', 'scripts/build.mjs', 'tsconfig.json'],
      ...['package.json', 'package-lock.json'],
    ]);
    project.write('src/launch/main.ts', STAND_IN);
    project.write('db/data.csv', 'a\n');
    project.write('fake-bin/npm', NPM);
    chmodSync(project.path('fake-bin/npm'), 0o755);
  });
  afterEach(() => project.remove());

  it('installs and builds in a fresh clone, then hands over arguments, folder and stdin', async () => {
    const first = await launch(['2', '4', '42', '--data', './my data'], 'average movieId=1\n');
    expect(first.status, first.stderr).to.equal(0);
    expect(JSON.parse(first.stdout)).to.deep.equal({
      cwd: tmpdir(),
      args: ['up', '2', '4', '42', '--data', './my data'],
      input: 'average movieId=1\n',
    });
    expect(first.stderr).to.include('noise of npm').and.to.include('building');
    expect(readFileSync(project.path('stdin-taken'), 'utf8')).to.equal('');

    const second = await launch(['1', '1', '1']);
    expect(second.status).to.equal(0);
    expect(second.stderr).to.equal('');
  });

  it('installs and builds once when several start at the same time', async () => {
    const all = await Promise.all([launch(['1', '1', '1']), launch(['1']), launch(['1'])]);
    for (const { status, stderr } of all) expect(status, stderr).to.equal(0);
    expect(readFileSync(project.path('npm-log'), 'utf8')).to.equal('installed\n');
    expect(all.filter(({ stderr }) => stderr.includes('building'))).to.have.lengthOf(1);
  });

  it('builds again after a change, even if a start died while it built', async () => {
    await launch([]);
    project.write('src/launch/main.ts', "process.stdout.write('changed');\n");
    const ahead = new Date(Date.now() + 1000);
    utimesSync(project.path('src/launch/main.ts'), ahead, ahead);
    project.write('.launch-lock', '99999999');
    const { status, stdout, stderr } = await launch([]);
    expect(status, stderr).to.equal(0);
    expect(stdout).to.equal('changed');
  });

  it('installs again when package-lock.json is newer', async () => {
    await launch([]);
    const ahead = new Date(Date.now() + 1000);
    utimesSync(project.path('package-lock.json'), ahead, ahead);
    await launch([]);
    expect(readFileSync(project.path('npm-log'), 'utf8')).to.equal('installed\ninstalled\n');
  });

  it('says what failed and starts nothing when the build or npm fails', async () => {
    project.write('src/broken.ts', 'const = 1;\n');
    const build = await launch([]);
    expect(build).to.include({ status: 1, stdout: '' });
    expect(build.stderr).to.include('src/broken.ts').and.to.include('build.mjs` failed');

    project.write('fake-bin/npm', '#!/bin/sh\n[ "$1" = ci ] && exit 7\nexit 0\n');
    const ahead = new Date(Date.now() + 1000);
    utimesSync(project.path('package-lock.json'), ahead, ahead);
    const install = await launch([]);
    expect(install).to.include({ status: 1, stdout: '' });
    expect(install.stderr).to.include('npm ci').and.to.include('failed (7)');
  });

  it('asks for Node.js where there is none', async () => {
    mkdirSync(project.path('empty-bin'));
    const { status, stdout, stderr } = await project.run(
      '/bin/bash',
      [project.path('launch.sh'), '1', '1', '1'],
      { env: { PATH: project.path('empty-bin') } },
    );
    expect({ status, stdout }).to.deep.equal({ status: 1, stdout: '' });
    expect(stderr).to.include('Node.js 20.19 or newer is needed, and no node was found');
  });

  it('refuses an old Node.js', async () => {
    // The check reads process.versions, which a preloaded script can set.
    project.write(
      'old.cjs',
      "Object.defineProperty(process, 'versions', { value: { node: '20.18.3' } });\n",
    );
    const { status, stderr } = await project.run(process.execPath, [
      ...['--require', project.path('old.cjs'), project.path('scripts/prepare.mjs')],
    ]);
    expect(status).to.equal(1);
    expect(stderr).to.include('Node.js 20.19 or newer is needed, this is 20.18.3');
  });
});

describe('launch.ps1', () => {
  const parser = async (): Promise<treeSitter.Parser> => {
    await treeSitter.Parser.init();
    const grammar = '@vscode/tree-sitter-wasm/wasm/tree-sitter-powershell.wasm';
    const path = createRequire(import.meta.url).resolve(grammar);
    return new treeSitter.Parser().setLanguage(await treeSitter.Language.load(path));
  };
  const hasError = async (text: string): Promise<boolean> =>
    (await parser()).parse(text)?.rootNode.hasError ?? true;
  const script = readFileSync(join(PROJECT, 'launch.ps1'), 'utf8');

  it('parses', async () => {
    expect(await hasError(script)).to.equal(false);
  });

  it('would be flagged if it did not', async () => {
    expect(await hasError(script.replace('}', ''))).to.equal(true);
    expect(await hasError(script.replace("'hearsay:", 'hearsay:'))).to.equal(true);
  });
});
