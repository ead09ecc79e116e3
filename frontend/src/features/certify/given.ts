import type { Certificate } from './types.ts';

/** How the state of a certificate is coloured; its word stands beside. */
export const tones = { valid: 'good', expiring: 'warn', expired: 'plain', revoked: 'bad', replaced: 'plain' } as const;

/** It counts now. */
export const holds = ({ state }: Certificate): boolean => state === 'valid' || state === 'expiring';
