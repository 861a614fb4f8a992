import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMANDS, FORMS } from '../../src/launch/forms.js';
import { PROTOCOL_VERSIONS } from '../../src/wire/codec.js';
import { allPages, blocks, filesIn, prose, read, ROOT } from './pages.js';

interface Manifest {
  readonly version: string;
  readonly engines: { readonly node: string };
  readonly scripts: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;

/** The lines of a page's code: of its fenced blocks, and what stands in backticks. */
function codeLines(page: string): string[] {
  const inBlocks = blocks(page, '\\w*').flatMap((block) =>
    block.replaceAll('\\\n', ' ').split('\n'),
  );
  const inWords = [...prose(page).matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
  return [...inBlocks, ...inWords.map((code) => code.replaceAll('\n', ' '))];
}

/** `hearsay COMMAND words` and `./launch.sh words` in a page's code, as command and rest. */
function* commandLines(page: string): Generator<readonly [command: string, rest: string]> {
  for (const line of codeLines(page)) {
    const [, words] = /\.\/launch\.sh(.*)/.exec(line) ?? [];
    if (words !== undefined) yield ['up', words];
    const [, command, rest = ''] = /^ *(?:\$ )?hearsay ([a-z]+)(.*)/.exec(line) ?? [];
    if (command !== undefined) yield [command, rest];
  }
}

describe('commands on the pages', () => {
  it('exist, with the flags they are given', () => {
    let count = 0;
    for (const page of allPages()) {
      for (const [command, rest] of commandLines(page)) {
        if (command === 'help') continue;
        const known = COMMANDS.find((each) => each === command);
        expect(known, `${page}: hearsay ${command}`).not.to.equal(undefined);
        if (known === undefined) continue;
        const flags = FORMS[known].flags.map(({ name }) => name);
        for (const [, flag = ''] of rest.split('#')[0]?.matchAll(/ --([a-z-]+)/g) ?? []) {
          expect(flags, `${page}: hearsay ${command} --${flag}`).to.include(flag);
          count++;
        }
      }
    }
    expect(count).to.be.greaterThan(20);
  });

  it('of npm are scripts of package.json', () => {
    for (const page of allPages()) {
      for (const [, script = ''] of read(page).matchAll(/npm run ([a-z:]+)/g)) {
        expect(manifest.scripts, `${page}: npm run ${script}`).to.have.property(script);
      }
    }
  });

  it('run compiled examples that there are', () => {
    const examples = filesIn('examples', '.ts').map((file) => file.replace(/\.ts$/, '.js'));
    const named = allPages().flatMap((page) => [
      ...read(page).matchAll(/node dist\/(examples\/\S+\.js)/g),
    ]);
    expect(named.length).to.be.greaterThan(1);
    for (const [, file] of named) expect(examples).to.include(file);
    for (const file of examples)
      expect(read(file.replace(/\.js$/, '.ts'))).to.include(`node dist/${file}`);
  });
});

describe('versions on the pages', () => {
  it('are those of package.json', () => {
    const [, node = ''] = /^>=(\d+\.\d+)/.exec(manifest.engines.node) ?? [];
    for (const page of ['README.md', 'CONTRIBUTING.md']) {
      const told = [...read(page).matchAll(/Node (\d+\.\d+) or newer/g)].map((match) => match[1]);
      expect(told, page).to.deep.equal([node]);
    }
    const [, release = ''] = /^(\d+\.\d+)\./.exec(manifest.version) ?? [];
    expect(read('README.md')).to.include(`Version ${release} has`);
  });

  it('of the protocol is the one that is spoken', () => {
    expect(read('docs/protocol.md')).to.match(
      new RegExp(`^# The protocol\\n\\nVersion ${PROTOCOL_VERSIONS[1]}\\.`),
    );
  });
});

describe('snippets', () => {
  it('are copied from the examples, which are compiled', () => {
    const examples = filesIn('examples', '.ts').map(read);
    const snippets = allPages().flatMap((page) => blocks(page, 'ts'));
    expect(snippets.length).to.be.greaterThan(0);
    for (const snippet of snippets) {
      expect(
        examples.some((example) => example.includes(snippet)),
        snippet,
      ).to.equal(true);
    }
  });
});
