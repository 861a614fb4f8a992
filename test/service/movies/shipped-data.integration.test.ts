import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { movies } from '../../../src/service/movies/movies.js';
import { openFolderSource } from '../../../src/storage/folder-source.js';
import { openService } from '../support.js';

/** The repository's db/movies, seen from the compiled test in dist/test/service/movies. */
const SHIPPED = fileURLToPath(new URL('../../../../db/movies', import.meta.url));

describe('shipped data of movies', () => {
  it('can be imported and asked', async () => {
    const opened = await openService(movies, openFolderSource(SHIPPED, 'the shipped data'));
    const top = opened.query('top') as { movieId: number; mean: number; count: number }[];
    expect(top).to.have.length(10);
    const [best] = top;
    expect(opened.query('average', { movieId: best?.movieId })).to.deep.equal({
      mean: best?.mean,
      count: best?.count,
    });
    for (const user of ['1', '610']) {
      expect(opened.query('ratings', {}, user)).to.have.length.greaterThan(0);
    }
    opened.db.close();
  });
});
