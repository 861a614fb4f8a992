import { expect } from 'chai';
import { createFormatter } from '../../src/observe/formatter.js';
import { formatJson } from '../../src/observe/json.js';
import { formatText } from '../../src/observe/text.js';

const event = { at: 0, host: 'rm-1', event: 'connected', to: 'rm-2' };

describe('observe: formatter', () => {
  it('gives a line for each event as text and as JSON, and nothing at the end', () => {
    const text = createFormatter('text');
    expect([text.add(event), text.end()]).to.deep.equal([formatText(event), null]);
    const json = createFormatter('json');
    expect([json.add(event), json.end()]).to.deep.equal([formatJson(event), null]);
  });

  it('gives the ShiViz log at the end', () => {
    const shiviz = createFormatter('shiviz');
    expect(shiviz.add(event)).to.equal(null);
    expect(shiviz.end()).to.equal(
      String.raw`(?<event>.*)\n(?<host>\S*) (?<clock>{.*})` +
        '\n\nconnected → rm-2\nrm-1 {"rm-1":1}',
    );
  });
});
