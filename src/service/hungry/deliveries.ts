/** How an order gets to the customer. The same for all clusters: prices and times are part of the service. */

export const DELIVERY_NAMES = ['standard', 'express', 'collect'] as const;

export type DeliveryName = (typeof DELIVERY_NAMES)[number];

/** One choice, with its price in pence and the time it takes in minutes. */
export type Delivery = {
  readonly delivery: DeliveryName;
  readonly price: number;
  readonly minutes: number;
  readonly about: string;
};

const TERMS: Readonly<Record<DeliveryName, Omit<Delivery, 'delivery'>>> = {
  standard: { price: 299, minutes: 45, about: 'by bicycle, with the next round' },
  express: { price: 549, minutes: 25, about: 'by a rider who comes straight to you' },
  collect: { price: 0, minutes: 15, about: 'you fetch it at the counter' },
};

export const deliveryNamed = (delivery: DeliveryName): Delivery => ({
  delivery,
  ...TERMS[delivery],
});
