import { expect } from 'chai';
import fc from 'fast-check';
import { formatAddress, parseAddress } from '../../src/transport/address.js';
import { NuisanceReporter } from '../../src/transport/nuisances.js';
import {
  closeMessage,
  dialWords,
  errorCodeOf,
  listenWords,
  lostWords,
  peerCloseWords,
} from '../../src/transport/words.js';

describe('addresses', () => {
  it('are read with and without the scheme', () => {
    const address = { host: '127.0.0.1', port: 7100 };
    expect(parseAddress('127.0.0.1:7100')).to.deep.equal(address);
    expect(parseAddress('ws://127.0.0.1:7100')).to.deep.equal(address);
    expect(parseAddress('ws://127.0.0.1:7100/')).to.deep.equal(address);
    expect(parseAddress('rm-1.example.org:65535')).to.deep.equal({
      host: 'rm-1.example.org',
      port: 65_535,
    });
  });

  it('of IPv6 stand in brackets', () => {
    expect(parseAddress('[::1]:80')).to.deep.equal({ host: '::1', port: 80 });
    expect(formatAddress({ host: '::1', port: 80 })).to.equal('[::1]:80');
    expect(parseAddress('::1:80')).to.equal(null);
  });

  for (const text of [
    '',
    ':1',
    'a',
    'a:',
    'a:65536',
    'a:-1',
    'a:1x',
    'wss://a:1',
    'a b:1',
    'a:1/x',
  ]) {
    it(`are not of the form "${text}"`, () => expect(parseAddress(text)).to.equal(null));
  }
});

describe('words', () => {
  it('cut a close message to what a close frame holds, between characters', () => {
    expect(closeMessage('x'.repeat(200))).to.equal('x'.repeat(123));
    expect(closeMessage('€'.repeat(60))).to.equal('€'.repeat(41));
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        const message = closeMessage(text);
        expect(Buffer.byteLength(message)).to.be.at.most(123);
        expect(Buffer.from(message).toString()).to.equal(message);
      }),
    );
  });

  it('let no control character of a peer through', () => {
    expect(peerCloseWords(1002, 'a\nb\u001b[2Jc\u2028d')).to.equal(
      'the peer closed the connection (code 1002): a b [2Jc d',
    );
  });

  it('say nothing of an ordinary end', () => {
    expect([peerCloseWords(1000, 'bye'), peerCloseWords(1001, 'bye')]).to.deep.equal([null, null]);
    expect(peerCloseWords(1011, '')).to.equal('the peer closed the connection (code 1011)');
  });

  it('name the address and what to do', () => {
    expect(dialWords('h:1', 'ECONNREFUSED')).to.equal('nothing listens at h:1');
    expect(dialWords('h:1', 'EWHATEVER')).to.equal('cannot reach h:1 (EWHATEVER)');
    expect(listenWords('h:1', 'EADDRINUSE')).to.match(/^h:1 is in use .* choose another port$/);
    expect(listenWords('h:1', 'EADDRNOTAVAIL')).to.contain('no address of this machine');
    expect(listenWords('h:1', 'EACCES')).to.contain('choose a port from 1024 upward');
    expect(lostWords('ECONNRESET')).to.equal('the connection was reset by the peer');
  });

  it('know an error by its code, else by its message', () => {
    expect(errorCodeOf(Object.assign(new Error('long'), { code: 'EPIPE' }))).to.equal('EPIPE');
    expect(errorCodeOf(new Error('long'))).to.equal('long');
    expect(errorCodeOf('thrown text')).to.equal('thrown text');
  });
});

describe('NuisanceReporter', () => {
  it('tells the first of a kind in full and counts the others until the period ends', () => {
    const told: string[] = [];
    const reporter = new NuisanceReporter((what) => told.push(what));
    for (let i = 0; i < 1000; i++) reporter.report('text', `peer ${i} sent text`);
    reporter.report('silent', 'peer x was silent');
    reporter.endPeriod();
    reporter.endPeriod();
    reporter.report('text', 'peer y sent text');
    expect(told).to.deep.equal([
      'peer 0 sent text',
      'peer x was silent',
      '999 more text frames',
      'peer y sent text',
    ]);
  });
});
