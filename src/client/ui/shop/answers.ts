/**
 * What the ordering screen asks a service, and the shapes its answers must have to be shown. Whatever
 * else comes is refused here, so the rest of the screen works on types. Money is in whole pence.
 */

export interface Dish {
  readonly item: string;
  readonly name: string;
  readonly course: string;
  readonly price: number;
  /** How many can be ordered now. */
  readonly stock: number;
  readonly about?: string | undefined;
}

export interface Delivery {
  readonly delivery: string;
  readonly price: number;
  readonly minutes: number;
  readonly about: string;
}

/** One dish of a bill or an order; `price` is of one, `total` of all of them. */
export interface BillLine {
  readonly item: string;
  readonly name: string;
  readonly price: number;
  readonly quantity: number;
  readonly total: number;
}

export interface Bill {
  readonly items: readonly BillLine[];
  readonly delivery: Delivery;
  readonly tip: number;
  /** Dishes, delivery and tip. */
  readonly total: number;
}

/** What an order would cost, and of what there is not enough. */
export interface Cost extends Bill {
  readonly short: readonly { readonly item: string; readonly left: number }[];
}

export interface Order extends Bill {
  readonly orderId: number;
  readonly status: string;
}

export interface Details {
  readonly first: string;
  readonly last: string;
  readonly phone: string;
  readonly postcode: string;
  readonly address: string;
  /** Null where the postcode has no place on the map. */
  readonly latitude: number | null;
  readonly longitude: number | null;
}

/** The queries of the screen with the type of each one's answer. */
export interface Answers {
  readonly motd: string;
  readonly menu: readonly Dish[];
  readonly deliveries: readonly Delivery[];
  readonly cost: Cost;
  /** Newest first. */
  readonly orders: readonly Order[];
  /** Null: nothing is registered. */
  readonly details: Details | null;
}
export type Question = keyof Answers;

type Guard<Shape> = (value: unknown) => value is Shape;

const isText: Guard<string> = (value) => typeof value === 'string';
const isWhole: Guard<number> = (value): value is number => Number.isSafeInteger(value);

const maybe =
  <Absent extends null | undefined, Shape>(absent: Absent, is: Guard<Shape>) =>
  (value: unknown): value is Shape | Absent =>
    value === absent || is(value);

const listOf =
  <Shape>(is: Guard<Shape>): Guard<readonly Shape[]> =>
  (value): value is Shape[] =>
    Array.isArray(value) && value.every(is);

/** An object that has these fields, and maybe others. */
const shapeOf =
  <Shape>(fields: { readonly [Name in keyof Shape]-?: Guard<Shape[Name]> }): Guard<Shape> =>
  (value): value is Shape =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries<Guard<unknown>>(fields).every(([name, is]) =>
      is((value as Readonly<Record<string, unknown>>)[name]),
    );

const DELIVERY = { delivery: isText, price: isWhole, minutes: isWhole, about: isText };
const isDelivery = shapeOf<Delivery>(DELIVERY);
const LINE = { item: isText, name: isText, price: isWhole, quantity: isWhole, total: isWhole };
const BILL = {
  items: listOf(shapeOf<BillLine>(LINE)),
  delivery: isDelivery,
  tip: isWhole,
  total: isWhole,
};
const isCoordinate = maybe(null, (value): value is number => typeof value === 'number');

const SHAPES: { readonly [Name in Question]: Guard<Answers[Name]> } = {
  motd: isText,
  menu: listOf(
    shapeOf<Dish>({
      item: isText,
      name: isText,
      course: isText,
      price: isWhole,
      stock: isWhole,
      about: maybe(undefined, isText),
    }),
  ),
  deliveries: listOf(isDelivery),
  cost: shapeOf<Cost>({
    ...BILL,
    short: listOf(shapeOf<Cost['short'][number]>({ item: isText, left: isWhole })),
  }),
  orders: listOf(shapeOf<Order>({ ...BILL, orderId: isWhole, status: isText })),
  details: maybe(
    null,
    shapeOf<Details>({
      first: isText,
      last: isText,
      phone: isText,
      postcode: isText,
      address: isText,
      latitude: isCoordinate,
      longitude: isCoordinate,
    }),
  ),
};

/** The answers with one more; null when it has not the shape that is needed. */
export function withAnswer(
  answers: Partial<Answers>,
  question: Question,
  value: unknown,
): Partial<Answers> | null {
  return SHAPES[question](value) ? { ...answers, [question]: value } : null;
}

/** The result of `order`. */
export const isPlaced = shapeOf<{ readonly orderId: number; readonly total: number }>({
  orderId: isWhole,
  total: isWhole,
});

/** The result of `cancel`. */
export const isCancelled = shapeOf<{ readonly refund: number }>({ refund: isWhole });
