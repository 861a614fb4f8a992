import { expect } from 'chai';
import { checkHistory } from '../../src/check/check-history.js';
import { expectBroken, expectKept } from './support.js';
import { kitchen, type Row, totalOf } from './hungry-support.js';

const AGREE = 'results agree with the order';
const soup = { soup: 1 };
const bread = { bread: 2 };
const one: Row = { orderId: 1, quantities: soup };
const two: Row = { orderId: 2, quantities: bread };

describe('check/hungry: orders', () => {
  it('rejects a history without an accepted order, or with it twice', () => {
    const history = (...rows: readonly Row[]) =>
      kitchen().order('ann', soup, 1, 3).order('ann', bread, 2, 5).orders('ann', rows, 7).hungry();
    expectKept(history(two, one));
    expectBroken(history(two), 'accepted orders are kept', 'does not show order 1', '#0 order');
    expectBroken(history(one), 'accepted orders are kept', 'does not show order 2');
    expectBroken(history(), 'accepted orders are kept', '1 more are missing');
    expectBroken(history(two, one, one), 'exactly once', 'each once');
    expectBroken(history({ ...two, orderId: 3 }, two, one), 'exactly once', 'another number');
  });

  it('rejects what was never asked for, and what was refused', () => {
    const history = (last: 'refused' | 'unknown' | 'never', rows: readonly Row[]) => {
      const all = kitchen().order('ann', soup, 1, 3);
      if (last === 'refused') all.orderRefused('ann', bread, 4);
      if (last === 'unknown') all.orderUnknown('ann', bread);
      return all.orders('ann', rows, 7).hungry();
    };
    expectKept(history('refused', [one]));
    expectKept(history('unknown', [one]));
    expectKept(history('unknown', [two, one]));
    expectBroken(history('refused', [two, one]), 'refused means never', 'order 2', '#1 order');
    expectBroken(history('never', [two, one]), 'no thin air', 'did not ask for');
  });

  it('rejects an order of unknown outcome that was placed twice, or that goes away again', () => {
    const history = (...answers: readonly (readonly Row[])[]) =>
      answers
        .reduce(
          (all, rows, index) => all.orders('ann', rows, 7 + index),
          kitchen().order('ann', soup, 1, 3).orderUnknown('ann', bread),
        )
        .hungry();
    expectKept(history([one], [two, one], [two, one]));
    expectBroken(history([{ ...two, orderId: 3 }, two, one]), 'no thin air', 'order 3');
    expectBroken(history([two, one], [one]), 'accepted orders are kept', 'order 2');
  });

  it('rejects a number that was given twice', () => {
    const history = (second: number) =>
      kitchen().order('ann', soup, 1, 3).order('bob', soup, second, 5).hungry();
    expectKept(history(2));
    expectBroken(history(1), 'exactly once', 'two orders were given the number 1', '#0', '#1');
  });

  it('rejects numbers that do not grow with places, or skip some', () => {
    const history = (first: number, second: number, isUnknown = false) => {
      const all = kitchen();
      if (isUnknown) all.orderUnknown('joe', soup);
      return all.order('ann', soup, first, 3).order('bob', soup, second, 5).hungry();
    };
    expectKept(history(1, 2));
    expectKept(history(1, 3, true));
    expectKept(history(2, 3, true));
    expectBroken(history(2, 1), AGREE, 'does not fit its place');
    expectBroken(history(1, 3), AGREE, 'is too great');
    expectBroken(history(2, 4, true), AGREE, 'is too great');
    expectBroken(history(1, 4, true), AGREE, 'does not fit its place');
    expectBroken(history(4, 5, true), AGREE, 'does not fit its place');
  });

  it('rejects an answer at a place before the order that it shows', () => {
    const history = (place: number) =>
      kitchen()
        .order('ann', soup, 1, 5, { called: 1, returned: 20 })
        .orders('ann', [one], place, { called: 2, returned: 10 })
        .hungry();
    expectKept(history(5));
    expectBroken(history(4), AGREE, 'has a later place');
  });

  it('rejects an order shown with other dishes, or to somebody else', () => {
    const history = (user: string, row: Row) =>
      kitchen().order('ann', soup, 1, 3).orders(user, [row], 7).hungry();
    expectKept(history('ann', one));
    expectBroken(history('ann', { ...one, quantities: bread }), AGREE, 'other dishes');
    expectBroken(history('ann', { ...one, tip: 5 }), AGREE);
    expectBroken(history('bob', one), AGREE, 'another user');
  });

  it('asks an answer only for what it covers', () => {
    const history = (args: Record<string, number>, rows: readonly Row[]) => {
      const all = kitchen().order('ann', soup, 1, 3).order('ann', bread, 2, 5);
      const shown = kitchen().orders('ann', rows, 7).operations[0]?.outcome;
      const value = shown?.kind === 'answered' ? shown.value : null;
      return all.shown('ann', 'orders', args, value, 7, { user: 'ann' }).hungry();
    };
    expectKept(history({ limit: 1 }, [two]));
    expectKept(history({ before: 2 }, [one]));
    expectBroken(history({ limit: 1 }, [one]), 'accepted orders are kept', 'order 2');
    expectBroken(history({ before: 2 }, [two]), 'exactly once');
    expectBroken(history({ limit: 2, before: 3 }, [two]), 'accepted orders are kept', 'order 1');
  });

  it('rejects two answers to one question at one place', () => {
    const history = (rows: readonly Row[]) =>
      kitchen()
        .orderUnknown('ann', soup)
        .orders('ann', [one], 7, { called: 10, returned: 20 })
        .orders('ann', rows, 7, { called: 11, returned: 21 })
        .hungry();
    expectKept(history([one]));
    const promises = checkHistory(history([])).violations.map(({ promise }) => promise);
    expect(promises).to.contain('one state at each place');
  });
});

