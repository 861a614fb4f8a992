import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { hungry } from '../../../src/service/hungry/hungry.js';
import { openFolderSource } from '../../../src/storage/folder-source.js';
import { openService } from '../support.js';

/** The repository's db/hungry, seen from the compiled test in dist/test/service/hungry. */
const SHIPPED = fileURLToPath(new URL('../../../../db/hungry', import.meta.url));

interface Dish {
  readonly item: string;
  readonly course: string;
  readonly price: number;
  readonly stock: number;
}

describe('shipped data of hungry', () => {
  it('is a menu of at least 30 dishes course by course, and a message', async () => {
    const opened = await openService(hungry, openFolderSource(SHIPPED, 'the shipped data'));
    const menu = opened.query('menu') as unknown as Dish[];
    const courses = menu.map(({ course }) => course);
    expect(menu).to.have.length.of.at.least(30);
    expect([...new Set(courses)]).to.deep.equal(
      courses.filter((course, place) => course !== courses[place - 1]),
    );
    expect(menu.every(({ price }) => price > 0)).to.equal(true);
    expect(menu.filter(({ stock }) => stock > 0)).to.have.length.of.at.least(30);
    expect(opened.query('motd')).to.match(/^Just Hungry/);
    opened.db.close();
  });
});
