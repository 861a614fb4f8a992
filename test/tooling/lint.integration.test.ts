/**
 * The tools behind `npm run lint` report what they are there to report: a tree that keeps the rules
 * passes each of them, then one fault for each rule is planted and must be named by its tool.
 */

import { expect } from 'chai';
import { CLEAN_TREE, FAULTS, type LintTool } from './lint-faults.js';
import { type Finished, ProjectCopy } from './project-copy.js';

const TOOL_FILES = [
  ...['tsconfig.json', 'tsconfig.core.json', '.oxlintrc.json', 'biome.json', 'knip.json'],
  ...['scripts/check-imports.mjs'],
];

const PACKAGE = {
  ...{ name: 'planted', version: '1.0.0', type: 'module', license: 'MIT', files: ['dist'] },
  ...{ main: './dist/src/index.js', exports: { '.': './dist/src/index.js' } },
  dependencies: { msgpackr: '2.1.3', zod: '4.6.7' },
};

const packageText = (changes: object): string =>
  `${JSON.stringify({ ...PACKAGE, ...changes }, null, 2)}\n`;

const RUNS: Readonly<Record<LintTool, (project: ProjectCopy) => Promise<Finished>>> = {
  oxlint: (project) => project.tool('oxlint', '--format', 'unix', 'src'),
  core: (project) => project.tool('tsc', '-p', 'tsconfig.core.json', '--pretty', 'false'),
  imports: (project) =>
    project.run(process.execPath, ['scripts/check-imports.mjs', project.folder]),
  format: (project) =>
    project.tool('biome', 'format', '--colors=off', '--max-diagnostics=none', 'src'),
  knip: (project) => project.tool('knip', '--no-progress'),
};

const TOOLS = Object.keys(RUNS) as LintTool[];

const outputOf = ({ stdout, stderr }: Finished): string => `${stdout}\n${stderr}`;

describe('lint', () => {
  const project = new ProjectCopy(TOOL_FILES);
  after(() => project.remove());

  before(() => {
    project.linkModules();
    project.write('package.json', packageText({}));
    for (const [path, text] of Object.entries(CLEAN_TREE)) project.write(path, text);
  });

  describe('on a tree that keeps the rules', () => {
    for (const tool of TOOLS) {
      it(`passes: ${tool}`, async () => {
        const finished = await RUNS[tool](project);
        expect(finished.status, outputOf(finished)).to.equal(0);
      });
    }
  });

  describe('on planted faults', () => {
    const results = new Map<LintTool, Finished>();
    before(async () => {
      for (const tool of TOOLS) {
        // By themselves: the types of a wrongly imported package may bring names that hide a fault.
        const planted = FAULTS.filter((fault) => fault.tool === tool);
        for (const { path, text } of planted) project.write(path, text);
        results.set(tool, await RUNS[tool](project));
        for (const { path } of planted) project.delete(path);
        for (const [path, text] of Object.entries(CLEAN_TREE)) project.write(path, text);
      }
    });

    for (const tool of TOOLS) {
      it(`fails: ${tool}`, () => {
        expect(results.get(tool)?.status).to.be.greaterThan(0);
      });
    }

    for (const { name, tool, path, report } of FAULTS) {
      it(name, () => {
        const finished = results.get(tool);
        const lines = finished === undefined ? [] : outputOf(finished).split('\n');
        const about = lines.filter((line) => line.includes(path));
        expect(about.filter((line) => line.includes(report))).to.have.lengthOf.at.least(
          1,
          `${tool} should say '${report}' of ${path}; it says:\n${about.join('\n')}`,
        );
      });
    }
  });

  describe('on the package', () => {
    it('reports a dependency that nothing uses', async () => {
      const dependencies = { ...PACKAGE.dependencies, ws: '8.23.0' };
      project.write('package.json', packageText({ dependencies }));
      const finished = await RUNS.knip(project);
      expect(finished.status).to.equal(1);
      expect(finished.stdout).to.match(/Unused dependencies[^]*ws /);
    });

    it('reports an entry that is not in the package, and passes when it is', async () => {
      project.write('package.json', packageText({}));
      const missing = await project.tool('publint', '--strict');
      expect(missing.status, outputOf(missing)).to.equal(1);
      expect(outputOf(missing)).to.include('./dist/src/index.js but the file does not exist');

      project.write('dist/src/index.js', 'export const used = 1;\n');
      const present = await project.tool('publint', '--strict');
      expect(present.status, outputOf(present)).to.equal(0);
    });
  });
});
