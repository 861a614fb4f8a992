import { expect } from 'chai';
import { findTableDamage } from '../../src/storage/table-check.js';

describe('the check of LevelDB tables', () => {
  it('says what is wrong with anything that is no table', () => {
    const magic = Buffer.from('57fb808b247547db', 'hex');
    expect(findTableDamage(Buffer.alloc(0))).to.include('does not end like a table');
    expect(findTableDamage(Buffer.alloc(100))).to.include('does not end like a table');
    expect(findTableDamage(Buffer.concat([Buffer.alloc(40), magic]))).to.include('checksum');
    expect(findTableDamage(Buffer.concat([Buffer.alloc(40, 0x7f), magic]))).to.include('bounds');
    expect(findTableDamage(Buffer.concat([Buffer.alloc(40, 0xff), magic]))).to.include('bounds');
  });
});
