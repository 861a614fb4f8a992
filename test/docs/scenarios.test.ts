import { expect } from 'chai';
import { filesIn, read, tableRows } from './pages.js';

const PAGE = 'docs/testing.md';

/** The scenarios that a test names: "scenario 13: …" in a title, "SCENARIOS 3 and 4" in its first lines. */
function scenariosOf(file: string): number[] {
  const text = read(file).replace(/\n\s*\*/g, ' ');
  const mentions = text.matchAll(/\bscenarios? (\d+(?:(?:, \d+)* and \d+)?)/gi);
  return [...mentions].flatMap(([, list = '']) => list.split(/, | and /).map(Number));
}

/** What the tests say: a line a scenario, `13: a.test.ts b.test.ts`. */
function shownByTests(): string[] {
  const files = new Map<number, Set<string>>();
  for (const file of filesIn('test', '.test.ts')) {
    if (file.startsWith('test/docs/')) continue;
    for (const scenario of scenariosOf(file)) {
      files.set(scenario, (files.get(scenario) ?? new Set()).add(file));
    }
  }
  return [...files]
    .sort(([one], [other]) => one - other)
    .map(([scenario, shownBy]) => `${scenario}: ${[...shownBy].sort().join(' ')}`);
}

describe('the map from scenarios to tests', () => {
  it('is what the tests say', () => {
    const told = tableRows(PAGE)
      .filter(([scenario = '']) => /^\d+$/.test(scenario))
      .map(([scenario, , shownBy = '']) => {
        const files = [...shownBy.matchAll(/`([^`]+)`/g)].map((match) => `test/${match[1]}`);
        return `${scenario}: ${files.sort().join(' ')}`;
      });
    expect(told, `correct the table in ${PAGE}`).to.deep.equal(shownByTests());
  });

  it('has all that this version promises to survive', () => {
    const scenarios = shownByTests().map((line) => Number(line.split(':')[0]));
    expect([...new Set(scenarios)]).to.deep.equal(Array.from({ length: 25 }, (_, i) => i + 1));
  });
});
