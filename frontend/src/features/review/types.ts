import type { Schemas } from '../../api/client.ts';

// What reviews are made of, as the API gives it; what the workplace itself makes of it is a Content.

export type Ref = Schemas['AuthorDTO'];
/** A review as lists show it. */
export type Item = Schemas['ReviewItem'];
/** A review with all that its reviewer needs. */
export type Review = Schemas['ReviewFullDTO'];
/** What the server keeps of a review that is not sent yet. */
export type Draft = Schemas['DraftDTO'];
export type DraftNote = Readonly<Schemas['DraftNote']>;
export type Kind = DraftNote['kind'];
export type Rubric = Schemas['RubricVersionDTO'];
export type Criterion = Schemas['CriterionDTO'];
export type Pass = Schemas['PassRuleDTO'];
export type Decision = 'pass' | 'retry' | 'fail';
export type Box = 'mine' | 'pool' | 'team' | 'done';
/** How much waits in a box. */
export type Summary = Schemas['ReviewSummaryDTO'];
/** What a review gave. */
export type Result = Schemas['ResultDTO'];
/** A phrase and whether it was said. */
export type Said = Schemas['SaidDTO'];
/** A result that is disputed. */
export type Dispute = Schemas['DisputeDTO'];
