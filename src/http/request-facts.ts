/** Facts about one request, collected on the way and written as one line when it is over. */
export interface RequestFacts {
  pool?: string;
  identifier?: string;
  container?: string;
  newSession?: boolean;
  allocationMs?: number;
  /** HTTP status of the answer; absent when the caller left before there was one. */
  status?: number;
  /** Why the answer is an error, for the person who reads the log. */
  error?: string;
  hint?: string;
  [fact: string]: string | number | boolean | undefined;
}