describe('check/hungry: cancels', () => {
  const refund = totalOf(soup);
  const cancelled: Row = { ...one, status: 'cancelled' };

  it('rejects an accepted cancel that does not show, and what nobody cancelled', () => {
    const history = (how: 'done' | 'refused' | 'unknown' | 'never', row: Row, place = 7) => {
      const all = kitchen().order('ann', soup, 1, 3);
      if (how === 'done') all.cancel('ann', 1, refund, 5);
      if (how === 'unknown') all.cancelUnknown('ann', 1);
      if (how === 'refused') all.failed('ann', 'cancel', { orderId: 1 }, { user: 'ann' });
      return all.orders('ann', [row], place).hungry();
    };
    expectKept(history('done', cancelled));
    expectKept(history('unknown', cancelled));
    expectKept(history('unknown', one));
    expectKept(history('refused', one));
    expectBroken(history('done', one), AGREE, 'as placed, after #1 cancel');
    expectBroken(history('never', cancelled), 'no thin air', 'nobody did');
    expectBroken(history('refused', cancelled), 'refused means never', '#1 cancel');
  });

  it('rejects a cancelled order that is placed again', () => {
    const history = (...rows: readonly Row[]) =>
      rows
        .reduce(
          (all, row, index) => all.orders('ann', [row], 7 + index),
          kitchen().order('ann', soup, 1, 3).cancelUnknown('ann', 1),
        )
        .hungry();
    expectKept(history(one, cancelled, cancelled));
    expectBroken(history(cancelled, one), AGREE, 'it was shown as cancelled');
  });

  it('rejects active orders that are cancelled, or that are missing', () => {
    const history = (isCancelled: boolean, rows: readonly Row[]) => {
      const all = kitchen().order('ann', soup, 1, 3);
      if (isCancelled) all.cancel('ann', 1, refund, 5);
      return all.active('ann', rows, 7).hungry();
    };
    expectKept(history(true, []));
    expectKept(history(false, [one]));
    expectBroken(history(true, [one]), AGREE, 'as placed');
    expectBroken(history(true, [cancelled]), AGREE, 'which is cancelled');
    expectBroken(history(false, []), 'accepted orders are kept');
  });

  it('rejects a second cancel, one of nothing, of somebody else, and a wrong refund', () => {
    const history = (user: string, orderId: number, pence: number, place = 5) =>
      kitchen()
        .order('ann', soup, 1, 3, { called: 1, returned: 30 })
        .cancel(user, orderId, pence, place, { called: 2, returned: 31 })
        .hungry();
    expectKept(history('ann', 1, refund));
    expectBroken(history('bob', 1, refund), AGREE, 'by the same user');
    expectBroken(history('ann', 1, refund + 1), AGREE, 'is the refund');
    expectBroken(history('ann', 1, refund, 2), AGREE, 'at an earlier place');
    expectBroken(history('ann', 2, refund), AGREE, 'placed no such order');
    const twice = (kind: 'cancel' | 'refused') => {
      const all = kitchen().order('ann', soup, 1, 3).cancel('ann', 1, refund, 5);
      return kind === 'cancel'
        ? all.cancel('ann', 1, refund, 6).hungry()
        : all.cancelRefused('ann', 1, 6).hungry();
    };
    expectKept(twice('refused'));
    expectBroken(twice('cancel'), 'exactly once', 'cancelled twice');
  });

  it('rejects a refusal without reason', () => {
    const history = (user: string, orderId: number, place: number, isUnknown = false) => {
      const all = kitchen().order('ann', soup, 1, 3, { called: 1, returned: 30 });
      if (isUnknown) all.cancelUnknown('ann', 1);
      return all.cancelRefused(user, orderId, place, { called: 5, returned: 35 }).hungry();
    };
    expectKept(history('bob', 1, 5));
    expectKept(history('ann', 2, 5));
    expectKept(history('ann', 1, 2));
    expectKept(history('ann', 1, 5, true));
    expectBroken(history('ann', 1, 5), 'no false refusal', 'nobody had cancelled');
  });

  it('knows a cancel of an order of unknown outcome', () => {
    const history = (isPlaced: boolean) => {
      const all = kitchen();
      if (isPlaced) all.orderUnknown('ann', soup);
      return all.cancel('ann', 1, refund, 5).hungry();
    };
    expectKept(history(true));
    expectBroken(history(false), AGREE, 'placed no such order');
  });
});
