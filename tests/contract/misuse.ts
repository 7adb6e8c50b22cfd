// The types bind. Each line below must fail to compile: where it compiles, tsc reports the @ts-expect-error as unused.

import type * as api from "./api";

// @ts-expect-error a misspelt field
export const misspelt = (instance: api.Instance) => instance.currentStep;

// @ts-expect-error what may be null is not a number
export const step = (instance: api.Instance): number => instance.current_step;

// @ts-expect-error an action that there is not
export const unknown: api.TransitionRequest = { action: "finish", step: 1 };

// @ts-expect-error a target, where nothing is sent back
export const astray: api.TransitionRequest = { action: "claim", step: 1, to_step: 1 };

// @ts-expect-error a file given as text
export const text: api.UploadDocumentData["body"] = { slot: "draf_tim", file: "isi" };
