import type { Schemas } from '../../api/client.ts';

// The shapes of the API by short names, as this feature speaks of them.

export type Video = Schemas['VideoDTO'];
export type Rubric = Schemas['RubricVersionDTO'];
export type Criterion = Schemas['CriterionDTO'];
export type Pass = Schemas['PartPassDTO'];
export type Certificate = Schemas['CertificateDTO'];
export type Enrolment = Schemas['EnrolmentDTO'];
export type EnrolmentFull = Schemas['EnrolmentFullDTO'];
export type Practice = Schemas['PracticeDTO'];
export type Facts = Schemas['FactsDTO'];
export type Phrase = Schemas['SaidDTO'];
export type Attempt = Schemas['AttemptDTO'];
export type Result = Schemas['ResultDTO'];
export type Note = Schemas['ReviewNoteDTO'];
export type PeerTake = Schemas['PeerTakeDTO'];
export type Step = Schemas['TrailStepDTO'];
