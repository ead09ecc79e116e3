import { Outbox } from './outbox.ts';

/** The takes on this phone: one box for every screen that records, shows or waits for them. */
export const outbox = new Outbox();
