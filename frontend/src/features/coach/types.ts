import type { Schemas } from '../../api/client.ts';

export type FeedbackAsk = Schemas['FeedbackAskDTO'];
export type Assignment = Schemas['AssignmentDTO'];
export type Promotion = Schemas['PromotionDTO'];
export type Promise_ = Schemas['PromiseDTO'];
export type OneToOne = Schemas['OneToOneDTO'];
export type Coached = Schemas['CoachedDTO'];
export type Cadence = Schemas['CadenceDTO'];
export type Video = Schemas['VideoDTO'];
